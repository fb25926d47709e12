import type { Clock } from "#ports/clock.ts";

/**
 * One answer for all who ask within `forMs`: a call under way is joined, a young answer is given again, a failure is
 * not kept. Who gives up early does not end it for the others.
 */
export function shareForAWhile<T>(
  clock: Clock,
  forMs: number,
  ask: () => Promise<T>,
): (signal?: AbortSignal) => Promise<T> {
  let last: { readonly at: number; readonly answer: Promise<T> } | null = null;

  return (signal) => {
    signal?.throwIfAborted();
    const now = clock.now().getTime();
    if (last === null || now - last.at >= forMs || now < last.at) {
      const answer = ask();
      const mine = { at: now, answer };
      last = mine;
      answer.catch(() => {
        if (last === mine) last = null;
      });
    }
    return signal === undefined ? last.answer : orAborted(last.answer, signal);
  };
}

function orAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
    void answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
