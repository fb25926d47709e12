import type { z } from "zod";

import { didYouMean, quoted } from "./nearest.ts";
import type { Finding, PathPart } from "./policy-document.ts";

/** What the schema has to say, in sentences with a remedy: one finding a fault, unions reduced to what was meant. */
export function findingsOf(issues: readonly z.core.$ZodIssue[]): Finding[] {
  return issues.flatMap((issue) => findingsOfIssue(issue, []));
}

function findingsOfIssue(issue: z.core.$ZodIssue, base: readonly PathPart[]): Finding[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === "symbol" ? "" : part))];
  if (issue.code === "unrecognized_keys") {
    const sentences = issue.message.split("\n");
    return issue.keys.map((key, index) => ({
      path: [...path, key],
      sentence: sentences[index] ?? `unknown key ${quoted(key)}`,
    }));
  }
  if (issue.code === "invalid_union") {
    const meant = issue.errors.find((errors) => !errors.some(isWrongShape));
    if (meant !== undefined) return meant.flatMap((error) => findingsOfIssue(error, path));
    const shapes = issue.errors.flat().filter(isWrongShape).map(expectedOf);
    return [{ path, sentence: `${actual(issue.input)}: write ${shapes.join(" or ")}` }];
  }
  return [{ path, sentence: sentenceOf(issue) }];
}

function sentenceOf(issue: z.core.$ZodIssue): string {
  const { input } = issue;
  if (input === undefined && issue.code !== "custom") return `missing: ${remedyOf(issue)}`;
  if (issue.code === "invalid_type") return `${actual(input)}: ${remedyOf(issue)}`;
  if (issue.code === "invalid_format") return `${quoted(textOf(input))} is ${issue.message}`;
  if (issue.code === "too_small" && input === "") return "is empty: write it or remove the key";
  if (issue.code === "too_small") return `too small: ${boundOf(issue)}`;
  if (issue.code === "too_big") return `too large: ${boundOf(issue)}`;
  if (issue.code !== "invalid_value" || issue.values.length === 1) return issue.message;
  if (typeof input !== "string") return `${actual(input)}: ${remedyOf(issue)}`;
  const meant = didYouMean(input, issue.values.map(String));
  return `${quoted(input)} is unknown${meant === "" ? `: ${remedyOf(issue)}` : meant}`;
}

function textOf(input: unknown): string {
  return typeof input === "string" ? input : "";
}

function boundOf(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const [word, bound] =
    issue.code === "too_small" ? ["at least", issue.minimum] : ["at most", issue.maximum];
  return issue.origin === "array" ? `write ${word} ${bound} of them` : `write ${word} ${bound}`;
}

function remedyOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") {
    // A message of the schema's own says more than the type does.
    return issue.message.startsWith("Invalid input") ? `write ${expectedOf(issue)}` : issue.message;
  }
  if (issue.code !== "invalid_value") return issue.message;
  if (issue.values.length === 1) return issue.message;
  return `write one of ${issue.values.map(String).join(", ")}`;
}

function isWrongShape(issue: z.core.$ZodIssue): boolean {
  return issue.code === "invalid_type" && issue.path.length === 0;
}

const shapes: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: 'a list ("- …" or "[…]")',
  object: "keys with values",
  record: "names with what belongs to each",
};

function expectedOf(issue: z.core.$ZodIssue): string {
  return issue.code === "invalid_type" ? (shapes[issue.expected] ?? issue.expected) : "";
}

/** What stands there, for a person. */
function actual(input: unknown): string {
  if (input === null || input === undefined) return "is empty";
  if (Array.isArray(input)) return "is a list";
  if (typeof input === "object") return "is a mapping";
  if (typeof input === "string") return `${quoted(input)} is a text`;
  const kind = typeof input === "number" ? "a number" : "true or false";
  return `${quoted(JSON.stringify(input))} is ${kind}`;
}
