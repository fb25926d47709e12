import { signatureOf } from "../actions/merge-pull.ts";
import { commitText } from "../git/commits.ts";
import type { Signature } from "../git/commits.ts";
import type { ObjectBatch } from "../git/objects.ts";
import { entryAt, flattenTree } from "../git/trees.ts";
import type { TreeEdit } from "../git/trees.ts";
import { created, notFound, ok, unprocessable } from "../http/answer.ts";
import type { RepositoryContext, Route } from "../http/context.ts";
import { renderGitCommit } from "../render/commit.ts";
import { nodeId } from "../render/node-id.ts";
import { repositoryUrl } from "../render/repository.ts";
import type { Schemas } from "../render/schemas.ts";

/** Where GitHub cuts a recursive tree. */
const MOST_ENTRIES = 100_000;
const MOST_TREE_BYTES = 7 * 1024 * 1024;

/** Base64 in lines of 60, as GitHub writes it. */
export function wrappedBase64(data: Buffer): string {
  const text = data.toString("base64");
  return text.replaceAll(/.{60}/gu, "$&\n") + (text.length % 60 === 0 ? "" : "\n");
}

export function wantsRaw(context: RepositoryContext): boolean {
  return /application\/vnd\.github(?:\.v3)?\.raw/u.test(context.request.headers.accept ?? "");
}

async function getBlob(context: RepositoryContext) {
  const { world, repository, git, params } = context;
  const sha = params["file_sha"] ?? "";
  const data = await git.objects.readAs(sha, "blob");
  if (data === undefined) throw notFound();
  if (wantsRaw(context)) {
    return { status: 200, raw: { type: "application/vnd.github.raw; charset=utf-8", data } };
  }
  return ok({
    sha,
    node_id: nodeId("B", `${repository.id}:${sha}`),
    size: data.length,
    url: `${repositoryUrl(world, repository)}/git/blobs/${sha}`,
    content: wrappedBase64(data),
    encoding: "base64",
  } satisfies Schemas["blob"]);
}

async function createBlob({ world, repository, git, request }: RepositoryContext) {
  const { content, encoding } = request.body as { content: string; encoding?: string };
  const base64 = encoding === "base64";
  if (base64 && !/^[A-Za-z0-9+/=\s]*$/u.test(content)) {
    throw unprocessable("content is not valid Base64");
  }
  const sha = await git.objects.write("blob", Buffer.from(content, base64 ? "base64" : "utf8"));
  return created({ sha, url: `${repositoryUrl(world, repository)}/git/blobs/${sha}` });
}

async function renderTree(
  { world, repository, git }: RepositoryContext,
  sha: string,
  recursive: boolean,
): Promise<Schemas["git-tree"]> {
  const url = repositoryUrl(world, repository);
  const flat = await flattenTree(git.objects, sha, "", recursive);
  const sizes = await Promise.all(flat.map((entry) => git.objects.size(entry.sha)));
  const tree: Schemas["git-tree"]["tree"] = [];
  let bytes = 0;
  for (const [index, entry] of flat.entries()) {
    const kind = entry.type === "tree" ? "trees" : entry.type === "blob" ? "blobs" : "commits";
    const item = {
      path: entry.path,
      mode: entry.mode,
      type: entry.type,
      sha: entry.sha,
      ...(entry.type === "blob" ? { size: sizes[index] ?? 0 } : {}),
      ...(entry.type === "commit" ? {} : { url: `${url}/git/${kind}/${entry.sha}` }),
    };
    bytes += entry.path.length + 160 + url.length;
    if (tree.length >= MOST_ENTRIES || bytes > MOST_TREE_BYTES) {
      return { sha, url: `${url}/git/trees/${sha}`, tree, truncated: true };
    }
    tree.push(item);
  }
  return { sha, url: `${url}/git/trees/${sha}`, tree, truncated: false };
}

/** The tree that a tree SHA, a commit SHA or a ref names. */
async function treeOf(context: RepositoryContext, name: string): Promise<string | undefined> {
  const object = await context.git.objects.read(name);
  if (object?.type === "tree") return name;
  const commit = await context.git.resolveCommit(name, context.asOf);
  return commit === undefined ? undefined : (await context.git.commit(commit))?.tree;
}

type WantedEntry = {
  path?: string;
  mode?: string;
  type?: string;
  sha?: string | null;
  content?: string;
};

async function createTree(context: RepositoryContext) {
  const { git, request } = context;
  const body = request.body as { tree: WantedEntry[]; base_tree?: string };
  const base = body.base_tree === undefined ? undefined : await treeOf(context, body.base_tree);
  if (body.base_tree !== undefined && base === undefined) {
    throw unprocessable("base_tree is not a valid tree oid");
  }
  if (body.tree.length === 0 && base === undefined) throw unprocessable("Invalid tree info");
  const batch = git.objects.batch();
  const edits: TreeEdit[] = [];
  for (const entry of body.tree) {
    edits.push(await editOf(context, entry, base, batch));
  }
  const sha = await git.editTree(base, edits, batch);
  return created({ ...(await renderTree(context, sha, false)) });
}

