import { formatDuration, parseDuration } from "../duration.ts";
import { quoted } from "../nearest.ts";
import type { Finding, PathPart } from "../policy-document.ts";
import { parseValuesPath } from "../values-path.ts";
import { eachEnvironment, repeated, type Rule } from "./rule.ts";

/** Check runs of these names say something else: `sluice/gates`, `sluice/policy`. */
const reservedNames = new Set(["gates", "policy"]);
const day = 86_400_000;

const namesAreFree: Rule = function* namesAreFree(policy) {
  const names = (policy.environments ?? []).map(({ name }) => name);
  for (const { index, item } of repeated(names)) {
    const sentence = `the environment ${quoted(item ?? "")} is written twice: keep one`;
    yield { path: ["environments", index, "name"], sentence };
  }
  for (const [index, name] of names.entries()) {
    if (name === undefined || !reservedNames.has(name)) continue;
    const sentence = `"${name}" is reserved, there is a check run "sluice/${name}" already: choose another name`;
    yield { path: ["environments", index, "name"], sentence };
  }
};

const gatesSayOneThing = eachEnvironment(function* gatesSayOneThing({ gates = [] }, path) {
  for (const [index, gate] of gates.entries()) {
    const kinds = Object.keys(gate);
    if (kinds.length === 1) continue;
    const sentence =
      kinds.length === 0
        ? 'the gate is empty: write what it is, as in "soak: 10m", or remove it'
        : `one entry holds ${kinds.length} gates (${kinds.join(", ")}): start each with "- "`;
    yield { path: [...path, "gates", index], sentence };
  }
});

const gatesAreWrittenOnce = eachEnvironment(function* gatesAreWrittenOnce({ gates = [] }, path) {
  for (const kind of ["soak", "checks", "approvals", "load", "error-budget"] as const) {
    const indexes = gates.flatMap((gate, index) => (gate[kind] === undefined ? [] : [index]));
    for (const index of indexes.slice(1)) {
      const sentence = `the gate ${kind} is written twice: make one of the two`;
      yield { path: [...path, "gates", index, kind], sentence };
    }
  }
});

const soaksHaveAnEnd = eachEnvironment(function* soaksHaveAnEnd({ gates = [] }, path, index) {
  for (const [at, { soak }] of gates.entries()) {
    if (soak === undefined) continue;
    const where = [...path, "gates", at, "soak"];
    yield* outside(soak, 1000, 90 * day, where, "remove the gate if nothing is to be waited for");
    if (index > 0) continue;
    const sentence =
      "there is no environment before the first, so nothing can soak: remove the gate here";
    yield { path: where, sentence };
  }
});

const checksHaveNames = eachEnvironment(function* checksHaveNames({ gates = [] }, path) {
  for (const [index, { checks = [] }] of gates.entries()) {
    const where = [...path, "gates", index, "checks"];
    for (const { index: at, item } of repeated(checks)) {
      yield {
        path: [...where, at],
        sentence: `the check ${quoted(item)} is named twice: keep one`,
      };
    }
    for (const [at, name] of checks.entries()) {
      if (name.trim() === "") {
        yield { path: [...where, at], sentence: "the name of a check is empty: write it" };
      } else if (/^sluice\//i.test(name)) {
        const sentence = `${quoted(name)} is written by Sluice itself and would wait for itself: remove it`;
        yield { path: [...where, at], sentence };
      }
    }
  }
});

const rolloutsHaveAnEnd = eachEnvironment(function* rolloutsHaveAnEnd({ rollout }, path) {
  if (rollout?.timeout === undefined) return;
  const where = [...path, "rollout", "timeout"];
  // A rollout that degrades is judged after 30 s: what is shorter could only time out.
  yield* outside(rollout.timeout, 10_000, day, where, 'remove it for the default, "15m"');
});

const ringsAreInOrder = eachEnvironment(function* ringsAreInOrder({ rings = [] }, path) {
  const names = rings.map(({ name }) => name);
  for (const { index, item } of repeated(names)) {
    const sentence = `the ring ${quoted(item ?? "")} is written twice: keep one`;
    yield { path: [...path, "rings", index, "name"], sentence };
  }
  let taken: string | null = null;
  for (const [index, ring] of rings.entries()) {
    const where = [...path, "rings", index];
    const label = Array.isArray(ring.tenants) ? undefined : labelOf(ring.tenants);
    if (label !== undefined && parseValuesPath(label).kind === "refused") {
      const sentence = `${quoted(label)} is no path: write keys with dots between them, as in "sluice.ring"`;
      yield { path: [...where, "tenants", "label"], sentence };
    }
    if ("tenants" in ring === "percent" in ring) {
      const sentence =
        'a ring takes its tenants by "tenants" or by "percent": write one of the two';
      yield { path: where, sentence };
    }
    if (taken !== null) {
      const sentence = `no tenant is left here: the ring ${quoted(taken)} before it takes all`;
      yield { path: where, sentence };
    }
    const takesAll =
      ring.percent === 100 || (Array.isArray(ring.tenants) && ring.tenants.includes("*"));
    if (takesAll) taken ??= ring.name ?? "";
    if (ring.soak === undefined) continue;
    const soakPath = [...where, "soak"];
    yield* outside(ring.soak, 1000, 90 * day, soakPath, "remove it if nothing is to be waited for");
  }
});

function labelOf(tenants: unknown): string | undefined {
  if (typeof tenants !== "object" || tenants === null || !("label" in tenants)) return undefined;
  return typeof tenants.label === "string" ? tenants.label : undefined;
}

function* outside(
  text: string,
  least: number,
  most: number,
  path: readonly PathPart[],
  remedy: string,
): Generator<Finding> {
  const ms = parseDuration(text);
  if (ms === null || (ms >= least && ms <= most)) return;
  const range = `between ${formatDuration(least)} and ${formatDuration(most)}`;
  yield {
    path,
    sentence: `${quoted(text)} is out of bounds: write a duration ${range}, or ${remedy}`,
  };
}

export const environmentRules: readonly Rule[] = [
  namesAreFree,
  gatesSayOneThing,
  gatesAreWrittenOnce,
  soaksHaveAnEnd,
  checksHaveNames,
  rolloutsHaveAnEnd,
  ringsAreInOrder,
];
