import { ApiError, notFound, ok } from "../http/answer.ts";
import type { RepositoryContext, Route } from "../http/context.ts";
import { paginate } from "../http/pagination.ts";
import { renderCommit } from "../render/commit.ts";
import { repositoryPage, repositoryUrl } from "../render/repository.ts";
import type { Schemas } from "../render/schemas.ts";
import type { Protection } from "../state/merge-rules.ts";

const PREFIX = "refs/heads/";

function branchUrl({ world, repository }: RepositoryContext, name: string): string {
  return `${repositoryUrl(world, repository)}/branches/${name}`;
}

function summary(context: RepositoryContext, name: string): Schemas["branch-protection"] {
  const protection = context.repository.protection[name];
  const contexts = protection?.requiredChecks.map((check) => check.context) ?? [];
  return {
    enabled: protection !== undefined,
    required_status_checks: {
      enforcement_level: protection === undefined ? "off" : "everyone",
      contexts,
      checks: protection?.requiredChecks.map(checkOf) ?? [],
    },
  };
}

function checkOf({ context, appId }: Protection["requiredChecks"][number]) {
  return { context, app_id: appId };
}

function shortBranch(
  context: RepositoryContext,
  name: string,
  sha: string,
): Schemas["short-branch"] {
  return {
    name,
    commit: { sha, url: `${repositoryUrl(context.world, context.repository)}/commits/${sha}` },
    protected: context.repository.protection[name] !== undefined,
    protection: summary(context, name),
    protection_url: `${branchUrl(context, name)}/protection`,
  };
}

async function getBranch(context: RepositoryContext) {
  const { world, repository, git, params, asOf } = context;
  const name = params["branch"] ?? "";
  const sha = git.refs.get(PREFIX + name, asOf);
  if (sha === undefined) throw new ApiError(404, "Branch not found");
  const url = branchUrl(context, name);
  return ok({
    name,
    commit: renderCommit(world, repository, await git.commitOrFail(sha)),
    _links: { self: url, html: `${repositoryPage(world, repository)}/tree/${name}` },
    protected: repository.protection[name] !== undefined,
    protection: summary(context, name),
    protection_url: `${url}/protection`,
  } satisfies Schemas["branch-with-protection"]);
}

async function getProtection(context: RepositoryContext) {
  const { params, repository, git } = context;
  const name = params["branch"] ?? "";
  if (git.refs.get(PREFIX + name) === undefined) throw new ApiError(404, "Branch not found");
  const protection = repository.protection[name];
  if (protection === undefined) throw new ApiError(404, "Branch not protected");
  const url = `${branchUrl(context, name)}/protection`;
  const checks = {
    url: `${url}/required_status_checks`,
    contexts_url: `${url}/required_status_checks/contexts`,
    strict: protection.strict,
    contexts: protection.requiredChecks.map((check) => check.context),
    checks: protection.requiredChecks.map(checkOf),
  };
  const reviews = {
    url: `${url}/required_pull_request_reviews`,
    dismiss_stale_reviews: protection.dismissStaleReviews,
    require_code_owner_reviews: false,
    require_last_push_approval: false,
    required_approving_review_count: protection.requiredApprovals,
  };
  return ok({
    url,
    ...(protection.requiredChecks.length === 0 ? {} : { required_status_checks: checks }),
    ...(protection.requiredApprovals === 0 ? {} : { required_pull_request_reviews: reviews }),
    enforce_admins: { url: `${url}/enforce_admins`, enabled: protection.enforceAdmins },
    required_linear_history: { enabled: protection.linearHistory },
    allow_force_pushes: { enabled: protection.allowForcePushes },
    allow_deletions: { enabled: protection.allowDeletions },
    block_creations: { enabled: false },
    required_conversation_resolution: { enabled: false },
    required_signatures: { url: `${url}/required_signatures`, enabled: false },
    lock_branch: { enabled: protection.locked },
    allow_fork_syncing: { enabled: false },
  } satisfies Schemas["branch-protection"]);
}

export const branchRoutes: Route[] = [
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/branches",
    scope: "repository",
    needs: [["contents", "read"]],
    handle: (context) => {
      const wanted = context.request.query.get("protected");
      const branches = context.git.refs
        .list(PREFIX, context.asOf)
        .map(({ ref, sha }) => shortBranch(context, ref.slice(PREFIX.length), sha))
        .filter((branch) => wanted === null || String(branch.protected) === wanted);
      return paginate(context, branches, (branch) => branch);
    },
  },
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/branches/{branch}",
    scope: "repository",
    needs: [["contents", "read"]],
    handle: getBranch,
  },
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/branches/{branch}/protection",
    scope: "repository",
    needs: [["administration", "read"]],
    handle: getProtection,
  },
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/tags",
    scope: "repository",
    needs: [["contents", "read"]],
    handle: (context) => {
      const { world, repository, git, asOf } = context;
      const url = repositoryUrl(world, repository);
      return paginate(context, git.refs.list("refs/tags/", asOf).toReversed(), async (entry) => {
        const name = entry.ref.slice("refs/tags/".length);
        const sha = await git.resolveCommit(entry.ref);
        if (sha === undefined) throw notFound();
        return {
          name,
          commit: { sha, url: `${url}/commits/${sha}` },
          zipball_url: `${url}/zipball/refs/tags/${name}`,
          tarball_url: `${url}/tarball/refs/tags/${name}`,
          node_id: `REF_${name}`,
        };
      });
    },
  },
];
