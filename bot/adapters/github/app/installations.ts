import type { Octokit } from "@octokit/core";

import type { RepositoryInfo } from "#ports/code-host.ts";

import { all, pages } from "../repository/pages.ts";

/** Every installation of the App that is not suspended. */
export async function readInstallations(
  request: Octokit["request"],
): Promise<readonly { id: number; account: string }[]> {
  const bodies = await all(async (page) =>
    request("GET /app/installations", { per_page: 100, page }),
  );
  return bodies
    .filter((body) => body.suspended_at === null || body.suspended_at === undefined)
    .map((body) => ({ id: body.id, account: accountOf(body.account) }));
}

/** The repositories that the installation may use. */
export async function readRepositories(
  request: Octokit["request"],
): Promise<readonly RepositoryInfo[]> {
  const repositories: RepositoryInfo[] = [];
  const read = async (page: number) =>
    request("GET /installation/repositories", { per_page: 100, page });
  for await (const page of pages(read)) {
    for (const body of page.repositories) {
      repositories.push({
        name: body.full_name,
        defaultBranch: body.default_branch,
        pushedAt: typeof body.pushed_at === "string" ? new Date(body.pushed_at) : null,
        archived: body.archived,
      });
    }
  }
  return repositories;
}

function accountOf(account: object | null): string {
  const { login, slug } = (account ?? {}) as { login?: string; slug?: string };
  return login ?? slug ?? "";
}
