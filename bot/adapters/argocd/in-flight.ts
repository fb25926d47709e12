/** Runs work, at most so many at a time, first come first served. */
export type Lanes = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

/**
 * `width` lanes. Who had to wait starts up to `jitterMs` late, so that a thousand applications do not reach Argo CD's
 * controller in step.
 */
export function openLanes(width: number, jitterMs: number, random: () => number): Lanes {
  const waiting: (() => void)[] = [];
  let free = width;

  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else if (jitterMs === 0) next();
    else setTimeout(next, random() * jitterMs);
  }

  return async (work, signal) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      signal?.throwIfAborted();
      return await work();
    } finally {
      leave();
    }
  };
}
