import { readAges, type KnownAges } from "./known-ages.ts";
import { distinctCurrent, holdsOn, upstreamsOf, type PlanContext } from "./plan-context.ts";
import { planStream } from "./plan-stream.ts";
import type { Plan, PlanInput, Question, StreamPlan, StreamState } from "./plan-types.ts";
import { findEnvironment, findService, type RingPolicy } from "./policy.ts";
import { shareApplications } from "./share-applications.ts";
import { streamKey } from "./target.ts";
import type { Upstream } from "./verification.ts";
import { waitForRollbacks } from "./wait-for-rollback.ts";

/**
 * What should happen, computed from what is so: nothing is done here, and the same input gives the same plan. The plan
 * is preliminary while it has questions: answer all of them, put the answers into the input, and plan again. Answers
 * that cannot change (the order of two revisions) may be kept and passed in from the start: each is asked once, and
 * what follows from them is not asked at all.
 *
 * A stream that the policy does not name any more is not planned; whoever observes it deals with it.
 */
export function makePlan(input: PlanInput): Plan {
  const byKey = new Map(input.streams.map((state) => [streamKey(state.stream), state]));
  const upstreams = new Map<string, ReadonlyMap<string, readonly Upstream[]>>();
  const verifications: PlanContext["verifications"] = new Map();
  const questions = new Map<string, Question>();
  const asking = new Set<string>();
  let read: KnownAges | null = null;
  const ages = () => (read ??= readAges(input.answers));
  const streams: StreamPlan[] = [];
  for (const state of input.streams) {
    const place = placeOf(input, state);
    if (place === null) continue;
    const name = place.service.name;
    let before = upstreams.get(name);
    if (before === undefined) {
      before = upstreamsOf(input, byKey, name);
      upstreams.set(name, before);
    }
    const inquiry = { answers: input.answers, ages, open: new Map<string, Question>() };
    const plan = planStream({
      ...place,
      now: input.now,
      state,
      upstream: before.get(streamKey(state.stream)) ?? [],
      candidates: input.candidates.get(name) ?? [],
      deployers: input.deployers,
      freezes: input.freezes,
      inquiry,
      current: distinctCurrent(state),
      holds: holdsOn(state),
      verifications,
    });
    streams.push(plan);
    for (const [key, question] of inquiry.open) questions.set(key, question);
    if (inquiry.open.size > 0) asking.add(streamKey(state.stream));
  }
  return {
    streams: shareApplications(input.policy, input.streams, waitForRollbacks(streams)),
    questions: [...questions.values()],
    asking,
  };
}

function placeOf({ policy }: PlanInput, { stream }: StreamState) {
  const service = findService(policy, stream.service);
  const environment = findEnvironment(policy, stream.environment);
  const ring: RingPolicy | undefined = environment?.rings.find(({ name }) => name === stream.ring);
  if (service === undefined || environment === undefined || ring === undefined) return null;
  return { service, environment, ring };
}
