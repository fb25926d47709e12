import { destination, pino, stdTimeFunctions } from "pino";
import type { DestinationStream, Logger } from "pino";

import type { Log } from "#ports/log.ts";

import { describeError } from "./describe-error.ts";

export type LogSettings = {
  readonly level: string;
  readonly redact: (text: string) => string;
  /** Joins every line: `trace_id` of the active span. */
  readonly context?: () => Readonly<Record<string, string>>;
  /** Where lines go; standard output by default. */
  readonly write?: (line: string) => void;
};

/**
 * JSON lines. Secrets are taken out of the finished line, so that none gets by: not in a message, not in a field, not
 * in a name, not in an error of a library.
 */
export function createPinoLog(settings: LogSettings): Log {
  const target: DestinationStream =
    settings.write === undefined ? destination({ dest: 1, sync: true }) : { write: settings.write };
  const logger = pino(
    {
      level: settings.level,
      base: null,
      messageKey: "message",
      timestamp: stdTimeFunctions.isoTime,
      // Pino's own would copy every property that a library hung on an error.
      serializers: { err: (value: unknown) => value },
      formatters: { level: (label) => ({ level: label }), log: describeFields },
      ...(settings.context === undefined ? {} : { mixin: settings.context }),
    },
    { write: (line: string) => target.write(`${settings.redact(line.trimEnd())}\n`) },
  );
  return wrap(logger);
}

function wrap(logger: Logger): Log {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields) => wrap(logger.child(describeFields({ ...fields }))),
  };
}

function describeFields(fields: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(fields).map(([name, value]) => [
    name,
    value instanceof Error ? describeError(value) : value,
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}
