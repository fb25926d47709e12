import { commitText } from "../git/commits.ts";
import type { Commit } from "../git/commits.ts";
import type { FileDiff } from "../git/diff.ts";
import type { Account, Repository } from "../state/records.ts";
import type { World } from "../state/world.ts";
import { renderUser } from "./account.ts";
import { nodeId } from "./node-id.ts";
import { repositoryPage, repositoryUrl } from "./repository.ts";
import type { Schemas } from "./schemas.ts";

/** The address that GitHub gives an account's commits. */
export function noreplyAddress(account: Account): string {
  return account.login === "web-flow"
    ? "noreply@github.com"
    : `${account.id}+${account.login}@users.noreply.github.com`;
}

/** The account whose address a commit bears. */
export function accountOfAddress(world: World, email: string): Account | undefined {
  const login = /^(?:\d+\+)?([^@]+)@users\.noreply\.github\.com$/u.exec(email)?.[1];
  if (email === "noreply@github.com") {
    return world.tables.accounts.find((account) => account.login === "web-flow");
  }
  if (login === undefined) return undefined;
  return world.tables.accounts.find((row) => row.login.toLowerCase() === login.toLowerCase());
}

function verification(commit: Commit): Schemas["verification"] {
  if (commit.signature === null) {
    return {
      verified: false,
      reason: "unsigned",
      signature: null,
      payload: null,
      verified_at: null,
    };
  }
  return {
    verified: true,
    reason: "valid",
    signature: commit.signature,
    payload: commitText(commit, null),
    verified_at: commit.committer.date,
  };
}

/** The commit as the Git database gives it. */
export function renderGitCommit(
  world: World,
  repository: Repository,
  commit: Commit,
): Schemas["git-commit"] {
  const url = repositoryUrl(world, repository);
  const page = repositoryPage(world, repository);
  return {
    sha: commit.sha,
    node_id: nodeId("C", `${repository.id}:${commit.sha}`),
    url: `${url}/git/commits/${commit.sha}`,
    html_url: `${page}/commit/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${url}/git/commits/${sha}`,
      html_url: `${page}/commit/${sha}`,
    })),
    verification: verification(commit),
  };
}

/** The commit as lists and comparisons give it. */
export function renderCommit(
  world: World,
  repository: Repository,
  commit: Commit,
): Schemas["commit"] {
  const url = repositoryUrl(world, repository);
  const page = repositoryPage(world, repository);
  const person = (email: string): Schemas["simple-user"] | null => {
    const account = accountOfAddress(world, email);
    return account === undefined ? null : renderUser(world, account);
  };
  return {
    sha: commit.sha,
    node_id: nodeId("C", `${repository.id}:${commit.sha}`),
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
      url: `${url}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: verification(commit),
    },
    url: `${url}/commits/${commit.sha}`,
    html_url: `${page}/commit/${commit.sha}`,
    comments_url: `${url}/commits/${commit.sha}/comments`,
    author: person(commit.author.email),
    committer: person(commit.committer.email),
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${url}/commits/${sha}`,
      html_url: `${page}/commit/${sha}`,
    })),
  };
}

export function renderFile(
  world: World,
  repository: Repository,
  file: FileDiff,
  commit: string,
): Schemas["diff-entry"] {
  const url = repositoryUrl(world, repository);
  const page = repositoryPage(world, repository);
  const path = file.path.split("/").map(encodeURIComponent).join("/");
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${page}/blob/${commit}/${path}`,
    raw_url: `${page}/raw/${commit}/${path}`,
    contents_url: `${url}/contents/${path}?ref=${commit}`,
    ...(file.patch === undefined ? {} : { patch: file.patch }),
    ...(file.previousPath === undefined ? {} : { previous_filename: file.previousPath }),
  };
}

/** The short form in webhook payloads. */
export function renderPayloadCommit(
  world: World,
  repository: Repository,
  commit: Commit,
  files: FileDiff[],
): Record<string, unknown> {
  const person = ({ name, email }: Commit["author"]): Record<string, string> => {
    const username = accountOfAddress(world, email)?.login;
    return { name, email, ...(username === undefined ? {} : { username }) };
  };
  const named = (status: FileDiff["status"][]): string[] =>
    files.filter((file) => status.includes(file.status)).map((file) => file.path);
  return {
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.author.date,
    url: `${repositoryPage(world, repository)}/commit/${commit.sha}`,
    author: person(commit.author),
    committer: person(commit.committer),
    added: named(["added", "copied", "renamed"]),
    removed: [
      ...named(["removed"]),
      ...files.flatMap((file) => (file.previousPath === undefined ? [] : [file.previousPath])),
    ],
    modified: named(["modified", "changed"]),
  };
}

export function renderSimpleCommit(commit: Commit): Schemas["nullable-simple-commit"] & object {
  return {
    id: commit.sha,
    tree_id: commit.tree,
    message: commit.message,
    timestamp: commit.author.date,
    author: { name: commit.author.name, email: commit.author.email },
    committer: { name: commit.committer.name, email: commit.committer.email },
  };
}