async function editOf(
  { git }: RepositoryContext,
  entry: WantedEntry,
  base: string | undefined,
  batch: ObjectBatch,
): Promise<TreeEdit> {
  const path = entry.path ?? "";
  const parts = path.split("/");
  if (
    parts.some((part) => part === "" || part === "." || part === ".." || /^\.git$/iu.test(part))
  ) {
    throw unprocessable("tree.path contains a malformed path component");
  }
  if (entry.mode === undefined) throw unprocessable("Must supply a valid tree.mode");
  const type = entry.mode === "040000" ? "tree" : entry.mode === "160000" ? "commit" : "blob";
  if (entry.content !== undefined) {
    if (entry.sha !== undefined) {
      throw unprocessable("Must supply either tree.sha or tree.content, not both");
    }
    const sha = batch.add("blob", Buffer.from(entry.content, "utf8"));
    return { path, mode: entry.mode, type, sha };
  }
  if (entry.sha === undefined) throw unprocessable("Must supply tree.sha or tree.content");
  if (entry.sha === null) {
    const there = base === undefined ? undefined : await entryAt(git.objects, base, path);
    if (there === undefined) throw unprocessable("GitRPC::BadObjectState");
    return { path, mode: entry.mode, type, sha: null };
  }
  const object = await git.objects.read(entry.sha);
  if (type !== "commit" && object?.type !== type) {
    throw unprocessable(`tree.sha ${entry.sha} is not a valid ${type}`);
  }
  return { path, mode: entry.mode, type, sha: entry.sha };
}

type Person = { name: string; email: string; date?: string };

async function createCommit({ world, repository, git, request, actor }: RepositoryContext) {
  const body = request.body as {
    message: string;
    tree: string;
    parents?: string[];
    author?: Person;
    committer?: Person;
    signature?: string;
  };
  if ((await git.objects.readAs(body.tree, "tree")) === undefined) {
    throw unprocessable("Tree SHA does not exist");
  }
  for (const parent of body.parents ?? []) {
    if ((await git.commit(parent)) === undefined) {
      throw unprocessable("Parent SHA does not exist or is not a commit object");
    }
  }
  const date = world.date();
  const person = (given: Person | undefined, fallback: Signature): Signature =>
    given === undefined
      ? fallback
      : { name: given.name, email: given.email, date: given.date ?? date };
  const own = body.author === undefined && body.committer === undefined;
  const author = person(body.author, signatureOf(actor.account, date));
  // What a bot commits without naming anyone, GitHub commits and signs itself.
  const signed = own && actor.app !== null && body.signature === undefined;
  const github = { name: "GitHub", email: "noreply@github.com", date };
  const committer = person(body.committer, signed ? github : author);
  const parents = body.parents ?? [];
  const text = { tree: body.tree, parents, author, committer, message: body.message };
  const sha =
    body.signature === undefined
      ? await git.createCommit(text, signed)
      : await git.objects.write("commit", Buffer.from(commitText(text, body.signature), "utf8"));
  return created(renderGitCommit(world, repository, await git.commitOrFail(sha)));
}

export const gitObjectRoutes: Route[] = [
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/git/blobs/{file_sha}",
    scope: "repository",
    needs: [["contents", "read"]],
    handle: getBlob,
  },
  {
    method: "POST",
    path: "/repos/{owner}/{repo}/git/blobs",
    scope: "repository",
    unlocked: true,
    needs: [["contents", "write"]],
    handle: createBlob,
  },
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/git/trees/{tree_sha}",
    scope: "repository",
    needs: [["contents", "read"]],
    handle: async (context) => {
      const sha = await treeOf(context, context.params["tree_sha"] ?? "");
      if (sha === undefined) throw notFound();
      return ok(await renderTree(context, sha, context.request.query.has("recursive")));
    },
  },
  {
    method: "POST",
    path: "/repos/{owner}/{repo}/git/trees",
    scope: "repository",
    unlocked: true,
    needs: [["contents", "write"]],
    handle: createTree,
  },
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/git/commits/{commit_sha}",
    scope: "repository",
    needs: [["contents", "read"]],
    handle: async ({ world, repository, git, params }) => {
      const commit = await git.commit(params["commit_sha"] ?? "");
      if (commit === undefined) throw notFound();
      return ok(renderGitCommit(world, repository, commit));
    },
  },
  {
    method: "POST",
    path: "/repos/{owner}/{repo}/git/commits",
    scope: "repository",
    unlocked: true,
    needs: [["contents", "write"]],
    handle: createCommit,
  },
];
