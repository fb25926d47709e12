import { renderNotAPromotionCheck } from "#core/check-run-gates.ts";
import { Fault } from "#core/error.ts";
import type { StreamState } from "#core/plan-types.ts";
import { policyPath } from "#core/policy-parse.ts";
import type { PullRequest } from "#ports/github-things.ts";

import { observePolicy } from "./observe-policy.ts";
import { isSluiceBranch, type ObservedPulls } from "./observe-pull-requests.ts";
import { reportPolicyOn } from "./report-policy.ts";
import type { RepositoryContext } from "./repository-context.ts";

/**
 * Answers on every other pull request too: `sluice/gates` may be a required check, and one that nobody answers would
 * block people's own work. One that changes the policy learns whether it would still be valid.
 */
export async function reportOtherPullRequests(
  context: RepositoryContext,
  pulls: ObservedPulls,
  states: readonly StreamState[],
): Promise<void> {
  const others = pulls.filter(
    (pull) => pull.state === "open" && isNoPromotion(context.login, states, pull),
  );
  for (const pull of others)
    try {
      await answerPullRequest(context, pull);
    } catch (error) {
      // Somebody's commit that GitHub takes no check run for: nothing of Sluice's depends on it.
      if (!(error instanceof Fault) || error.code !== "github.refused") throw error;
      context.log.warn({ pull: pull.number, error: error.message }, "pull request not answered");
    }
}

async function answerPullRequest(context: RepositoryContext, pull: PullRequest): Promise<void> {
  const { memory, checkRuns, repository } = context;
  const note = `not-a-promotion/${pull.headRevision}`;
  if ((await memory.get(note)) !== null) return;
  await checkRuns.report({
    ...renderNotAPromotionCheck(),
    revision: pull.headRevision,
    name: "sluice/gates",
    externalId: "not-a-promotion",
  });
  const [own, base] = await Promise.all([
    repository.files(pull.headRevision),
    repository.files(pull.baseRevision),
  ]);
  if (own.get(policyPath)?.sha !== base.get(policyPath)?.sha) {
    const observed = await observePolicy(repository, pull.headRevision);
    if (observed.kind !== "absent") await reportPolicyOn(context, pull.headRevision, observed);
  }
  await memory.set(note, true);
}

/**
 * Somebody's own work, however its branch is called. What the App opened from a branch of its own is none, though it may
 * not be in the plan: just opened, or of an environment that the policy has no more.
 */
export function isNoPromotion(
  login: string,
  states: readonly StreamState[],
  { number, author, sameRepository, headBranch }: PullRequest,
): boolean {
  const planned = states.some(
    ({ open, sides = [] }) =>
      open?.number === number || sides.some((side) => side.open.number === number),
  );
  return !planned && !(author === login && sameRepository && isSluiceBranch(headBranch));
}
