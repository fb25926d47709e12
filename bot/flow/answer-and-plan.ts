import type { Plan, PlanInput, Question } from "#core/plan-types.ts";
import { makePlan } from "#core/plan.ts";

import { answerQuestions } from "./answer-questions.ts";
import { editAhead } from "./edit-ahead.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** More passes than any chain of questions needs; an endless one would be our bug. */
const mostPasses = 20;
/** Asked of other systems than GitHub: of thousands of applications the answer takes seconds, and they may be away. */
const slow: ReadonlySet<Question["kind"]> = new Set(["health", "metric"]);

/** Called once, when only slow answers are missing. After a merge the rest is planned anew, so planning ends. */
export type ActEarly = (plan: Plan, input: PlanInput) => Promise<"merged" | "go-on">;

/** Plans from one commit, answers what the plan asks, and plans again until nothing is open: what is slow comes last. */
export async function answerAndPlan(
  context: RepositoryContext,
  revision: string,
  beginning: PlanInput,
  actEarly: ActEarly | null,
): Promise<{ plan: Plan; input: PlanInput }> {
  let input = beginning;
  let early = actEarly;
  for (let pass = 0; pass < mostPasses; pass += 1) {
    const plan = makePlan(input);
    if (plan.questions.length === 0) return { plan, input };
    const { policy, streams } = input;
    const quick = plan.questions.filter(({ kind }) => !slow.has(kind));
    if (quick.length === 0 && early !== null) {
      if ((await early(plan, input)) === "merged") return { plan, input };
      early = null;
    }
    const asked = quick.length > 0 ? quick : plan.questions;
    const answering = answerQuestions(context, { policy, streams }, asked);
    const [answers] = await Promise.all([
      answering,
      editAhead(context, revision, input, asked, answering),
    ]);
    input = { ...input, answers: new Map([...input.answers, ...answers]) };
  }
  throw new Error(`a plan of ${context.job.repository} went on asking after ${mostPasses} passes`);
}
