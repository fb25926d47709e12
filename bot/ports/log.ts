/** Structured log. `message` is a constant; what varies goes into the fields (`bot/README.md` names them). */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Log;
}

/** Opens a span around work; its errors are recorded, its parent is the active span. */
export interface Tracer {
  span<T>(
    name: string,
    attributes: Readonly<Record<string, string | number>>,
    work: () => Promise<T>,
  ): Promise<T>;
  /** The active span's W3C `traceparent`, for a job that continues it. */
  traceparent(): string | undefined;
  /** Runs work as a continuation of a span that another process or job opened. */
  continue<T>(traceparent: string | undefined, work: () => Promise<T>): Promise<T>;
}
