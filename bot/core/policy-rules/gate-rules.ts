import { formatDuration, parseDuration } from "../duration.ts";
import { budgetPlaceholders, metricPlaceholders, placeholder } from "../measurement.ts";
import { didYouMean, quoted } from "../nearest.ts";
import type { Finding, PathPart } from "../policy-document.ts";
import type { Readable } from "../policy-readable.ts";
import type { WrittenGate } from "../policy-schema.ts";
import { tagPatternProblem } from "../tag-pattern.ts";
import { eachEnvironment, repeated, type Rule } from "./rule.ts";

type GateFinder = (gate: Readable<WrittenGate>, path: readonly PathPart[]) => Iterable<Finding>;

function eachGate(find: GateFinder): Rule {
  return eachEnvironment(function* findInGates({ gates = [] }, path) {
    for (const [index, gate] of gates.entries()) yield* find(gate, [...path, "gates", index]);
  });
}

const windowsAreReal = eachGate(function* windowsAreReal({ window }, path) {
  if (window === undefined) return;
  const many = Array.isArray(window);
  for (const [index, each] of (many ? window : [window]).entries()) {
    const where = many ? [...path, "window", index] : [...path, "window"];
    const {
      timezone,
      days = [],
      from,
      to,
    } = each as Readable<{
      timezone: string;
      days: string[];
      from: string;
      to: string;
    }>;
    if (timezone !== undefined && !isTimezone(timezone)) {
      const sentence = `${quoted(timezone)} is no time zone: write its IANA name, as in "Europe/Berlin"`;
      yield { path: [...where, "timezone"], sentence };
    }
    if (from !== undefined && from === to) {
      yield {
        path: [...where, "to"],
        sentence: "the window ends when it begins: write another time",
      };
    }
    for (const { index: at, item } of repeated(days)) {
      yield { path: [...where, "days", at], sentence: `${quoted(item)} is named twice: keep one` };
    }
  }
});

export function isTimezone(name: string): boolean {
  try {
    // Offsets such as "+01:00" are accepted by the constructor, but know no daylight saving.
    return (
      new Intl.DateTimeFormat("en", { timeZone: name }).format(0) !== "" && /^[A-Z]/i.test(name)
    );
  } catch {
    return false;
  }
}

const metricsHaveABound = eachGate(function* metricsHaveABound({ metric }, path) {
  if (metric === undefined) return;
  if (!("max" in metric) && !("min" in metric)) {
    const sentence = 'the metric has no bound: write "max" or "min"';
    yield { path: [...path, "metric"], sentence };
  } else if (metric.max !== undefined && metric.min !== undefined && metric.min > metric.max) {
    yield {
      path: [...path, "metric", "min"],
      sentence: 'no number fulfils it: "min" is above "max"',
    };
  }
});

const metricsHaveAnUpstream = eachEnvironment(function* metricsHaveAnUpstream(
  { gates = [] },
  path,
  index,
) {
  if (index > 0) return;
  for (const [at, { metric, load }] of gates.entries()) {
    if (load !== undefined) {
      const sentence =
        "there is no environment before the first, so there is nothing to drive: give the gate to the next one";
      yield { path: [...path, "gates", at, "load"], sentence };
    }
    if (metric === undefined || metric.over === "ring") continue;
    const sentence =
      "there is no environment before the first, so there is nothing to measure: give the gate to the next one";
    yield { path: [...path, "gates", at, "metric"], sentence };
  }
});

const queriesAreWhole = eachGate(function* queriesAreWhole(gate, path) {
  const { metric, "error-budget": budget } = gate;
  yield* unknownPlaceholders(metric?.query, metricPlaceholders, [...path, "metric", "query"]);
  const where = [...path, "error-budget", "query"];
  yield* unknownPlaceholders(budget?.query, budgetPlaceholders, where);
});

