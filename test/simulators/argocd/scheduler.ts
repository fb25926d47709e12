/** Where the simulator takes time from; a test may hand in one that it moves by hand. */
export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number;
  setTimer(callback: () => void, ms: number): unknown;
  clearTimer(timer: unknown): void;
};

export type Scheduler = {
  now(): number;
  /** RFC 3339 with one-second precision, cut and not rounded, as metav1.Time prints it. */
  stamp(): string;
  /** Runs once after `ms` of simulated time (divided by the speed); returns the cancel function. */
  after(ms: number, callback: () => void): () => void;
  /** Never settles once the scheduler has stopped. */
  sleep(ms: number): Promise<void>;
  setSpeed(speed: number): void;
  /** Moves the wall clock only, as a clock jump on the host does. */
  jump(ms: number): void;
  readonly speed: number;
  readonly stopped: boolean;
  stop(): void;
};

export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    setTimer: (callback, ms) => setTimeout(callback, ms),
    clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
  };
}

export function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

export function createScheduler(clock: Clock, initialSpeed: number): Scheduler {
  const timers = new Set<unknown>();
  let speed = initialSpeed;
  let offset = 0;
  let stopped = false;

  function after(ms: number, callback: () => void): () => void {
    if (stopped) return () => undefined;
    const timer = clock.setTimer(() => {
      timers.delete(timer);
      if (!stopped) callback();
    }, ms / speed);
    timers.add(timer);
    return () => {
      timers.delete(timer);
      clock.clearTimer(timer);
    };
  }

  const now = () => clock.now() + offset;
  return {
    now,
    stamp: () => formatTime(now()),
    after,
    sleep: (ms) =>
      new Promise((resolve) => {
        after(ms, resolve);
      }),
    setSpeed(value) {
      if (!(value > 0)) throw new RangeError("speed must be above 0");
      speed = value;
    },
    jump(ms) {
      offset += ms;
    },
    get speed() {
      return speed;
    },
    get stopped() {
      return stopped;
    },
    stop() {
      stopped = true;
      for (const timer of timers) clock.clearTimer(timer);
      timers.clear();
    },
  };
}
