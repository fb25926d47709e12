import type { DriftCount } from "#core/drift.ts";

import type { RepositoryContext } from "./repository-context.ts";

/** Longer than the longest pause between two looks: what is not looked at any more is not counted any more. */
const keptForMs = 2 * 24 * 60 * 60_000;

const kinds = ["missing", "drifted", "behind"] as const;

type Measured = Readonly<
  Record<string, Readonly<Record<(typeof kinds)[number], number>> & { readonly lagSeconds: number }>
>;

/** What is not as Git wants it, over all repositories that this bot serves: counts add up, of lags the longest counts. */
export async function measureDrift(
  { deps: { facts, meter }, job }: RepositoryContext,
  seen: ReadonlyMap<string, { readonly drift: DriftCount; readonly lagSeconds: number }>,
): Promise<void> {
  const own: Measured = Object.fromEntries(
    [...seen].map(([environment, { drift, lagSeconds }]) => [
      environment,
      {
        missing: drift.missing.length,
        drifted: drift.drifted.length,
        behind: drift.behind.length,
        lagSeconds,
      },
    ]),
  );
  await facts.set(`measured-drift/${job.repository}`, own, { ttlMs: keptForMs });
  const all = [...(await facts.list<Measured>("measured-drift/")).values()];
  for (const environment of new Set(all.flatMap((one) => Object.keys(one)))) {
    const there = all.flatMap((one) => one[environment] ?? []);
    for (const kind of kinds)
      meter.set(
        "drifted_targets",
        { environment, kind },
        there.reduce((total, one) => total + one[kind], 0),
      );
    meter.set("lag_seconds", { environment }, Math.max(...there.map((one) => one.lagSeconds)));
  }
}
