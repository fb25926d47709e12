import semver from "semver";

import type { Artifact } from "./artifact.ts";
import { compilePathTemplate, matchPath } from "./path-template.ts";
import type { Order } from "./plan-types.ts";
import { policyPath } from "./policy-parse.ts";
import type { Policy } from "./policy.ts";

/**
 * Which of two artifacts is newer, or that it cannot be known. Never by creation date, never by the order
 * of strings. Every answer says how `to` relates to `from`.
 */
export type OrderedPair = {
  readonly from: Artifact;
  readonly to: Artifact;
  /** When each was pushed, as a registry or GitHub's signed event states it; null where nobody does. */
  readonly published: { readonly from: Date | null; readonly to: Date | null };
};

/** `to`'s revision seen from `from`'s. `files` are the paths that differ, null when the list was cut (300). */
export type RevisionComparison =
  | {
      readonly status: "ahead" | "behind" | "identical" | "diverged";
      readonly files: readonly string[] | null;
    }
  | { readonly status: "unknown" };

/**
 * By ancestry of the source revisions. `bringsNothing` tells the paths that build no image; null where the source code
 * does not live in the GitOps repository, for then every path counts.
 */
export function orderByAncestry(
  pair: OrderedPair,
  comparison: RevisionComparison,
  bringsNothing: ((path: string) => boolean) | null,
): Order {
  switch (comparison.status) {
    case "identical":
      return orderOfRebuild(pair);
    case "behind":
      return { relation: "older" };
    case "ahead":
      return onlyValuesDiffer(comparison.files, bringsNothing)
        ? { relation: "values-only" }
        : { relation: "newer" };
    case "diverged":
      return {
        relation: "unordered",
        reason: "diverged",
        sentence: "Neither revision contains the other: their histories diverged.",
      };
    case "unknown":
      return {
        relation: "unordered",
        reason: "revision-unknown",
        sentence: "The revision of one of the two is not known in the source repository.",
      };
  }
}

/** By strict semantic versions: `v1.2.3` is one; `1.2` and a commit SHA made of digits are none. */
export function orderBySemver(pair: OrderedPair): Order {
  const from = semver.parse(pair.from.tag);
  const to = semver.parse(pair.to.tag);
  if (from === null || to === null) {
    return {
      relation: "unordered",
      reason: "not-a-version",
      sentence: "One of the two tags is not a semantic version (major.minor.patch).",
    };
  }
  const order = semver.compare(to, from);
  if (order === 0) return orderOfRebuild(pair);
  return { relation: order > 0 ? "newer" : "older" };
}

/** By the times at which the registry says that they were pushed. */
export function orderByPublication(pair: OrderedPair): Order {
  const { from, to } = pair.published;
  if (sameDigest(pair) && pair.from.tag === pair.to.tag) return { relation: "same" };
  if (from === null || to === null) {
    return {
      relation: "unordered",
      reason: "publication-unknown",
      sentence: "The registry does not say when both were published.",
    };
  }
  if (from.getTime() === to.getTime()) {
    return sameDigest(pair)
      ? { relation: "same" }
      : {
          relation: "unordered",
          reason: "published-together",
          sentence: "Both were published at the same moment.",
        };
  }
  return { relation: to > from ? "newer" : "older" };
}

/** Paths that build no image in a repository that holds both code and values: the policy, and every values file. */
export function pathsThatBringNothing(policy: Policy): (path: string) => boolean {
  const environments = new Set(policy.environments.map((environment) => environment.name));
  const templates = policy.services.map((service) => compilePathTemplate(service.values.file));
  return (path) =>
    path === policyPath ||
    templates.some((template) => {
      const names = matchPath(template, path);
      return names !== null && environments.has(names.environment);
    });
}

/** One revision or version, built again: newer only when a different image was published later. */
function orderOfRebuild(pair: OrderedPair): Order {
  const { from, to } = pair.published;
  if (sameDigest(pair) || from === null || to === null) return { relation: "same" };
  if (from.getTime() === to.getTime()) return { relation: "same" };
  return { relation: to > from ? "newer" : "older" };
}

function sameDigest({ from, to }: OrderedPair): boolean {
  return from.digest === null || to.digest === null || from.digest === to.digest;
}

/**
 * An empty list is a difference too: a commit without files asks for a new build. A list at GitHub's cap of 300 says
 * nothing about the rest.
 */
function onlyValuesDiffer(
  files: readonly string[] | null,
  bringsNothing: ((path: string) => boolean) | null,
): boolean {
  if (files === null || files.length === 0 || files.length >= 300) return false;
  return bringsNothing !== null && files.every(bringsNothing);
}
