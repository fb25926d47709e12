import { gatesOf, type ImagePolicy } from "../gate-policy.ts";
import type { GateResult } from "../gate.ts";
import type { Gate, GateContext } from "./gate-context.ts";

/** The image is one that may run there: never `latest`, its tag of the right form, its digest known where that is asked. */
export const image: Gate = {
  name: "image",
  applies: ({ environment }) => gatesOf(environment, "image").length > 0,
  judgeEach: (context) =>
    gatesOf(context.environment, "image").map((policy) => judgeImage(context, policy)),
};

function judgeImage({ artifact, environment }: GateContext, policy: ImagePolicy): GateResult {
  const { tag, digest } = artifact;
  if (tag === "latest") {
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
  if (policy.digest && digest === null) {
    return {
      ...say("failed", "digest-unknown", `The digest of ${tag} is not known.`),
      remedy:
        "Let Sluice read the registry (REGISTRY_HOSTS, REGISTRY_AUTH__<HOST>), or send the digest with the event.",
    };
  }
  return say("passed", "allowed", `The image may run in ${environment.name}.`);
}

function say(status: GateResult["status"], reason: string, sentence: string): GateResult {
  return { gate: "image", status, reason, sentence };
}
