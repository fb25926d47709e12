import { readAges } from "#core/known-ages.ts";
import type { Answer, Question, StreamState } from "#core/plan-types.ts";
import { chooseRollback, type RollbackChoice, type RollbackWish } from "#core/rollback.ts";

import { answerQuestions } from "./answer-questions.ts";
import type { ObservedPlace } from "./observe-place.ts";
import { readPastVerdicts } from "./read-past-verdicts.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** Each pass knows the order of one more artifact a target; more than any history holds. */
const mostPasses = 30;

/** Where one stream goes back to. What the memory does not know any more is read from history before it says no. */
export async function chooseWayBack(
  context: RepositoryContext,
  place: ObservedPlace,
  state: StreamState,
  wish: RollbackWish,
  head: string,
): Promise<RollbackChoice> {
  const known = await choose(context, place, state, wish);
  if (known.kind === "back") return known;
  const verdicts = await readPastVerdicts(context, state, place.pulls, head);
  return verdicts.length === state.verdicts.length
    ? known
    : choose(context, place, { ...state, verdicts }, wish);
}

async function choose(
  context: RepositoryContext,
  { policy, states }: ObservedPlace,
  state: StreamState,
  wish: RollbackWish,
): Promise<RollbackChoice> {
  const [service] = policy.services;
  if (service === undefined) throw new Error(`no service ${state.stream.service} in the policy`);
  const answers = new Map<string, Answer>();
  for (let pass = 0; pass < mostPasses; pass += 1) {
    const open = new Map<string, Question>();
    const inquiry = { answers, ages: () => readAges(answers), open };
    const choice = chooseRollback({ state, service, inquiry }, wish);
    if (open.size === 0) return choice;
    const found = await answerQuestions(context, { policy, streams: states }, [...open.values()]);
    for (const [key, answer] of found) answers.set(key, answer);
  }
  throw new Error(`the way back in ${context.job.repository} went on asking`);
}
