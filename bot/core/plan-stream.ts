import type { Artifact } from "./artifact.ts";
import { chooseArtifact, chooseOverOpen, type Choice } from "./choose-artifact.ts";
import { awaitingVerdict, type PlanContext } from "./plan-context.ts";
import { present } from "./plan-promotion.ts";
import { planTargets } from "./plan-targets.ts";
import type { PlannedPromotion, StreamPlan } from "./plan-types.ts";

/** What should happen to one stream. */
export function planStream(context: PlanContext): StreamPlan {
  const rollouts = awaitingVerdict(context.state);
  const choice = choose(context);
  const promotion = promote(context, choice, rollouts.length > 0);
  return {
    stream: context.state.stream,
    promotion,
    rollouts,
    wakeAt: earliest(context, promotion, choice),
  };
}

function choose(context: PlanContext): Choice {
  const { state, holds } = context;
  if (state.targets.length === 0) {
    return none("no-targets", "No values file makes a target of this stream.");
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
    if (targets.moving.length > 0) return present(context, choice.artifact, targets, outstanding);
    return nothing(context, "already-there", alreadyThere(choice.artifact));
  }
  if (choice.kind === "none") {
    const overtaken =
      open !== null && !keepsOpen.has(choice.reason) && choice.reason !== "no-targets";
    return overtaken
      ? nothing(context, "already-there", alreadyThere(open.artifact))
      : nothing(context, choice.reason, choice.sentence);
  }
  if (open !== null) return nothing(context, "already-there", alreadyThere(open.artifact));
  const { artifact, bar } = choice;
  const remedy = bar.remedy === undefined ? "" : ` ${bar.remedy}`;
  return { kind: "refused", artifact, reason: bar.reason, sentence: bar.sentence + remedy };
}

/** Reasons that do not say whether an open promotion still moves something. */
const keepsOpen = new Set(["not-known-yet", "no-readable-target"]);

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
function earliest({ now }: PlanContext, promotion: PlannedPromotion, choice: Choice): Date | null {
  const gates = promotion.kind === "promote" ? promotion.gates : [];
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
