/** The clock that all programs of a stage share. */
export type Pace = {
  /** How many of its seconds pass in one real second. */
  readonly factor: number;
  now(): Date;
  /** What a program of the stage needs in its environment. */
  readonly environment: Readonly<Record<string, string>>;
};

/** `factor` 1 is real time, and nothing is put in anybody's way. */
export function startPace(factor: number): Pace {
  const epoch = Date.now();
  const preload = new URL("quick-time.ts", import.meta.url).href;
  return {
    factor,
    now: () => new Date(epoch + (Date.now() - epoch) * factor),
    environment:
      factor === 1
        ? {}
        : {
            NODE_OPTIONS: `--import=${preload}`,
            STAGE_PACE: String(factor),
            STAGE_EPOCH: String(epoch),
          },
  };
}
