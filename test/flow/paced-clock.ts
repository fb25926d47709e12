import type { Clock } from "../simulators/argocd/scheduler.ts";

/** Simulated milliseconds that pass in one turn, and the real ones that a turn takes at least. */
const turn = { simulated: 100, real: 2 };

export type PacedClock = Clock & {
  sleep(ms: number): Promise<void>;
  /** From now on time stands still while more programs run than do now: somebody waits for their answers. */
  standForPrograms(): void;
  stop(): void;
};

/**
 * Time that passes in turns of this process's own event loop, not by the wall clock: a machine that is busy with other
 * things makes it slow, and nothing has to catch up. Timers fire in order, each at its very moment.
 */
export function startPacedClock(): PacedClock {
  let now = Date.now();
  let most = Infinity;
  let count = 0;
  const timers = new Map<number, { readonly at: number; readonly callback: () => void }>();

  function setTimer(callback: () => void, ms: number): number {
    count += 1;
    timers.set(count, { at: now + ms, callback });
    return count;
  }
  function passTo(end: number): void {
    for (;;) {
      const [first] = [...timers].toSorted((one, other) => one[1].at - other[1].at);
      if (first === undefined || first[1].at > end) break;
      timers.delete(first[0]);
      now = Math.max(now, first[1].at);
      first[1].callback();
    }
    now = end;
  }
  const loop = setInterval(() => {
    if (programs() <= most) passTo(now + turn.simulated);
  }, turn.real);

  return {
    now: () => now,
    setTimer,
    clearTimer: (timer) => void timers.delete(timer as number),
    sleep: (ms) =>
      new Promise((resolve) => {
        setTimer(resolve, ms);
      }),
    standForPrograms: () => {
      most = programs();
    },
    stop: () => clearInterval(loop),
  };
}

function programs(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === "ProcessWrap").length;
}