function* unknownPlaceholders(
  query: string | undefined,
  known: readonly string[],
  path: readonly PathPart[],
): Generator<Finding> {
  for (const [whole, name = ""] of query?.matchAll(placeholder) ?? []) {
    if (name === "$" || known.includes(name)) continue;
    const names = known.map((each) => `$${each}`);
    const meant = didYouMean(whole, names);
    const remedy = meant === "" ? `: there are ${names.join(", ")}, and "$$" is one "$"` : meant;
    yield { path, sentence: `the placeholder ${quoted(whole)} is unknown${remedy}` };
  }
}

const approvalsCanBeGiven = eachGate(function* approvalsCanBeGiven({ approvals, manual }, path) {
  for (const [key, each] of [["approvals", approvals] as const, ["manual", manual] as const]) {
    if (each === undefined || typeof each === "number") continue;
    for (const list of ["teams", "people"] as const) {
      const names = (each[list] ?? []).map((name) => name?.toLowerCase());
      for (const { index: at, item } of repeated(names)) {
        const sentence = `${quoted(item ?? "")} is named twice: keep one`;
        yield { path: [...path, key, list, at], sentence };
      }
    }
  }
  if (approvals === undefined || typeof approvals === "number") return;
  const { count, people = [], teams = [] } = approvals;
  if (count === undefined || people.length === 0 || teams.length > 0) return;
  if (people.length >= count) return;
  yield {
    path: [...path, "approvals", "count"],
    sentence: `${count} approvals can never come from ${people.length} people: name more, or a team`,
  };
});

const manualsAreToldApart = eachEnvironment(function* manualsAreToldApart({ gates = [] }, path) {
  const names = gates.map(({ manual }) => manual?.name);
  for (const { index, item } of repeated(names)) {
    const sentence = `the manual gate ${quoted(item ?? "")} is written twice, and /approve could not tell them apart: choose another name`;
    yield { path: [...path, "gates", index, "manual", "name"], sentence };
  }
});

const budgetsLast = eachGate(function* budgetsLast({ "error-budget": budget }, path) {
  const ms = budget?.window === undefined ? null : parseDuration(budget.window);
  if (ms !== null && ms < 3_600_000) {
    const sentence = `the window of an error budget is at least ${formatDuration(3_600_000)}: write more`;
    yield { path: [...path, "error-budget", "window"], sentence };
  }
  if (budget?.target === 1 || budget?.target === 0) {
    const sentence = "the target leaves no budget to spend: write a share between 0 and 1";
    yield { path: [...path, "error-budget", "target"], sentence };
  }
});

const loadsHaveAnEnd = eachGate(function* loadsHaveAnEnd({ load }, path) {
  const ms = load?.duration === undefined ? null : parseDuration(load.duration);
  if (ms !== null && (ms < 1000 || ms > 3_600_000)) {
    const sentence = "a load test lasts between 1s and 1h: write another duration";
    yield { path: [...path, "load", "duration"], sentence };
  }
  if (load !== undefined && Object.keys({ ...load.max, ...load.min }).length === 0) {
    const sentence = 'the load test has no bound: write "max" or "min"';
    yield { path: [...path, "load"], sentence };
  }
  for (const [index, each] of (load?.paths ?? []).entries()) {
    if (each.startsWith("/") && !each.startsWith("//")) continue;
    const sentence = `${quoted(each)} is no path: start it with one "/", hosts come from the settings only`;
    yield { path: [...path, "load", "paths", index], sentence };
  }
});

const imagePatternsAreSafe = eachGate(function* imagePatternsAreSafe({ image }, path) {
  const sentence = image?.match === undefined ? null : tagPatternProblem(image.match);
  if (sentence !== null) yield { path: [...path, "image", "match"], sentence };
});

export const gateRules: readonly Rule[] = [
  windowsAreReal,
  metricsHaveABound,
  metricsHaveAnUpstream,
  queriesAreWhole,
  approvalsCanBeGiven,
  manualsAreToldApart,
  budgetsLast,
  loadsHaveAnEnd,
  imagePatternsAreSafe,
];
