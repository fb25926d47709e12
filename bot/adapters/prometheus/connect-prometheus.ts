import type { Measurement } from "#core/measurement.ts";
import type { Log, Tracer } from "#ports/log.ts";
import type { Measurements } from "#ports/measurements.ts";

import { readAnswer } from "./query-answer.ts";

export type PrometheusSettings = {
  /** With credentials before the host where it wants any; null: none is configured. */
  readonly url: string | null;
  readonly log: Log;
  readonly tracer: Tracer;
  /** What an answer says may repeat a secret. */
  readonly redact: (text: string) => string;
  /** Milliseconds; tests only. */
  readonly deadlineMs?: number;
};

type Nothing = Extract<Measurement, { kind: "nothing" }>;

/** A vector of one number is some hundred bytes; what is larger is not what was asked for. */
const mostBytes = 1024 * 1024;

/**
 * Asks a Prometheus, or whatever speaks its HTTP API (`POST /api/v1/query`), for one number as of now. Tried once: a
 * gate looks again every minute.
 */
export function connectPrometheus(settings: PrometheusSettings): Measurements {
  const { log, tracer, redact } = settings;
  if (settings.url === null) return { measure: async () => notConfigured };
  const { address, authorization } = split(settings.url);
  const deadlineMs = settings.deadlineMs ?? 10_000;

  async function ask(query: string, signal: AbortSignal | undefined): Promise<Measurement> {
    const deadline = AbortSignal.timeout(deadlineMs);
    try {
      const response = await fetch(address, {
        method: "POST",
        headers: { accept: "application/json", ...authorization },
        body: new URLSearchParams({ query }),
        redirect: "manual",
        signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      });
      const text = await readText(response);
      return text === null ? tooLarge : readAnswer(response.status, text, redact);
    } catch (error) {
      signal?.throwIfAborted();
      return unreachable(
        deadline.aborted
          ? `did not answer within ${deadlineMs / 1000} s`
          : `cannot be reached (${codeOf(error)})`,
      );
    }
  }

  return {
    measure: (query, signal) =>
      tracer.span("prometheus query", {}, async () => {
        const measurement = await ask(query, signal);
        if (measurement.kind === "nothing")
          log.info({ reason: measurement.reason, why: measurement.sentence }, "nothing measured");
        return measurement;
      }),
  };
}

/** `fetch` refuses an address with credentials, and no message may hold them: they become a header at once. */
function split(url: string): {
  address: URL;
  authorization: Readonly<Record<string, string>>;
} {
  const address = new URL(`${url.replace(/\/+$/, "")}/api/v1/query`);
  const [user, password] = [address.username, address.password].map(decodeURIComponent);
  address.username = "";
  address.password = "";
  if (password === undefined || password === "") return { address, authorization: {} };
  const value =
    user === "" || user === undefined
      ? `Bearer ${password}`
      : `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  return { address, authorization: { authorization: value } };
}

/** Null where there is more of it than anybody asked for. */
async function readText(response: Response): Promise<string | null> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.byteLength;
    if (bytes > mostBytes) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** `fetch` hides what happened in the cause: `ECONNREFUSED`, a certificate, a name that does not resolve. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && "code" in cause) return String(cause.code);
  return error instanceof Error ? error.name : "unknown error";
}

function unreachable(what: string): Nothing {
  return {
    kind: "nothing",
    reason: "unreachable",
    sentence: `Prometheus ${what}.`,
    remedy:
      "Look whether it runs and whether PROMETHEUS_URL is its address; Sluice asks every minute.",
  };
}

const notConfigured: Nothing = {
  kind: "nothing",
  reason: "not-configured",
  sentence: "No Prometheus is configured.",
  remedy: "Set PROMETHEUS_URL where Sluice runs, or take the gate out of the policy.",
};

const tooLarge: Nothing = {
  kind: "nothing",
  reason: "too-large",
  sentence: "Prometheus answered with more than 1 MiB.",
  remedy: "Have the query give one number, as `sum(…)` does.",
};
