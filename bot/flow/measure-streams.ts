import { sameArtifact } from "#core/artifact.ts";
import { freezesInForce, type Freeze } from "#core/freeze.ts";
import type { Plan, StreamState } from "#core/plan-types.ts";
import { streamKey } from "#core/target.ts";
import type { Verdict } from "#core/verdict.ts";

import type { RepositoryContext } from "./repository-context.ts";

/** Longer than the longest pause between two looks: what is not looked at any more is not counted any more. */
const keptForMs = 2 * 24 * 60 * 60_000;

/** What `promotions_total` counts by. */
const promotionResults: readonly ("opened" | "merged" | Verdict["result"])[] = [
  "opened",
  "merged",
  "verified",
  "failed",
  "timed-out",
  "superseded",
];

type Measured = {
  readonly targets: Readonly<Record<string, number>>;
  readonly blocked: Readonly<Record<string, number>>;
  /** By environment: 1 while it is frozen. */
  readonly frozen?: Readonly<Record<string, number>>;
};

/** Counts targets by state and promotions by the gate that blocks them, over all repositories that this bot serves. */
export async function measureStreams(
  context: RepositoryContext,
  states: readonly StreamState[],
  plan: Plan,
  freezes: readonly Freeze[],
): Promise<void> {
  const { facts, meter } = context.deps;
  const key = `measured/${context.job.repository}`;
  const frozen = measureFreezes(context.now, states, freezes);
  await facts.set(key, { ...measure(states, plan), frozen }, { ttlMs: keptForMs });
  const all = [...(await facts.list<Measured>("measured/")).values()];
  // Of environments of one name, one that is frozen is enough.
  meter.reset("freeze_active");
  for (const [environment, count] of sum(all.map((one) => one.frozen ?? {})))
    meter.set("freeze_active", { environment }, Math.min(count, 1));
  // A counter that begins at 1 has no increase: the first promotion after each start would be lost to every figure.
  for (const environment of new Set(states.map(({ stream }) => stream.environment)))
    for (const result of promotionResults)
      meter.count("promotions_total", { environment, result }, 0);
  meter.reset("targets");
  for (const [environmentAndState, value] of sum(all.map((one) => one.targets))) {
    const [environment = "", state = ""] = environmentAndState.split(" ");
    meter.set("targets", { environment, state }, value);
  }
  meter.reset("gate_blocked_promotions");
  for (const [environmentAndGate, value] of sum(all.map((one) => one.blocked))) {
    const [environment = "", gate = ""] = environmentAndGate.split(" ");
    meter.set("gate_blocked_promotions", { environment, gate }, value);
  }
}

function measure(states: readonly StreamState[], plan: Plan): Measured {
  const targets: Record<string, number> = {};
  const blocked: Record<string, number> = {};
  const add = (counts: Record<string, number>, key: string) => {
    counts[key] = (counts[key] ?? 0) + 1;
  };
  const promoted = new Map(plan.streams.map((one) => [streamKey(one.stream), one.promotion]));
  for (const state of states) {
    const { environment } = state.stream;
    for (const { target, desired } of state.targets)
      add(targets, `${environment} ${stateOf(state, target.tenant, desired)}`);
    for (const { stays } of state.staying ?? [])
      add(targets, `${environment} ${stays?.kind ?? "pinned"}`);
    const promotion = promoted.get(streamKey(state.stream));
    if (promotion?.kind !== "promote") continue;
    for (const gate of promotion.gates)
      if (gate.status === "pending" || gate.status === "failed")
        add(blocked, `${environment} ${gate.gate}`);
  }
  return { targets, blocked };
}

function measureFreezes(
  now: Date,
  states: readonly StreamState[],
  freezes: readonly Freeze[],
): Readonly<Record<string, number>> {
  const environments = new Set(states.map(({ stream }) => stream.environment));
  return Object.fromEntries(
    [...environments].map((name) => [name, freezesInForce(freezes, name, now).length > 0 ? 1 : 0]),
  );
}

function stateOf(
  state: StreamState,
  tenant: string,
  desired: StreamState["targets"][number]["desired"],
): string {
  if (desired.kind === "refused") return "refused";
  const verdict = state.verdicts.find((one) => sameArtifact(one.artifact, desired.artifact));
  if (verdict?.failures?.includes(tenant) === true) return "failed";
  return verdict?.result ?? "rolling-out";
}

function sum(counts: readonly Readonly<Record<string, number>>[]): ReadonlyMap<string, number> {
  const total = new Map<string, number>();
  for (const one of counts)
    for (const [key, value] of Object.entries(one)) total.set(key, (total.get(key) ?? 0) + value);
  return total;
}
