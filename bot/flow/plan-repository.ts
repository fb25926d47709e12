import type { Plan, PlanInput, StreamState } from "#core/plan-types.ts";
import type { Policy } from "#core/policy.ts";
import { streamBranch } from "#core/promotion-branch.ts";

import { answerAndPlan, type ActEarly } from "./answer-and-plan.ts";
import { findCandidates } from "./find-candidates.ts";
import { findFreezes } from "./find-freezes.ts";
import { finishPromotions } from "./finish-promotions.ts";
import { foreseeRevisions } from "./foresee-revisions.ts";
import { holdWhatWasLost } from "./hold-what-was-lost.ts";
import { measurePolicy } from "./measure-policy.ts";
import { observePolicy } from "./observe-policy.ts";
import { observePullRequests, type ObservedPulls } from "./observe-pull-requests.ts";
import { observeStreams, streamsOf } from "./observe-streams.ts";
import { observeTargets, type ObservedTargets } from "./observe-targets.ts";
import { policyToFollow } from "./policy-to-follow.ts";
import type { PromotionWork } from "./promotion-work.ts";
import { recoverResumes } from "./recover-resumes.ts";
import { recover, recoverDesired } from "./recover.ts";
import { reportPolicy } from "./report-policy.ts";
import type { RepositoryContext } from "./repository-context.ts";
import { sawEveryMerge } from "./saw-every-merge.ts";

/** One repository as it stands, and what should happen to it. */
export type Planned = {
  readonly kind: "planned";
  readonly policy: Policy;
  /** The policy at the head is broken: what is planned here is not done. */
  readonly paused: boolean;
  readonly head: PromotionWork["base"];
  readonly pulls: ObservedPulls;
  readonly problems: ObservedTargets["problems"];
  readonly without: ObservedTargets["without"];
  readonly states: readonly StreamState[];
  readonly plan: Plan;
  readonly input: PlanInput;
};

export type NotPlanned =
  /** There is no policy that could be followed. */
  | { readonly kind: "no-policy" }
  /** A merge is not listed yet, or the facts were emptied meanwhile: look again at once. */
  | { readonly kind: "look-again" };

/**
 * Observes one GitOps repository and plans, without acting on the plan. What is written here says only what is so: about
 * the policy, and about promotions that others merged. `actEarly` is called with what stands before systems other than
 * GitHub have answered.
 */
export async function planRepository(
  context: RepositoryContext,
  actEarly: ((sofar: Planned) => Promise<"merged" | "go-on">) | null = null,
): Promise<Planned | NotPlanned> {
  const head = await context.repository.head();
  const observed = await observePolicy(context.repository, head.revision);
  await measurePolicy(context, observed.kind !== "invalid");
  if (observed.kind === "absent") return { kind: "no-policy" };
  await reportPolicy(context, head.revision, observed);
  const policy = await policyToFollow(context, head.revision, observed);
  if (policy === null) return { kind: "no-policy" };

  const branches = streamsOf(policy).map(streamBranch);
  const [{ targets, problems, without }, pulls] = await Promise.all([
    observeTargets(context.repository, policy, head.revision),
    observePullRequests(context, branches),
    foreseeRevisions(context, policy),
  ]);
  if (!(await sawEveryMerge(context, head.revision, pulls))) return { kind: "look-again" };
  await holdWhatWasLost(context, policy, pulls);
  const recovered = await context.memory.recovered();
  if (!recovered) await recover(context, policy, pulls);
  const seen = { policy, targets: targets.map((one) => one.target), head: head.revision, pulls };
  await finishPromotions(context, seen, recovered);
  let states = await observeStreams(context, policy, head.revision, targets, pulls);
  if (!recovered) {
    const found = await Promise.all([
      recoverDesired(context, states),
      recoverResumes(context, states, pulls),
    ]);
    if (found.includes(true))
      states = await observeStreams(context, policy, head.revision, targets, pulls);
    await context.memory.setRecovered();
  }

  const paused = observed.kind === "invalid";
  const common = {
    kind: "planned",
    policy,
    paused,
    head,
    pulls,
    problems,
    without,
    states,
  } as const;
  const knowsAll = () => context.memory.knowsAll();
  const early: ActEarly | null =
    actEarly === null
      ? null
      : async (plan, input) =>
          (await knowsAll()) ? actEarly({ ...common, plan, input }) : "go-on";
  const planned = await planStreams(context, { policy, revision: head.revision }, states, early);
  return (await knowsAll()) ? { ...common, ...planned } : { kind: "look-again" };
}

async function planStreams(
  context: RepositoryContext,
  { policy, revision }: { readonly policy: Policy; readonly revision: string },
  streams: readonly StreamState[],
  actEarly: ActEarly | null,
): Promise<{ plan: Plan; input: PlanInput }> {
  const input = {
    now: context.now,
    policy,
    streams,
    candidates: await findCandidates(context, policy, streams),
    deployers: context.deps.deployers.names(),
    freezes: await findFreezes(context, policy),
    answers: new Map(),
  };
  return answerAndPlan(context, revision, input, actEarly);
}
