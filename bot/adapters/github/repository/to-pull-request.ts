import type { PullRequest } from "#ports/github-things.ts";

/** What list, single and create answers of the API have in common. */
export type PullBody = {
  readonly number: number;
  readonly state: string;
  readonly title: string;
  readonly body: string | null;
  readonly user: { readonly login: string } | null;
  readonly draft?: boolean;
  readonly head: Side;
  readonly base: Side;
  readonly merged_at: string | null;
  readonly merge_commit_sha: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly closed_at: string | null;
  readonly html_url: string;
  readonly labels: readonly { readonly name?: string }[];
};

type Side = {
  readonly ref: string;
  readonly sha: string;
  /** Null when the repository is gone, whatever the schema says. */
  readonly repo: { readonly id: number | bigint } | null;
};

export function toPullRequest(body: PullBody): PullRequest {
  const { head, base } = body;
  return {
    number: body.number,
    state: body.state === "open" ? "open" : "closed",
    title: body.title,
    body: body.body ?? "",
    author: body.user?.login ?? "ghost",
    headBranch: head.ref,
    headRevision: head.sha,
    sameRepository: head.repo !== null && base.repo !== null && head.repo.id === base.repo.id,
    baseBranch: base.ref,
    baseRevision: base.sha,
    draft: body.draft ?? false,
    mergedAt: dateOf(body.merged_at),
    // Before the merge it is only GitHub's trial merge.
    mergeRevision: body.merged_at === null ? null : body.merge_commit_sha,
    createdAt: new Date(body.created_at),
    updatedAt: new Date(body.updated_at),
    closedAt: dateOf(body.closed_at),
    url: body.html_url,
    labels: body.labels.flatMap(({ name }) => (name === undefined ? [] : [name])),
  };
}

function dateOf(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
