import { setTimeout as wait } from "node:timers/promises";

import { Fault } from "#core/error.ts";

import type { Step } from "./call.ts";

const attempts = 3;
/** Milliseconds before the second attempt; four times as much before the third. */
const firstPause = 100;

/**
 * Sends a read again when GitHub or the network failed, as long as the time of one read lasts. A write is never sent
 * again: nobody knows what became of the first.
 */
export function retryReads(budgetMs: number): Step {
  return (next) => async (call) => {
    let spent = 0;
    for (let attempt = 1; ; attempt += 1) {
      const started = performance.now();
      try {
        return await next(call);
      } catch (error) {
        spent += performance.now() - started;
        const pause = firstPause * 4 ** (attempt - 1);
        const again = call.repeatable && attempt < attempts && spent + pause < budgetMs;
        if (!again || !(error instanceof Fault) || error.code !== "github.unavailable") throw error;
        await wait(pause, undefined, { signal: call.options.request.signal as AbortSignal });
      }
    }
  };
}
