import type { Tick } from "#core/dashboard-tick.ts";
import type { StopRecord } from "#core/stop.ts";

import type { RepositoryContext } from "./repository-context.ts";

/** Boxes of the dashboard by the id of what they do. */
export type TicksFact = {
  /** Answered since the dashboard was written last. */
  readonly heard: readonly string[];
  /** Found ticked when it was written, without a word of it; ISO 8601. */
  readonly unheard: readonly { readonly tick: Tick; readonly at: string }[];
};

/** What is remembered of a repository's dashboard issue: a cache, the issue itself is the truth. */
export function rememberStops({ deps: { facts }, job }: Pick<RepositoryContext, "deps" | "job">) {
  const issue = `stops/${job.repository}/issue`;
  const record = `stops/${job.repository}/record`;
  const ticks = `stops/${job.repository}/ticks`;
  return {
    /** Number of the dashboard issue; null where it has not been looked for yet. */
    dashboard: (): Promise<number | null> => facts.get<number>(issue),
    /** The first one found stands, whoever else opens another at the same time. */
    keepDashboard: async (number: number): Promise<number> =>
      (await facts.update<number>(issue, (known) => (known === null ? number : undefined))) ??
      number,
    dropDashboard: (): Promise<void> => facts.delete([issue]),
    /** What became of ticks; null: nothing is known. */
    ticks: (): Promise<TicksFact | null> => facts.get<TicksFact>(ticks),
    changeTicks: async (change: (known: TicksFact) => TicksFact): Promise<void> => {
      const none: TicksFact = { heard: [], unheard: [] };
      await facts.update<TicksFact>(ticks, (known) => change(known ?? none));
    },
    /** What people stopped, as plain JSON (`core/stop.ts` reads it); null: the dashboard has not been read. */
    stops: (): Promise<unknown> => facts.get(record),
    /** `change` sees what stands there, and gives the new record, or undefined to leave it. */
    changeStops: async (change: (known: unknown) => StopRecord | undefined): Promise<void> => {
      await facts.update<unknown>(record, change);
    },
  };
}
