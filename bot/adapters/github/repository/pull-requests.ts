import type { PullRequest } from "#ports/github-things.ts";

import { isUnknownOutcome } from "../requests/errors.ts";
import type { RepositoryContext } from "./context.ts";
import { all, hasNext } from "./pages.ts";
import { toPullRequest } from "./to-pull-request.ts";

export async function listPullRequests(
  context: RepositoryContext,
  options: { updatedSince: Date | null; atMost: number },
): Promise<{ pulls: readonly PullRequest[]; complete: boolean }> {
  const pulls: PullRequest[] = [];
  for (let page = 1; page <= options.atMost; page += 1) {
    const { data, headers } = await context.request("GET /repos/{owner}/{repo}/pulls", {
      ...context.at,
      state: "all",
      sort: "updated",
      direction: "desc",
      per_page: 100,
      page,
    });
    for (const body of data) {
      const pull = toPullRequest(body);
      if (options.updatedSince !== null && pull.updatedAt < options.updatedSince) {
        return { pulls, complete: true };
      }
      pulls.push(pull);
    }
    if (!hasNext(headers.link)) return { pulls, complete: true };
  }
  return { pulls, complete: false };
}

/** Pull requests from one branch of this very repository; a fork's branch of the same name is another. */
export async function pullRequestsOf(
  context: RepositoryContext,
  branch: string,
): Promise<readonly PullRequest[]> {
  const bodies = await all(async (page) =>
    context.request("GET /repos/{owner}/{repo}/pulls", {
      ...context.at,
      state: "all",
      head: `${context.at.owner}:${branch}`,
      sort: "created",
      direction: "desc",
      per_page: 100,
      page,
    }),
  );
  return bodies
    .map(toPullRequest)
    .filter((pull) => pull.sameRepository && pull.headBranch === branch);
}

export async function readPullRequest(
  context: RepositoryContext,
  number: number,
): Promise<PullRequest> {
  const { data } = await context.request("GET /repos/{owner}/{repo}/pulls/{pull_number}", {
    ...context.at,
    pull_number: number,
  });
  return toPullRequest(data);
}

/** The pull request itself does not say who closed it; its issue does. */
export async function readClosedBy(
  context: RepositoryContext,
  number: number,
): Promise<string | null> {
  const { data } = await context.request("GET /repos/{owner}/{repo}/issues/{issue_number}", {
    ...context.at,
    issue_number: number,
  });
  return data.state === "closed" ? (data.closed_by?.login ?? null) : null;
}

export async function editPullRequest(
  context: RepositoryContext,
  number: number,
  change: { title?: string; body?: string; state?: "closed" },
): Promise<PullRequest> {
  try {
    const { data } = await context.request("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", {
      ...context.at,
      pull_number: number,
      ...change,
    });
    return toPullRequest(data);
  } catch (error) {
    if (!isUnknownOutcome(error)) throw error;
    const pull = await readPullRequest(context, number);
    if (carries(pull, change)) return pull;
    throw error;
  }
}

export async function addLabels(
  context: RepositoryContext,
  number: number,
  labels: readonly string[],
): Promise<void> {
  if (labels.length === 0) return;
  await context.request("POST /repos/{owner}/{repo}/issues/{issue_number}/labels", {
    ...context.at,
    issue_number: number,
    labels: [...labels],
  });
}

function carries(
  pull: PullRequest,
  change: { title?: string; body?: string; state?: "closed" },
): boolean {
  return (
    (change.title === undefined || pull.title === change.title) &&
    (change.body === undefined || pull.body === change.body) &&
    (change.state === undefined || pull.state === change.state)
  );
}
