import { sameArtifact, type Artifact } from "./artifact.ts";
import { chooseArtifact, chooseOverOpen, type Choice } from "./choose-artifact.ts";
import { awaitingVerdict, type PlanContext } from "./plan-context.ts";
import { present } from "./plan-promotion.ts";
import { planTargets } from "./plan-targets.ts";
import type { PlannedPromotion, StreamPlan } from "./plan-types.ts";
import { planSides } from "./side-promotion.ts";

type Promotion = Extract<PlannedPromotion, { kind: "promote" }>;

/** What should happen to one stream. */
export function planStream(context: PlanContext): StreamPlan {
  const rollouts = awaitingVerdict(context.state);
  const choice = choose(context);
  const outstanding = rollouts.length > 0;
  const planned = planSides(context, promote(context, choice, outstanding), outstanding);
  const { noWayBack } = planned;
  const promotion = settled(context, planned.own);
  const sides = planned.sides.map((side) => ({
    ...side,
    promotion: settled(context, side.promotion),
  }));
  const promotions = [promotion, ...sides.map((side) => side.promotion)];
  return {
    stream: context.state.stream,
    promotion,
    rollouts,
    sides,
    noWayBack,
    wakeAt: earliest(context, promotions, choice),
  };
}

/** Nothing is merged by a plan that still has questions, whichever of its parts asks. */
function settled(context: PlanContext, preliminary: PlannedPromotion): PlannedPromotion {
  const { inquiry } = context;
  const promotion = withStaying(context, preliminary);
  if (promotion.kind !== "promote" || inquiry.open.size === 0) return promotion;
  return { ...promotion, merge: false };
}

/** Who does not move with the ring is named wherever the ring is. */
function withStaying(
  { state: { staying = [] } }: PlanContext,
  promotion: PlannedPromotion,
): PlannedPromotion {
  if (promotion.kind !== "promote" || staying.length === 0) return promotion;
  const named = staying.map(({ target, stays }) => {
    return { target, outcome: "stays", sentence: stays?.sentence ?? null } as const;
  });
  return { ...promotion, targets: [...promotion.targets, ...named] };
}

function choose(context: PlanContext): Choice {
  const { state, holds } = context;
  if (state.targets.length === 0) {
    return (state.staying ?? []).length > 0
      ? none("all-stay", "Every tenant of this ring is pinned or excluded, so nothing moves here.")
      : none("no-targets", "No values file makes a target of this stream.");
  }
  if (context.current.length === 0) {
    return none(
      "no-readable-target",
      "No values file of this stream can be read: mend them first.",
    );
  }
  const { open } = state;
  const hold = holds.find(({ artifact }) => artifact === null);
  if (open !== null && (open.ownership === "person" || hold !== undefined)) {
    return { kind: "artifact", artifact: open.artifact, ripens: [] };
  }
  if (hold !== undefined) {
    return none(
      "held",
      `${hold.sentence} Write /resume on a pull request of this stream to go on.`,
    );
  }
  if (open !== null && planTargets(context, open.artifact).moving.length > 0) {
    return chooseOverOpen(context, open);
  }
  return chooseArtifact(context);
}

function promote(context: PlanContext, choice: Choice, outstanding: boolean): PlannedPromotion {
  const { open } = context.state;
  if (choice.kind === "artifact") {
    const targets = planTargets(context, choice.artifact);
    if (targets.moving.length > 0)
      return replacing(context, present(context, choice.artifact, targets, outstanding));
    return nothing(context, "already-there", alreadyThere(choice.artifact));
  }
  if (choice.kind === "none") {
    const overtaken = open !== null && !keepsOpen.has(choice.reason) && !saysWhy.has(choice.reason);
    return overtaken
      ? nothing(context, "already-there", alreadyThere(open.artifact))
      : nothing(context, choice.reason, choice.sentence);
  }
  if (open !== null) return nothing(context, "already-there", alreadyThere(open.artifact));
  const { artifact, bar } = choice;
  const remedy = bar.remedy === undefined ? "" : ` ${bar.remedy}`;
  return { kind: "refused", artifact, reason: bar.reason, sentence: bar.sentence + remedy };
}

/** Where each artifact is to have a pull request of its own, the open one is not taken over. */
function replacing({ environment }: PlanContext, promotion: Promotion): Promotion {
  const { open, artifact } = promotion;
  if (environment.supersede !== "replace" || open === null || open.ownership === "person")
    return promotion;
  return sameArtifact(open.artifact, artifact)
    ? promotion
    : { ...promotion, open: null, replaces: open };
}

/** Reasons that do not say whether an open promotion still moves something. */
const keepsOpen = new Set(["not-known-yet", "no-readable-target"]);
/** Reasons that say themselves why an open promotion moves nothing any more. */
const saysWhy = new Set(["no-targets", "all-stay"]);

/** Closes our own pull request, never a person's. */
function nothing({ state }: PlanContext, reason: string, sentence: string): PlannedPromotion {
  const { open } = state;
  const ours = open !== null && open.ownership === "sluice" && !keepsOpen.has(reason);
  return { kind: "none", reason, sentence, close: ours ? open.number : null };
}

function alreadyThere({ tag }: Artifact): string {
  return `${tag} moves nothing here: every target holds it, or something newer.`;
}

/** The next moment at which the plan changes by itself. */
function earliest(
  { now }: PlanContext,
  promotions: readonly PlannedPromotion[],
  choice: Choice,
): Date | null {
  const gates = promotions.flatMap((one) => (one.kind === "promote" ? one.gates : []));
  const moments = [
    ...gates.flatMap(({ until, again }) => [until, again].filter((at) => at !== undefined)),
    ...(choice.kind === "artifact" ? choice.ripens : []),
  ].filter((moment) => moment > now);
  if (moments.length === 0) return null;
  return new Date(Math.min(...moments.map((moment) => moment.getTime())));
}

function none(reason: string, sentence: string): Choice {
  return { kind: "none", reason, sentence };
}
