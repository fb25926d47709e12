import type { StopRecord } from "#core/stop.ts";

import type { RepositoryContext } from "./repository-context.ts";

/** What is remembered of a repository's dashboard issue: a cache, the issue itself is the truth. */
export function rememberStops({ deps: { facts }, job }: Pick<RepositoryContext, "deps" | "job">) {
  const issue = `stops/${job.repository}/issue`;
  const record = `stops/${job.repository}/record`;
  return {
    /** Number of the dashboard issue; null where it has not been looked for yet. */
    dashboard: (): Promise<number | null> => facts.get<number>(issue),
    /** The first one found stands, whoever else opens another at the same time. */
    keepDashboard: async (number: number): Promise<number> =>
      (await facts.update<number>(issue, (known) => (known === null ? number : undefined))) ??
      number,
    dropDashboard: (): Promise<void> => facts.delete([issue]),
    /** What people stopped, as plain JSON (`core/stop.ts` reads it); null: the dashboard has not been read. */
    stops: (): Promise<unknown> => facts.get(record),
    /** `change` sees what stands there, and gives the new record, or undefined to leave it. */
    changeStops: async (change: (known: unknown) => StopRecord | undefined): Promise<void> => {
      await facts.update<unknown>(record, change);
    },
  };
}
