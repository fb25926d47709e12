import type { Log } from "#ports/log.ts";

const quietMs = 10_000;

/**
 * While a backend is away every connection and every worker says so, many times a second. One line in ten seconds is
 * enough: it carries how many it stands for, and the rest is left to `debug`.
 */
export function steadyWarning(
  log: Log,
  message: string,
): (error: unknown, fields?: object) => void {
  let saidAt = Number.NEGATIVE_INFINITY;
  let unsaid = 0;
  return (error, fields = {}) => {
    const now = performance.now();
    if (now - saidAt < quietMs) {
      unsaid += 1;
      log.debug({ ...fields, err: error }, message);
      return;
    }
    log.warn({ ...fields, err: error, unsaid }, message);
    saidAt = now;
    unsaid = 0;
  };
}
