import { sameArtifact, type Artifact } from "../artifact.ts";
import { formatDuration } from "../duration.ts";
import { gatesOf, type LoadPolicy } from "../gate-policy.ts";
import { nextLook, type GateResult } from "../gate.ts";
import { lookUp } from "../inquiry.ts";
import { drivenAgainAt, judgeLoad } from "../load.ts";
import type { Target } from "../target.ts";
import { formatMoment } from "../words.ts";
import type { Gate, GateContext, Judgement } from "./gate-context.ts";

/**
 * What runs before the stream bears load: one tenant's service there is driven, once for each head of the pull request.
 */
export const load: Gate = {
  name: "load",
  applies: ({ environment }) => gatesOf(environment, "load").length > 0,
  judgeEach: (context) =>
    gatesOf(context.environment, "load").map((policy) => judgeService(context, policy)),
};

function judgeService(context: GateContext, policy: LoadPolicy): Judgement {
  const { artifact, service, ring, open, answers, now } = context;
  if (context.upstream.length === 0)
    return say(
      "skipped",
      "first-environment",
      "Nothing comes before, so there is nothing to drive.",
    );
  const before = context.upstream.findLast(
    ({ verification }) => verification.kind !== "nothing-moves",
  );
  if (before === undefined)
    return say("skipped", "nothing-moves", "Whoever comes before is pinned or excluded.");
  if (open === null) {
    return say("pending", "not-begun", "The load test begins once the pull request is open.");
  }
  const [environment = ""] = before.name.split("/");
  const { max, min, kind: _kind, ...order } = policy;
  const target = targetOf(before, artifact);
  const question = {
    kind: "load",
    stream: { environment: context.environment.name, service: service.name, ring: ring.name },
    artifact,
    number: open.number,
    head: open.head,
    target,
    order,
    bounds: { max, min },
  } as const;
  const answer = lookUp(answers, question);
  if (answer === null) return [question];
  const { load: state } = answer;
  const where = `${service.name} in ${environment}`;
  if (state.kind === "not-configured") {
    return {
      ...say("failed", "not-configured", "No setting says where services can be driven."),
      remedy: "Set LOAD_URL_TEMPLATE where Sluice runs, or take the gate out of the policy.",
    };
  }
  if (state.kind !== "done") {
    if (target === null) return judgeNobody(context, before);
    if (state.kind === "waiting")
      return {
        ...say("pending", "not-there", `The load test waits: ${state.sentence}`),
        remedy: "Sluice looks every minute and begins once it runs there.",
        again: nextLook(now),
      };
    const lasts = formatDuration(policy.durationMs + policy.warmUpMs);
    return {
      ...say("pending", "running", `${where} is driven for ${lasts}.`),
      again: nextLook(now),
    };
  }
  const { record } = state;
  const breach = judgeLoad(policy, record.figures);
  const next = drivenAgainAt(policy, record);
  if (next !== null && breach !== null)
    return {
      ...say("pending", breach.reason, `Under load, ${where}: ${breach.sentence}.`),
      remedy: `Sluice drives it again at ${formatMoment(next)}, or at once after /retry. Set PROMETHEUS_URL and have the namespace scraped, or take that bound out of the policy.`,
      again: next > now ? next : nextLook(now),
      load: record,
    };
  if (breach !== null)
    return {
      ...say("failed", breach.reason, `Under load, ${where}: ${breach.sentence}.`),
      remedy:
        "Press Re-run or write /retry to drive it again, publish a newer artifact, or change the bound in the policy.",
      load: record,
    };
  return { ...say("passed", "within-bounds", `${where} bears the load.`), load: record };
}

function judgeNobody({ artifact }: GateContext, { name, verification }: Before): GateResult {
  if (verification.kind !== "verified")
    return say(
      "pending",
      "not-verified",
      `The load test begins once ${artifact.tag} is verified in ${name}.`,
    );
  return {
    ...say("failed", "upstream-moved-on", `${name} no longer runs ${artifact.tag}.`),
    remedy: "A newer artifact takes its place here; publish one if none is there.",
  };
}

type Before = GateContext["upstream"][number];

/** The first by name of those that were verified on the artifact and hold it now; null: nobody. */
function targetOf({ verification, streams }: Before, artifact: Artifact): Target | null {
  if (verification.kind !== "verified") return null;
  const failed = new Set(verification.failures);
  const targets = streams.flatMap((state) =>
    state.targets.flatMap(({ target, desired }) =>
      desired.kind === "artifact" && sameArtifact(desired.artifact, artifact) ? [target] : [],
    ),
  );
  const able = targets.filter(({ tenant }) => !failed.has(tenant));
  return able.toSorted((one, other) => (one.tenant < other.tenant ? -1 : 1))[0] ?? null;
}

function say(status: GateResult["status"], reason: string, sentence: string): GateResult {
  return { gate: "load", status, reason, sentence };
}
