import type { Application } from "./application.ts";

/** What a watcher can tell of one state; the sequence of distinct ones is the data two servers are compared by. */
export type Tuple = {
  operation: boolean;
  phase: string | null;
  finished: boolean;
  sync: string;
  health: string | null;
  revisionChanged: boolean;
  reconciled: boolean;
  images: number;
};

export function tuplesOf(applications: Application[]): Tuple[] {
  const tuples: Tuple[] = [];
  const first = applications[0];
  for (const app of applications) {
    const { status } = app;
    const revision = (seen: Application | undefined) =>
      JSON.stringify([seen?.status.sync.revision, seen?.status.sync.revisions]);
    const tuple: Tuple = {
      operation: app.operation !== undefined,
      phase: status.operationState?.phase ?? null,
      finished: status.operationState?.finishedAt !== undefined,
      sync: status.sync.status,
      health: status.health.status ?? null,
      revisionChanged: revision(app) !== revision(first),
      reconciled: status.reconciledAt !== first?.status.reconciledAt,
      images: status.summary.images?.length ?? 0,
    };
    if (JSON.stringify(tuple) !== JSON.stringify(tuples.at(-1))) tuples.push(tuple);
  }
  return tuples;
}

/** The rules that hold for any operation, on any server (facts A7). */
export function brokenRules(tuples: Tuple[]): string[] {
  const broken: string[] = [];
  const index = (holds: (tuple: Tuple) => boolean) => tuples.findIndex(holds);
  const requested = index((tuple) => tuple.operation && tuple.phase === null);
  const running = index((tuple) => tuple.phase === "Running");
  const done = tuples.findLastIndex((tuple) => !tuple.operation && tuple.finished);
  if (requested < 0) broken.push("no state with an operation and no operationState");
  if (running >= 0 && running < requested) broken.push("Running before the request");
  if (done < requested) broken.push("no finished operation after the request");
  for (const tuple of tuples) {
    const completed = ["Succeeded", "Failed", "Error"].includes(tuple.phase ?? "");
    if (tuple.operation && completed) broken.push(`an operation is set at ${tuple.phase}`);
    if (!tuple.operation && tuple.phase === "Running") broken.push("Running without an operation");
  }
  return broken;
}
