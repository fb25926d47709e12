import { refusedByProtection, refusedWorkflows } from "../actions/branch-rules.ts";
import { moveRefs } from "../actions/push.ts";
import { ZERO_SHA } from "../git/refs.ts";
import { created, noContent, notFound, ok, unprocessable } from "../http/answer.ts";
import type { RepositoryContext, Route } from "../http/context.ts";
import { paginate } from "../http/pagination.ts";
import { nodeId } from "../render/node-id.ts";
import { repositoryUrl } from "../render/repository.ts";
import type { Schemas } from "../render/schemas.ts";

async function renderRef(
  { world, repository, git }: RepositoryContext,
  ref: string,
  sha: string,
): Promise<Schemas["git-ref"]> {
  const url = repositoryUrl(world, repository);
  const type = (await git.objects.read(sha))?.type ?? "commit";
  return {
    ref,
    node_id: nodeId("REF", `${repository.id}:${ref}`),
    url: `${url}/git/${ref}`,
    object: { type, sha, url: `${url}/git/${type}s/${sha}` },
  };
}

/** What git itself calls a ref name (git check-ref-format), and GitHub's wish for three parts. */
export function refNameProblem(ref: string): string | undefined {
  if (!ref.startsWith("refs/") || ref.split("/").length < 3) {
    return "Reference name must start with 'refs' and have at least two slashes.";
  }
  const bad =
    // oxlint-disable-next-line no-control-regex
    /\.\.|@\{|[\u0000-\u0020\u007F~^:?*[\\]|\/\/|\.$|\/$|\.lock(?:\/|$)|\/\./u.test(ref);
  return bad ? `${ref} is not a valid ref name.` : undefined;
}

export function shaProblem(sha: string): string | undefined {
  return /^[0-9a-f]{40}$/u.test(sha)
    ? undefined
    : "The sha parameter must be exactly 40 characters and contain only [0-9a-f].";
}

async function createRef(context: RepositoryContext) {
  const { repository, git, request } = context;
  const { ref, sha } = request.body as { ref: string; sha: string };
  const problem = refNameProblem(ref) ?? shaProblem(sha);
  if (problem !== undefined) throw unprocessable(problem);
  const object = await git.objects.read(sha);
  if (object === undefined) throw unprocessable("Object does not exist");
  if (git.refs.get(ref) !== undefined) throw unprocessable("Reference already exists");
  if (ref.startsWith("refs/heads/") && object.type !== "commit") {
    throw unprocessable("Object is not a commit");
  }
  await refusedWorkflows(context, undefined, sha);
  const outcome = await moveRefs(context, repository, [{ ref, before: ZERO_SHA, after: sha }]);
  // Git cannot hold a/b beside a/b/c.
  if (!outcome.ok) throw unprocessable("Reference update failed");
  return created(await renderRef(context, ref, sha));
}

async function updateRef(context: RepositoryContext) {
  const { repository, git, params, request } = context;
  const ref = `refs/${params["ref"]}`;
  const { sha, force } = request.body as { sha: string; force?: boolean };
  const problem = shaProblem(sha);
  if (problem !== undefined) throw unprocessable(problem);
  const before = git.refs.get(ref);
  if (before === undefined) throw unprocessable("Reference does not exist");
  const object = await git.objects.read(sha);
  if (object === undefined) throw unprocessable("Object does not exist");
  if (ref.startsWith("refs/heads/") && object.type !== "commit") {
    throw unprocessable("Object is not a commit");
  }
  const forward = await git.isAncestor(before, sha);
  if (!forward && force !== true) throw unprocessable("Update is not a fast forward");
  refusedByProtection(context, { ref, sha, forced: !forward, deletes: false });
  await refusedWorkflows(context, before, sha);
  const outcome = await moveRefs(context, repository, [{ ref, before, after: sha }]);
  if (!outcome.ok) throw unprocessable("Reference cannot be updated");
  return ok(await renderRef(context, ref, sha));
}

async function deleteRef(context: RepositoryContext) {
  const { repository, git, params } = context;
  const ref = `refs/${params["ref"]}`;
  if (git.refs.get(ref) === undefined) throw unprocessable("Reference does not exist");
  refusedByProtection(context, { ref, sha: ZERO_SHA, forced: false, deletes: true });
  const outcome = await moveRefs(context, repository, [{ ref, after: ZERO_SHA }]);
  if (!outcome.ok) throw unprocessable("Reference cannot be deleted");
  return noContent();
}

export const gitRefRoutes: Route[] = [
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/git/ref/{ref}",
    scope: "repository",
    needs: [["contents", "read"]],
    handle: async (context) => {
      const ref = `refs/${context.params["ref"]}`;
      const sha = context.git.refs.get(ref, context.asOf);
      if (sha === undefined) throw notFound();
      return ok(await renderRef(context, ref, sha));
    },
  },
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/git/matching-refs/{ref}",
    scope: "repository",
    needs: [["contents", "read"]],
    handle: (context) => {
      const refs = context.git.refs.list(`refs/${context.params["ref"]}`, context.asOf);
      return paginate(context, refs, ({ ref, sha }) => renderRef(context, ref, sha));
    },
  },
  {
    method: "POST",
    path: "/repos/{owner}/{repo}/git/refs",
    scope: "repository",
    needs: [["contents", "write"]],
    handle: createRef,
  },
  {
    method: "PATCH",
    path: "/repos/{owner}/{repo}/git/refs/{ref}",
    scope: "repository",
    needs: [["contents", "write"]],
    handle: updateRef,
  },
  {
    method: "DELETE",
    path: "/repos/{owner}/{repo}/git/refs/{ref}",
    scope: "repository",
    needs: [["contents", "write"]],
    handle: deleteRef,
  },
];
