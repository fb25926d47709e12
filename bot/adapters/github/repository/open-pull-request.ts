import { Fault } from "#core/error.ts";
import type { PullRequest } from "#ports/github-things.ts";
import type { OpenResult } from "#ports/gitops-repo.ts";

import { type GitHubFault, isUnknownOutcome, refusedWith } from "../requests/errors.ts";
import { compare } from "./compare.ts";
import type { RepositoryContext } from "./context.ts";
import { pullRequestsOf } from "./pull-requests.ts";
import { toPullRequest } from "./to-pull-request.ts";

type Wanted = { head: string; base: string; title: string; body: string };

/** GitHub keeps one open pull request a head and base: that, and not our memory, is what makes this repeatable. */
export async function openPullRequest(
  context: RepositoryContext,
  wanted: Wanted,
): Promise<OpenResult> {
  try {
    const { data } = await context.request("POST /repos/{owner}/{repo}/pulls", {
      ...context.at,
      ...wanted,
    });
    return { kind: "opened", pull: toPullRequest(data) };
  } catch (error) {
    if (isUnknownOutcome(error))
      return { kind: "found", pull: await findOpen(context, wanted, error) };
    if (refusedWith(error, 422)) return refusal(context, wanted, error);
    throw error;
  }
}

async function refusal(
  context: RepositoryContext,
  wanted: Wanted,
  error: GitHubFault,
): Promise<OpenResult> {
  if (/pull request already exists/iu.test(error.detail)) {
    return { kind: "found", pull: await findOpen(context, wanted, error) };
  }
  if (/no commits between/iu.test(error.detail)) return noDifference(context, wanted);
  return {
    kind: "refused",
    reason: "pull-request-refused",
    sentence: `GitHub did not open the pull request: ${error.detail}`,
  };
}

/** Just after a push GitHub may still compare with the branch as it was (databricks/cli#5921). */
async function noDifference(context: RepositoryContext, wanted: Wanted): Promise<OpenResult> {
  const { status } = await compare(context, wanted.base, wanted.head);
  if (status === "identical" || status === "behind") return { kind: "no-difference" };
  throw new Fault(
    "github.stale",
    `GitHub does not see the new commit of ${wanted.head} yet; it is looked at again.`,
    { retryable: true },
  );
}

async function findOpen(
  context: RepositoryContext,
  wanted: Wanted,
  error: GitHubFault,
): Promise<PullRequest> {
  const pulls = await pullRequestsOf(context, wanted.head);
  const open = pulls.find((pull) => pull.state === "open" && pull.baseBranch === wanted.base);
  if (open !== undefined) return open;
  throw new Fault(
    error.code === "github.refused" ? "github.stale" : error.code,
    `Whether the pull request of ${wanted.head} is open cannot be seen yet; it is looked at again. ${error.message}`,
    { retryable: true, cause: error },
  );
}
