import { isDigest, isTag } from "../artifact.ts";
import { didYouMean, quoted } from "../nearest.ts";
import type { Finding, PathPart } from "../policy-document.ts";
import type { Readable } from "../policy-readable.ts";
import type { WrittenPolicy } from "../policy-schema.ts";
import type { Rule } from "./rule.ts";

type Named = { readonly path: readonly PathPart[]; readonly name: string };

/** Whoever names an environment or a service names one that there is. */
const namesAreKnown: Rule = function* namesAreKnown(policy) {
  const environments = (policy.environments ?? []).map(({ name }) => name);
  // Where one is unreadable it is said already, and it may be the one that was meant.
  if (!environments.includes(undefined) && policy.environments !== undefined) {
    yield* unknown(
      "environment",
      environments.filter((name) => name !== undefined),
      environmentsIn(policy),
    );
  }
  if (policy.services !== undefined) {
    yield* unknown("service", Object.keys(policy.services), servicesIn(policy));
  }
};

function* unknown(
  what: string,
  known: readonly string[],
  uses: Iterable<Named>,
): Generator<Finding> {
  for (const { path, name } of uses) {
    if (known.includes(name)) continue;
    const meant = didYouMean(name, known);
    const remedy = meant === "" ? `: here are ${known.map(quoted).join(", ")}` : meant;
    yield { path, sentence: `there is no ${what} ${quoted(name)}${remedy}` };
  }
}

function* environmentsIn(policy: Readable<WrittenPolicy>): Generator<Named> {
  for (const list of ["freezes", "notifications"] as const) {
    for (const [index, entry] of (policy[list] ?? []).entries()) {
      for (const [at, name] of (entry.environments ?? []).entries()) {
        yield { path: [list, index, "environments", at], name };
      }
    }
  }
  for (const list of ["pins", "excluded"] as const) {
    for (const [index, { environment }] of (policy[list] ?? []).entries()) {
      if (environment !== undefined)
        yield { path: [list, index, "environment"], name: environment };
    }
  }
}

function* servicesIn(policy: Readable<WrittenPolicy>): Generator<Named> {
  for (const list of ["pins", "excluded"] as const) {
    for (const [index, { service }] of (policy[list] ?? []).entries()) {
      if (service !== undefined) yield { path: [list, index, "service"], name: service };
    }
  }
}

const freezesHaveAnEnd: Rule = function* freezesHaveAnEnd(policy) {
  for (const [index, { from, to }] of (policy.freezes ?? []).entries()) {
    if (from === undefined || to === undefined || Date.parse(from) < Date.parse(to)) continue;
    yield {
      path: ["freezes", index, "to"],
      sentence: "the freeze ends before it begins: swap the two",
    };
  }
};

const pinsNameAnArtifact: Rule = function* pinsNameAnArtifact(policy) {
  for (const [index, pin] of (policy.pins ?? []).entries()) {
    const { tag, digest } = pin;
    const path = ["pins", index];
    if (!("tag" in pin) && !("digest" in pin)) {
      yield { path, sentence: 'the pin names no artifact: write "tag" or "digest"' };
    }
    if (tag !== undefined && !isTag(tag)) {
      yield { path: [...path, "tag"], sentence: `${quoted(tag)} is no tag of an image: write one` };
    }
    if (digest !== undefined && !isDigest(digest)) {
      const sentence = `${quoted(digest)} is no digest: write "sha256:" and 64 hexadecimal digits`;
      yield { path: [...path, "digest"], sentence };
    }
  }
};

const notificationsGoSomewhere: Rule = function* notificationsGoSomewhere(policy) {
  for (const [index, notification] of (policy.notifications ?? []).entries()) {
    if ("slack" in notification || "webhook" in notification) continue;
    const sentence = 'the notification goes nowhere: write "slack" or "webhook"';
    yield { path: ["notifications", index], sentence };
  }
};

export const referenceRules: readonly Rule[] = [
  namesAreKnown,
  freezesHaveAnEnd,
  pinsNameAnArtifact,
  notificationsGoSomewhere,
];
