import { fullName, ownerOf } from "../state/find.ts";
import type { Repository } from "../state/records.ts";
import type { World } from "../state/world.ts";
import { renderUser } from "./account.ts";
import { nodeId } from "./node-id.ts";
import type { Schemas } from "./schemas.ts";

export function repositoryUrl(world: World, repository: Repository): string {
  return `${world.urls.api}/repos/${fullName(world, repository)}`;
}

export function repositoryPage(world: World, repository: Repository): string {
  return `${world.urls.web}/${fullName(world, repository)}`;
}

function urlsOf(world: World, repository: Repository) {
  const url = repositoryUrl(world, repository);
  const page = repositoryPage(world, repository);
  const name = fullName(world, repository);
  const host = new URL(world.urls.web).host;
  return {
    html_url: page,
    url,
    forks_url: `${url}/forks`,
    keys_url: `${url}/keys{/key_id}`,
    collaborators_url: `${url}/collaborators{/collaborator}`,
    teams_url: `${url}/teams`,
    hooks_url: `${url}/hooks`,
    issue_events_url: `${url}/issues/events{/number}`,
    events_url: `${url}/events`,
    assignees_url: `${url}/assignees{/user}`,
    branches_url: `${url}/branches{/branch}`,
    tags_url: `${url}/tags`,
    blobs_url: `${url}/git/blobs{/sha}`,
    git_tags_url: `${url}/git/tags{/sha}`,
    git_refs_url: `${url}/git/refs{/sha}`,
    trees_url: `${url}/git/trees{/sha}`,
    statuses_url: `${url}/statuses/{sha}`,
    languages_url: `${url}/languages`,
    stargazers_url: `${url}/stargazers`,
    contributors_url: `${url}/contributors`,
    subscribers_url: `${url}/subscribers`,
    subscription_url: `${url}/subscription`,
    commits_url: `${url}/commits{/sha}`,
    git_commits_url: `${url}/git/commits{/sha}`,
    comments_url: `${url}/comments{/number}`,
    issue_comment_url: `${url}/issues/comments{/number}`,
    contents_url: `${url}/contents/{+path}`,
    compare_url: `${url}/compare/{base}...{head}`,
    merges_url: `${url}/merges`,
    archive_url: `${url}/{archive_format}{/ref}`,
    downloads_url: `${url}/downloads`,
    issues_url: `${url}/issues{/number}`,
    pulls_url: `${url}/pulls{/number}`,
    milestones_url: `${url}/milestones{/number}`,
    notifications_url: `${url}/notifications{?since,all,participating}`,
    labels_url: `${url}/labels{/name}`,
    releases_url: `${url}/releases{/id}`,
    deployments_url: `${url}/deployments`,
    git_url: `git://${host}/${name}.git`,
    ssh_url: `git@${host}:${name}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
  };
}

/** The repository as lists, pull requests and payloads carry it. */
export function renderRepository(world: World, repository: Repository): Schemas["repository"] {
  const openIssues = world.tables.issues.filter(
    (issue) => issue.repositoryId === repository.id && issue.state === "open",
  ).length;
  return {
    id: repository.id,
    node_id: nodeId("R", repository.id),
    name: repository.name,
    full_name: fullName(world, repository),
    owner: renderUser(world, ownerOf(world, repository)),
    private: repository.private,
    description: repository.description,
    fork: repository.parentId !== null,
    ...urlsOf(world, repository),
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    forks: 0,
    forks_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    size: 1,
    default_branch: repository.defaultBranch,
    open_issues: openIssues,
    open_issues_count: openIssues,
    is_template: false,
    topics: [],
    has_issues: true,
    has_projects: true,
    has_wiki: false,
    has_pages: false,
    has_downloads: true,
    has_discussions: false,
    archived: false,
    disabled: false,
    visibility: repository.private ? "private" : "public",
    pushed_at: repository.pushedAt,
    created_at: repository.createdAt,
    updated_at: repository.pushedAt,
    allow_forking: true,
    web_commit_signoff_required: false,
  };
}

/** What `GET /repos/{owner}/{repo}` adds. */
export function renderFullRepository(
  world: World,
  repository: Repository,
): Schemas["full-repository"] {
  const { mergeMethods } = repository;
  const owner = ownerOf(world, repository);
  const parent =
    repository.parentId === null ? undefined : world.tables.repositories.get(repository.parentId);
  const {
    license: _license,
    permissions: _permissions,
    ...common
  } = renderRepository(world, repository);
  return {
    ...(common as Omit<Schemas["full-repository"], "license">),
    license: null,
    has_discussions: false,
    pushed_at: repository.pushedAt,
    created_at: repository.createdAt,
    updated_at: repository.pushedAt,
    allow_merge_commit: mergeMethods.includes("merge"),
    allow_squash_merge: mergeMethods.includes("squash"),
    allow_rebase_merge: mergeMethods.includes("rebase"),
    allow_auto_merge: false,
    allow_update_branch: false,
    delete_branch_on_merge: repository.deleteBranchOnMerge,
    use_squash_pr_title_as_default: false,
    squash_merge_commit_title: "COMMIT_OR_PR_TITLE",
    squash_merge_commit_message: "COMMIT_MESSAGES",
    merge_commit_title: "MERGE_MESSAGE",
    merge_commit_message: "PR_TITLE",
    network_count: 0,
    subscribers_count: 0,
    ...(owner.type === "Organization" ? { organization: renderUser(world, owner) } : {}),
    ...(parent === undefined
      ? {}
      : { parent: renderRepository(world, parent), source: renderRepository(world, parent) }),
  };
}

/** The repository of a check suite. */
export function renderMinimalRepository(
  world: World,
  repository: Repository,
): Schemas["minimal-repository"] {
  const { license: _license, ...rest } = renderRepository(world, repository);
  return rest as Schemas["minimal-repository"];
}

/** The repository of a webhook payload. */
export function renderPayloadRepository(
  world: World,
  repository: Repository,
): Record<string, unknown> {
  return { ...renderRepository(world, repository), custom_properties: {} };
}
