import type { HistoryEntry, Operation, SyncResult } from "./application.ts";
import type { World } from "./world.ts";

const KEEP = 10;

/** Appended before the operation is marked Succeeded (controller/sync.go:408); never for partial syncs and dry runs. */
export function recordHistory(
  world: World,
  name: string,
  operation: Operation,
  result: SyncResult,
  startedAt: string,
): void {
  world.store.patch(name, "history appended", (app) => {
    const history = app.status.history ?? [];
    const entry: HistoryEntry = {
      id: (history.at(-1)?.id ?? -1) + 1,
      ...(result.revisions === undefined
        ? { revision: result.revision }
        : { revisions: result.revisions }),
      deployedAt: world.scheduler.stamp(),
      deployStartedAt: startedAt,
      source: result.source,
      ...(result.sources === undefined ? {} : { sources: result.sources }),
      initiatedBy: operation.initiatedBy,
    };
    app.status.history = [...history, entry].slice(-KEEP);
  });
}
