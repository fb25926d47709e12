import { isFloating } from "../artifact.ts";
import { gatesOf, type ImagePolicy } from "../gate-policy.ts";
import { nextLook, type GateResult } from "../gate.ts";
import { lookUp } from "../inquiry.ts";
import type { Gate, GateContext, Judgement } from "./gate-context.ts";

/**
 * The image is one that may run there: never `latest`, its tag of the right form, its digest known and attested where that
 * is asked.
 */
export const image: Gate = {
  name: "image",
  applies: ({ environment }) => gatesOf(environment, "image").length > 0,
  judgeEach: (context) =>
    gatesOf(context.environment, "image").map((policy) => judgeImage(context, policy)),
};

function judgeImage(context: GateContext, policy: ImagePolicy): Judgement {
  const { artifact, environment } = context;
  const { tag, digest } = artifact;
  const { attestation } = policy;
  if (isFloating(tag)) {
    return {
      ...say("failed", "latest", "The tag latest names another image every day."),
      remedy: "Publish the image under a tag of its own, as its short SHA.",
    };
  }
  if (policy.match !== null && !policy.match.test(tag)) {
    return {
      ...say(
        "failed",
        "tag-not-allowed",
        `The tag ${tag} has not the form that ${environment.name} asks for.`,
      ),
      remedy: `Publish the image under a tag that matches ${policy.match.source}.`,
    };
  }
  if ((policy.digest || attestation !== undefined) && digest === null) {
    return {
      ...say("failed", "digest-unknown", `The digest of ${tag} is not known.`),
      remedy:
        "Let Sluice read the registry (REGISTRY_HOSTS, REGISTRY_AUTH__<HOST>), or send the digest with the event.",
    };
  }
  if (attestation !== undefined) return judgeAttestation(context, attestation);
  return say("passed", "allowed", `The image may run in ${environment.name}.`);
}

/** An attestation comes a moment after its image, so that a missing one is waited for. */
function judgeAttestation(context: GateContext, workflow: string): Judgement {
  const { artifact, answers, now } = context;
  const question = {
    kind: "attestation",
    service: context.service.name,
    artifact,
    workflow,
  } as const;
  const answer = lookUp(answers, question);
  if (answer === null) return [question];
  const { attestation } = answer;
  const again = nextLook(now);
  switch (attestation.kind) {
    case "attested":
      return say(
        "passed",
        "attested",
        `The image is attested, and may run in ${context.environment.name}.`,
      );
    case "missing":
      return {
        ...say("pending", "not-attested", `Nobody has attested where ${artifact.tag} was built.`),
        remedy: "If this stays so, let its workflow attest it (actions/attest-build-provenance).",
        again,
      };
    case "refused":
      return {
        ...say("failed", attestation.reason, attestation.sentence),
        remedy: attestation.remedy,
        again,
      };
    case "unknown":
      return {
        ...say("pending", attestation.reason, attestation.sentence),
        remedy: attestation.remedy,
        again,
      };
  }
}

function say(status: GateResult["status"], reason: string, sentence: string): GateResult {
  return { gate: "image", status, reason, sentence };
}
