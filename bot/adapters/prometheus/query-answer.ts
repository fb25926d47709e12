import { z } from "zod";

import { cutChars } from "#core/inert.ts";
import type { Measurement } from "#core/measurement.ts";

type Nothing = Extract<Measurement, { kind: "nothing" }>;

/** A moment in seconds, and a number as text: `NaN` and `+Inf` are no JSON. */
const sample = z.tuple([z.number(), z.string()]);

const success = z.object({
  status: z.literal("success"),
  data: z.discriminatedUnion("resultType", [
    z.object({ resultType: z.literal("scalar"), result: sample }),
    z.object({
      resultType: z.literal("vector"),
      // A native histogram has no `value`.
      result: z.array(z.object({ value: sample.optional() })),
    }),
    z.object({ resultType: z.enum(["matrix", "string"]) }),
  ]),
  /** Of answers that are not whole, as where part of a federation is silent. `infos` are only advice. */
  warnings: z.array(z.string()).optional(),
});

const failure = z.object({
  status: z.literal("error"),
  errorType: z.string(),
  error: z.string(),
});

/** What an answer of `/api/v1/query` means: one finite number, or why it is none. */
export function readAnswer(
  status: number,
  text: string,
  redact: (text: string) => string,
): Measurement {
  if (status === 401 || status === 403) return refused(status);
  const body = parseJson(text);
  const failed = failure.safeParse(body);
  if (failed.success) return queryFailed(failed.data, redact);
  const read = success.safeParse(body);
  if (status !== 200 || !read.success) return strange(status);
  const { data, warnings = [] } = read.data;
  const [warning] = warnings;
  if (warning !== undefined) {
    return nothing(
      "not-whole",
      `Prometheus warns that its answer is not whole: ${quote(redact(warning))}.`,
      "Mend what it names, or write the query so that Prometheus has nothing to warn of.",
    );
  }
  if (data.resultType === "scalar") return toNumber(data.result[1]);
  if (data.resultType !== "vector") {
    return nothing(
      "no-number",
      `The query gives a ${data.resultType}, not a number.`,
      "Take the range out of its end, or put a function as `avg_over_time(…)` around it.",
    );
  }
  const [only, ...more] = data.result;
  if (only === undefined) {
    return nothing(
      "no-data",
      "The query finds no data.",
      "Compare its names and labels with what is scraped; `… or vector(0)` says that nothing means 0.",
    );
  }
  if (more.length > 0) {
    return nothing(
      "several-series",
      `The query gives ${data.result.length} numbers instead of one.`,
      "Put `sum(…)`, `max(…)` or `avg(…)` around it.",
    );
  }
  if (only.value === undefined) {
    return nothing(
      "no-number",
      "The query gives a histogram, not a number.",
      "Put `histogram_quantile(…)` around it.",
    );
  }
  return toNumber(only.value[1]);
}

function toNumber(text: string): Measurement {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return { kind: "value", value };
  return nothing(
    "not-a-number",
    `The query gives ${quote(text)}, which is no number that could be compared.`,
    "Most often it divides by zero: see that what it divides by is there.",
  );
}

function refused(status: number): Nothing {
  return nothing(
    "refused",
    `Prometheus refuses Sluice (${status}).`,
    "Write credentials into PROMETHEUS_URL, as user:password@ or :token@ before the host.",
  );
}

/** 503: it is starting or overloaded; everything else is said of the query. */
function queryFailed(
  { errorType, error }: z.infer<typeof failure>,
  redact: (text: string) => string,
): Nothing {
  return nothing(
    "query-failed",
    `Prometheus could not answer (${quote(errorType)}): ${quote(redact(error))}.`,
    errorType === "bad_data"
      ? "Mend the query in the policy."
      : "Sluice asks every minute; if this stays so, look at Prometheus and at what the query costs.",
  );
}

function strange(status: number): Nothing {
  return nothing(
    "strange-answer",
    `What answers as Prometheus does not speak its API (${status}).`,
    "Look whether PROMETHEUS_URL is the final address of a Prometheus, its path included.",
  );
}

function nothing(reason: string, sentence: string, remedy: string): Nothing {
  return { kind: "nothing", reason, sentence, remedy };
}

/** Somebody else's words within a sentence of ours. */
function quote(text: string): string {
  return cutChars(text.trim().replace(/\.$/, ""), 200);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
