/**
 * A fault: our machinery, or a system we call, broke. Expected outcomes are unions, never faults.
 *
 * `code` is stable and short (`github.unavailable`); `retryable` says whether trying again later can help;
 * `retryAt`, where the other side named it, is the first moment at which another try is allowed.
 */
export class Fault extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAt: Date | null;

  constructor(
    code: string,
    message: string,
    options: { retryable: boolean; retryAt?: Date | null; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "Fault";
    this.code = code;
    this.retryable = options.retryable;
    this.retryAt = options.retryAt ?? null;
  }
}

/** The sentence of anything that was thrown, without stack or secrets of its cause. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Of several errors the one to throw: while one of them may pass by itself, trying again is worth it. */
export function mostHopeful(errors: readonly unknown[]): unknown {
  const faults = errors.filter((error) => error instanceof Fault);
  return (
    faults.find((fault) => fault.retryAt !== null) ??
    faults.find((fault) => fault.retryable) ??
    errors[0]
  );
}
