import { reconcile } from "./reconcile.ts";
import type { Level, World } from "./world.ts";
import { background } from "./world.ts";

const STATUS_WORKERS = 20;

export type RefreshQueue = { request(app: string, level: Level): void };

/**
 * The controller's work queue: one comparison of an application at a time, requests made meanwhile
 * collapse into one more at the highest level asked for; twenty workers for all.
 */
export function createRefreshQueue(world: () => World): RefreshQueue {
  const waiting: string[] = [];
  let busy = 0;

  function request(name: string, level: Level): void {
    const state = world().states.get(name);
    if (state === undefined) return;
    const queued = state.pendingLevel >= 0;
    state.pendingLevel = Math.max(state.pendingLevel, level);
    if (queued || state.comparing) return;
    world().scheduler.after(world().timings.refreshQueueWait, () => {
      waiting.push(name);
      pump();
    });
  }

  function pump(): void {
    const { faults, scheduler, timings } = world();
    while (busy < STATUS_WORKERS && waiting.length > 0) {
      const name = waiting.shift()!;
      const state = world().states.get(name);
      if (state === undefined || state.comparing) continue;
      if (faults.backend.controllerDown || faults.backend.shardPaused.has(name)) {
        scheduler.after(timings.refreshQueueWait * 4, () => {
          waiting.push(name);
          pump();
        });
        continue;
      }
      const level = state.pendingLevel as Level;
      state.pendingLevel = -1;
      state.comparing = true;
      busy += 1;
      const work = reconcile(world(), name, level).finally(() => {
        busy -= 1;
        state.comparing = false;
        if (state.pendingLevel >= 0) {
          scheduler.after(timings.refreshQueueWait, () => {
            waiting.push(name);
            pump();
          });
        }
        pump();
      });
      background(world(), `compare ${name}`, work);
    }
  }

  return { request };
}
