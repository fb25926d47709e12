import { sameArtifact, type Artifact } from "./artifact.ts";
import { barOf } from "./bar.ts";
import type { Bar } from "./gates/gate-context.ts";
import { soakOver } from "./gates/soak.ts";
import { ask, orderOf } from "./inquiry.ts";
import { artifactKey, verifications, type PlanContext } from "./plan-context.ts";

/**
 * An artifact that could move into a stream: newer than what some target holds, or not comparable with it, where it has
 * not been held there before: a decision that was taken is not asked for again, the other way round.
 */
export type Option = {
  readonly artifact: Artifact;
  readonly bar: Bar | null;
  /** When its own time gates have passed; null while that is not known. */
  readonly ripeAt: Date | null;
};

export type Options = {
  readonly options: readonly Option[];
  /** How many artifacts could have been considered at all. */
  readonly considered: number;
  /** Some could not be compared yet. */
  readonly incomplete: boolean;
};

/** How many unknown artifacts are asked about in every respect at once; of more, only their order. */
const fewEnough = 3;

export function listOptions(context: PlanContext): Options {
  const pool = consider(context);
  const options: Option[] = [];
  const unknown: Artifact[] = [];
  for (const artifact of pool) {
    const orders = context.current.map((from) =>
      orderOf(context.inquiry, context.service.name, from, artifact),
    );
    const moves = orders.some((order, index) => {
      const from = context.current[index];
      if (order?.relation === "newer") return true;
      return (
        order?.relation === "unordered" && from !== undefined && !wasLeft(context, artifact, from)
      );
    });
    if (moves) options.push(describe(context, artifact));
    else if (orders.includes(null)) unknown.push(artifact);
  }
  if (unknown.length <= fewEnough) {
    for (const artifact of unknown) {
      ask(context.inquiry, { kind: "eligible", service: context.service.name, artifact });
    }
  }
  return { options, considered: pool.length, incomplete: unknown.length > 0 };
}

/** Did every target that holds `from` hold the artifact before? */
function wasLeft({ state }: PlanContext, artifact: Artifact, from: Artifact): boolean {
  const replaced = state.desired.some(
    (group) =>
      sameArtifact(group.artifact, from) &&
      group.previous !== null &&
      sameArtifact(group.previous, artifact),
  );
  if (replaced) return true;
  const judged = new Set(
    state.verdicts
      .filter((verdict) => sameArtifact(verdict.artifact, artifact))
      .flatMap(({ tenants }) => tenants),
  );
  return state.targets.every(
    ({ target, desired }) =>
      desired.kind === "refused" ||
      !sameArtifact(desired.artifact, from) ||
      judged.has(target.tenant),
  );
}

function describe(context: PlanContext, artifact: Artifact): Option {
  const over = soakOver({ ...context, upstream: verifications(context, artifact) });
  return { artifact, bar: barOf(context, artifact), ripeAt: over?.at ?? null };
}

/**
 * What may be considered: at the beginning whatever was published, later what is verified in everything before. Where
 * nothing before has a target, what was published: the pull request then says through its `health` gate what is missing.
 */
function consider(context: PlanContext): readonly Artifact[] {
  const needed = context.upstream.filter(({ streams }) =>
    streams.some((state) => state.targets.length > 0),
  );
  const last = needed.at(-1);
  const published = context.candidates.filter(
    ({ repository, tag }) =>
      repository === context.service.image && context.service.match.test(tag),
  );
  if (last === undefined) return distinct(published).toSorted(byKey);
  const judged = last.streams
    .flatMap((state) => state.verdicts)
    .filter((verdict) => verdict.result === "verified")
    .toSorted((one, other) => one.at.getTime() - other.at.getTime());
  return distinct(judged.map((verdict) => complete(verdict.artifact, published))).filter(
    (artifact) =>
      context.service.match.test(artifact.tag) &&
      verifications(context, artifact).every(
        ({ verification }) =>
          verification.kind === "verified" ||
          verification.kind === "no-targets" ||
          verification.kind === "nothing-moves",
      ),
  );
}

/** A verdict may have been reached before the digest was known. */
function complete(artifact: Artifact, published: readonly Artifact[]): Artifact {
  if (artifact.digest !== null && artifact.revision !== null) return artifact;
  const known = published.filter((candidate) => sameArtifact(candidate, artifact));
  const [only] = known;
  if (only === undefined || known.length > 1) return artifact;
  return {
    ...artifact,
    digest: artifact.digest ?? only.digest,
    revision: artifact.revision ?? only.revision,
  };
}

/** One entry an artifact; of two that do not contradict each other the one that says more. */
function distinct(artifacts: readonly Artifact[]): readonly Artifact[] {
  const byTag = new Map<string, Artifact[]>();
  for (const artifact of artifacts) {
    const known = byTag.get(artifact.tag);
    if (known === undefined) {
      byTag.set(artifact.tag, [artifact]);
      continue;
    }
    const index = known.findIndex((other) => sameArtifact(other, artifact));
    const same = known[index];
    if (same === undefined) known.push(artifact);
    else
      known[index] = {
        ...same,
        digest: same.digest ?? artifact.digest,
        revision: same.revision ?? artifact.revision,
      };
  }
  return [...byTag.values()].flat();
}

/** Not a claim about age: it only makes the plan independent of the order of its input. */
function byKey(one: Artifact, other: Artifact): number {
  const [first, second] = [artifactKey(one), artifactKey(other)];
  return first < second ? -1 : Number(first > second);
}
