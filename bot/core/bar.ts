import { isFloating, sameArtifact, type Artifact } from "./artifact.ts";
import type { Bar } from "./gates/gate-context.ts";
import { ask, orderOf } from "./inquiry.ts";
import { newestVerdict, type PlanContext } from "./plan-context.ts";

/**
 * Why an artifact stays out of a stream, whatever its gates say: it may not be promoted at all, it failed there, or
 * somebody or a failure holds it off. Null when nothing does.
 */
export function barOf(context: PlanContext, artifact: Artifact): Bar | null {
  const { service } = context;
  if (isFloating(artifact.tag)) return floating(artifact);
  if (!service.match.test(artifact.tag)) {
    return failed("tag-not-matched", `The policy's tags.match does not match ${artifact.tag}.`);
  }
  if (service.values.digest !== null && artifact.digest === null) {
    return {
      ...failed(
        "digest-unknown",
        `The digest of ${artifact.tag} is not known, and the policy pins digests.`,
      ),
      remedy:
        "Let Sluice read the registry (REGISTRY_HOSTS, REGISTRY_AUTH__<HOST>), or send the digest with the event.",
    };
  }
  const bars = [eligibilityBar(context, artifact), ...stops(context, artifact)];
  return bars.find((bar) => bar?.status === "failed") ?? bars.find((bar) => bar !== null) ?? null;
}

function floating({ tag }: Artifact): Bar {
  return {
    ...failed("latest", `The tag ${tag} names another image every day, so it is never promoted.`),
    remedy: "Publish the image under a tag of its own, as its short SHA.",
  };
}

const stillAsking: Bar = {
  status: "pending",
  reason: "not-known-yet",
  sentence: "Sluice is still finding this out.",
};

function eligibilityBar(context: PlanContext, artifact: Artifact): Bar | null {
  const service = context.service.name;
  const answer = ask(context.inquiry, { kind: "eligible", service, artifact });
  if (answer === null) return stillAsking;
  const { eligibility } = answer;
  switch (eligibility.kind) {
    case "eligible":
      return null;
    case "refused":
      return failed(eligibility.reason, eligibility.sentence);
    case "unknown":
      return { status: "pending", reason: eligibility.reason, sentence: eligibility.sentence };
  }
}

/** What failed here or was refused by a person lets only a strictly newer artifact pass. */
function stops(context: PlanContext, artifact: Artifact): readonly (Bar | null)[] {
  const { state, holds } = context;
  const verdict = newestVerdict(state, artifact);
  const bars: (Bar | null)[] = [];
  if (verdict !== undefined && verdict.result !== "verified") {
    const ended = verdict.result === "timed-out" ? "ran out of time" : "failed";
    bars.push({
      ...failed("failed-here", `The rollout of ${artifact.tag} ${ended} here.`),
      remedy: "Publish a newer artifact, or write /retry once the cause is gone.",
    });
  }
  for (const hold of holds) {
    if (hold.artifact === null) continue;
    bars.push(
      strictlyNewer(context, hold.artifact, artifact, {
        ...failed("held", hold.sentence),
        remedy: "Publish a newer artifact, or write /resume on a pull request of this stream.",
      }),
    );
  }
  for (const veto of state.vetoes) {
    const sentence = `${veto.by} closed pull request ${veto.number} unmerged, which keeps ${veto.artifact.tag} and what is not newer out.`;
    bars.push(
      strictlyNewer(context, veto.artifact, artifact, {
        ...failed("vetoed", sentence),
        remedy: "Publish a newer artifact, or write /resume on that pull request.",
      }),
    );
  }
  return bars;
}

function strictlyNewer(
  context: PlanContext,
  than: Artifact,
  artifact: Artifact,
  otherwise: Bar,
): Bar | null {
  if (sameArtifact(than, artifact)) return otherwise;
  const order = orderOf(context.inquiry, context.service.name, than, artifact);
  if (order === null) return stillAsking;
  return order.relation === "newer" ? null : otherwise;
}

function failed(reason: string, sentence: string): Bar {
  return { status: "failed", reason, sentence };
}
