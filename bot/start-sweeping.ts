import { setTimeout as pause } from "node:timers/promises";

import { handledEvents } from "#adapters/github/handled-events.ts";
import { messageOf } from "#core/error.ts";
import type { Deps } from "#flow/deps.ts";
import { sweep } from "#flow/sweep.ts";

/**
 * The timer belongs to the process: schedulers vanish with the queue. The first sweep is at once, so that what was
 * missed while Sluice was away is not missed for another interval.
 */
export function startSweeping(deps: Deps, intervalMs: number): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const { signal } = stopped;
  const handled = new Set<string>(Object.keys(handledEvents));

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const failed = await sweepOnce();
      // An outage at start must not cost a whole interval.
      await pause(failed ? Math.min(intervalMs, 10_000) : intervalMs, undefined, { signal });
    }
  }

  async function sweepOnce(): Promise<boolean> {
    try {
      await sweep(deps, handled, signal);
      return false;
    } catch (error) {
      if (!signal.aborted) deps.log.warn({ error: messageOf(error) }, "sweep failed");
      return true;
    }
  }

  const running = run().catch(() => undefined);
  return {
    stop: async () => {
      stopped.abort();
      await running;
    },
  };
}
