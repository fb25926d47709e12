import { refusedByProtection, refusedWorkflows } from "../actions/branch-rules.ts";
import { signatureOf } from "../actions/merge-pull.ts";
import { moveRefs } from "../actions/push.ts";
import type { Signature } from "../git/commits.ts";
import { entryAt } from "../git/trees.ts";
import { ApiError, notFound, unprocessable } from "../http/answer.ts";
import type { Answer } from "../http/answer.ts";
import type { RepositoryContext, Route } from "../http/context.ts";
import { renderGitCommit } from "../render/commit.ts";
import { renderEntry } from "./contents.ts";

type Person = { name: string; email: string; date?: string };

type FileBody = {
  message: string;
  content?: string;
  sha?: string;
  branch?: string;
  author?: Person;
  committer?: Person;
};

/** Writes or deletes one file with a commit of its own; `sha` must be the blob that is there now. */
async function writeFile(context: RepositoryContext, deletes: boolean): Promise<Answer> {
  const { world, repository, git, params, request } = context;
  const body = request.body as FileBody;
  const branch = body.branch ?? repository.defaultBranch;
  const ref = `refs/heads/${branch}`;
  const before = git.refs.get(ref);
  if (before === undefined) throw new ApiError(404, `Branch ${branch} not found`);
  const { tree } = await git.commitOrFail(before);
  const path = params["path"] ?? "";
  const entry = await entryAt(git.objects, tree, path);
  if (deletes && entry === undefined) throw notFound();
  if (entry !== undefined && body.sha === undefined) {
    throw unprocessable(`Invalid request.\n\n"sha" wasn't supplied.`);
  }
  if (entry !== undefined && body.sha !== entry.sha) {
    throw new ApiError(409, `${path} does not match ${body.sha ?? ""}`);
  }
  const batch = git.objects.batch();
  const written = deletes ? "" : batch.add("blob", Buffer.from(body.content ?? "", "base64"));
  const edit = { path, mode: "100644", type: "blob" as const, sha: deletes ? null : written };
  const sha = await git.createCommit(
    {
      tree: await git.editTree(tree, [edit], batch),
      parents: [before],
      message: body.message,
      ...peopleOf(context, body),
    },
    context.actor.app !== null && body.author === undefined && body.committer === undefined,
  );
  refusedByProtection(context, { ref, sha, forced: false, deletes: false });
  await refusedWorkflows(context, before, sha);
  const outcome = await moveRefs(context, repository, [{ ref, before, after: sha }]);
  if (!outcome.ok)
    throw new ApiError(409, `is at ${git.refs.get(ref) ?? ""} but expected ${before}`);
  const commit = renderGitCommit(world, repository, await git.commitOrFail(sha));
  if (deletes) return { status: 200, body: { content: null, commit } };
  const found = { mode: "100644", type: "blob" as const, sha: written, name: "" };
  const size = (await git.objects.size(written)) ?? 0;
  const content = renderEntry(context, { path, ref: branch, entry: found, size });
  return { status: entry === undefined ? 201 : 200, body: { content, commit } };
}

function peopleOf(
  { world, actor }: RepositoryContext,
  body: FileBody,
): { author: Signature; committer: Signature } {
  const date = world.date();
  const github = { name: "GitHub", email: "noreply@github.com", date };
  const person = (given: Person | undefined, fallback: Signature): Signature =>
    given === undefined ? fallback : { date, ...given };
  const author = person(body.author ?? body.committer, signatureOf(actor.account, date));
  return { author, committer: person(body.committer, github) };
}

const PATH = "/repos/{owner}/{repo}/contents/{path}";

export const fileWriteRoutes: Route[] = [
  {
    method: "PUT",
    path: PATH,
    scope: "repository",
    needs: [["contents", "write"]],
    handle: (context) => writeFile(context, false),
  },
  {
    method: "DELETE",
    path: PATH,
    scope: "repository",
    needs: [["contents", "write"]],
    handle: (context) => writeFile(context, true),
  },
];
