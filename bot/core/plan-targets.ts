import { formatArtifact, sameArtifact, type Artifact } from "./artifact.ts";
import { orderOf } from "./inquiry.ts";
import { artifactKey, type PlanContext } from "./plan-context.ts";
import type { Order, PlannedTarget } from "./plan-types.ts";

export type PlannedTargets = {
  readonly targets: readonly PlannedTarget[];
  /** Tenants that move. */
  readonly moving: readonly string[];
  /** What most of those that move hold today. */
  readonly from: Artifact | null;
  readonly relations: readonly { readonly from: Artifact; readonly order: Order | null }[];
};

/**
 * What happens to each target of the stream when this artifact comes: target by target, never backwards.
 *
 * @param only the tenants that are meant; null: all.
 */
export function planTargets(
  context: PlanContext,
  artifact: Artifact,
  only: ReadonlySet<string> | null = null,
): PlannedTargets {
  const relations = heldBy(context, only).map((from) => ({
    from,
    order: orderOf(context.inquiry, context.service.name, from, artifact),
  }));
  const fates = new Map(
    relations.map(({ from, order }) => [artifactKey(from), fateOf(context, from, artifact, order)]),
  );
  const targets: PlannedTarget[] = [];
  const moving: string[] = [];
  const leaving: Artifact[] = [];
  const open = new Set(context.state.open?.tenants);
  for (const { target, desired } of context.state.targets) {
    if (desired.kind === "refused") {
      targets.push({ target, outcome: "refused", sentence: desired.refusal.sentence });
      continue;
    }
    if (only?.has(target.tenant) === false) {
      targets.push({ target, ...notMeant(desired.artifact, artifact) });
      continue;
    }
    const fate = fates.get(artifactKey(desired.artifact)) ?? keptUnknown;
    // Until the order is known, an open promotion is taken to move what its commit moves.
    const outcome = fate === keptUnknown && open.has(target.tenant) ? "move" : fate.outcome;
    targets.push({ target, outcome, sentence: outcome === "move" ? null : fate.sentence });
    if (outcome !== "move") continue;
    moving.push(target.tenant);
    leaving.push(desired.artifact);
  }
  return { targets, moving, from: mostCommon(leaving), relations };
}

/** What happens to a target that a promotion is not about. */
export function notMeant(held: Artifact, to: Artifact): Fate {
  return sameArtifact(held, to)
    ? { outcome: "already", sentence: null }
    : { outcome: "kept", sentence: `Holds ${held.tag}, and is not part of this promotion.` };
}

function heldBy(
  { current, state }: PlanContext,
  only: ReadonlySet<string> | null,
): readonly Artifact[] {
  if (only === null) return current;
  const keys = new Set<string>();
  for (const { target, desired } of state.targets)
    if (desired.kind === "artifact" && only.has(target.tenant))
      keys.add(artifactKey(desired.artifact));
  return current.filter((artifact) => keys.has(artifactKey(artifact)));
}

type Fate = Pick<PlannedTarget, "outcome" | "sentence">;

const keptUnknown: Fate = {
  outcome: "kept",
  sentence: "Sluice is still finding out which is newer.",
};

function fateOf(context: PlanContext, from: Artifact, to: Artifact, order: Order | null): Fate {
  if (sameArtifact(from, to)) return { outcome: "already", sentence: null };
  switch (order?.relation) {
    case undefined:
      return keptUnknown;
    case "newer":
    case "unordered":
      return { outcome: "move", sentence: null };
    case "older":
      return { outcome: "kept", sentence: `Holds ${from.tag}, which is newer.` };
    case "same":
      return context.service.values.digest === null && from.tag === to.tag
        ? { outcome: "already", sentence: null }
        : { outcome: "kept", sentence: `Holds ${from.tag}, which is the same build.` };
    case "values-only":
      return {
        outcome: "kept",
        sentence: `Holds ${from.tag}, which differs in values files and the policy only.`,
      };
  }
}

/** What most of them are; null where that has no name. */
export function mostCommon(artifacts: readonly Artifact[]): Artifact | null {
  const held = new Map<string, { artifact: Artifact; times: number }>();
  for (const artifact of artifacts) {
    const key = artifactKey(artifact);
    held.set(key, { artifact, times: (held.get(key)?.times ?? 0) + 1 });
  }
  let most: { artifact: Artifact; times: number } | null = null;
  for (const entry of held.values()) {
    const more = most === null || entry.times > most.times;
    const tie = most !== null && entry.times === most.times;
    const before = most !== null && formatArtifact(entry.artifact) < formatArtifact(most.artifact);
    if (more || (tie && before)) most = entry;
  }
  // What no registry could hold has no name to show.
  return most === null || most.artifact.tag === "" ? null : most.artifact;
}
