import type { RepositoryContext } from "./context.ts";

export type RepositoryInfo = {
  readonly defaultBranch: string;
  /** Where its pages are: `https://github.com`. */
  readonly web: string;
  /** GraphQL's id of the repository. */
  readonly nodeId: string;
  /** In the order in which Sluice prefers them: a merge commit keeps the promotion's own commit. */
  readonly mergeMethods: readonly MergeMethod[];
  readonly readAt: number;
};

export type MergeMethod = "merge" | "squash" | "rebase";

/**
 * Milliseconds for which a repository's settings are taken for granted. A merge that is refused for its method, or a
 * default branch that is gone, looks again at once.
 */
const fresh = 600_000;

export async function repositoryInfo(context: RepositoryContext): Promise<RepositoryInfo> {
  const now = context.clock.now().getTime();
  const key = `${context.installation} ${context.name.toLowerCase()}`;
  const known = context.infos.get(key);
  if (known !== undefined && now - known.readAt < fresh && now >= known.readAt) return known;
  const { data } = await context.request("GET /repos/{owner}/{repo}", context.at);
  // Absent means that the token may not see the setting, not that it is off.
  const allowed: readonly [MergeMethod, boolean | undefined][] = [
    ["merge", data.allow_merge_commit],
    ["squash", data.allow_squash_merge],
    ["rebase", data.allow_rebase_merge],
  ];
  const info = {
    defaultBranch: data.default_branch,
    web: new URL(data.html_url).origin,
    nodeId: data.node_id,
    mergeMethods: allowed.filter(([, on]) => on !== false).map(([method]) => method),
    readAt: now,
  };
  context.infos.set(key, info);
  return info;
}

export function forgetRepositoryInfo(context: RepositoryContext): void {
  context.infos.delete(`${context.installation} ${context.name.toLowerCase()}`);
}
