import { Fault } from "#core/error.ts";

import { refusedWith } from "../requests/errors.ts";
import type { RepositoryContext } from "./context.ts";
import { forgetRepositoryInfo, repositoryInfo } from "./info.ts";

/** Where a branch stands; null when it does not exist. */
export async function readBranch(context: RepositoryContext, name: string): Promise<string | null> {
  try {
    const { data } = await context.request("GET /repos/{owner}/{repo}/git/ref/{ref}", {
      ...context.at,
      ref: `heads/${name}`,
    });
    return data.object.sha;
  } catch (error) {
    if (refusedWith(error, 404) || refusedWith(error, 409, /empty/iu)) return null;
    throw error;
  }
}

export async function readHead(
  context: RepositoryContext,
): Promise<{ branch: string; revision: string; web: string }> {
  const { defaultBranch, web } = await repositoryInfo(context);
  const revision = await readBranch(context, defaultBranch);
  if (revision !== null) return { branch: defaultBranch, revision, web };
  forgetRepositoryInfo(context);
  throw new Fault(
    "github.empty-repository",
    `${context.name} has no commit on its default branch ${defaultBranch}.`,
    { retryable: true },
  );
}
