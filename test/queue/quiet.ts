import type { QueueDeps } from "#adapters/bullmq/open-queue.ts";
import type { Log, Tracer } from "#ports/log.ts";
import type { Meter } from "#ports/meter.ts";

export type Counted = { readonly name: string; readonly labels: Readonly<Record<string, string>> };

/** What the queue needs beside a backend: a log and a meter that remember, and no spans. */
export function quietDeps(): QueueDeps & { lines: object[]; counted: Counted[] } {
  const lines: object[] = [];
  const counted: Counted[] = [];
  const write = (fields: object, message: string): void => {
    lines.push({ ...fields, message });
  };
  const log: Log = {
    debug: () => undefined,
    info: write,
    warn: write,
    error: write,
    child: () => log,
  };
  const meter: Meter = {
    count: (name, labels) => void counted.push({ name, labels }),
    observe: () => undefined,
    set: () => undefined,
    reset: () => undefined,
  };
  const tracer: Tracer = {
    span: (_name, _attributes, work) => work(),
    traceparent: () => undefined,
    continue: (_traceparent, work) => work(),
  };
  return { log, meter, tracer, redact: (text) => text.replaceAll("s3cret", "***"), lines, counted };
}
