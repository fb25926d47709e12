import { archiveToken } from "../codeload.ts";
import { parseTree } from "../git/tree-data.ts";
import type { TreeEntry } from "../git/tree-data.ts";
import { entryAt } from "../git/trees.ts";
import { ApiError, notFound, ok } from "../http/answer.ts";
import type { Answer } from "../http/answer.ts";
import type { RepositoryContext, Route } from "../http/context.ts";
import { repositoryPage, repositoryUrl } from "../render/repository.ts";
import { fullName } from "../state/find.ts";
import { wantsRaw, wrappedBase64 } from "./git-objects.ts";

/** Above this the API gives no content but in the raw form. */
const LARGEST_INLINE = 1024 * 1024;

type Place = { path: string; ref: string; entry: TreeEntry; size: number };

export function renderEntry({ world, repository }: RepositoryContext, place: Place) {
  const { path, ref, entry, size } = place;
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  const url = `${repositoryUrl(world, repository)}/contents/${encoded}?ref=${ref}`;
  const kind = entry.type === "tree" ? "tree" : "blob";
  const html = `${repositoryPage(world, repository)}/${kind}/${ref}/${encoded}`;
  const git = `${repositoryUrl(world, repository)}/git/${kind}s/${entry.sha}`;
  const raw = `${repositoryPage(world, repository)}/raw/${ref}/${encoded}`;
  const types: Record<string, string> = { tree: "dir", blob: "file", commit: "submodule" };
  return {
    name: path.split("/").pop() ?? "",
    path,
    sha: entry.sha,
    size,
    url,
    html_url: html,
    git_url: git,
    download_url: entry.type === "blob" ? raw : null,
    type: types[entry.type],
    _links: { self: url, git, html },
  };
}

async function getContents(context: RepositoryContext): Promise<Answer> {
  const { repository, git, params, request, asOf } = context;
  const ref = request.query.get("ref") ?? repository.defaultBranch;
  const path = (params["path"] ?? "").replace(/\/$/u, "");
  const sha = await git.resolveCommit(ref, asOf);
  if (sha === undefined) throw new ApiError(404, `No commit found for the ref ${ref}`);
  const commit = await git.commitOrFail(sha);
  const entry = await entryAt(git.objects, commit.tree, path);
  if (entry === undefined) throw notFound();
  if (entry.type === "tree") return listFolder(context, { path, ref, sha: entry.sha });
  const data = await git.objects.readAs(entry.sha, "blob");
  if (data === undefined) throw notFound();
  if (wantsRaw(context)) {
    return { status: 200, raw: { type: "application/vnd.github.raw; charset=utf-8", data } };
  }
  const large = data.length > LARGEST_INLINE;
  return ok({
    ...renderEntry(context, { path, ref, entry, size: data.length }),
    content: large ? "" : wrappedBase64(data),
    encoding: large ? "none" : "base64",
  });
}

async function listFolder(
  context: RepositoryContext,
  { path, ref, sha }: { path: string; ref: string; sha: string },
): Promise<Answer> {
  const { git } = context;
  const entries = parseTree((await git.objects.readAs(sha, "tree")) ?? Buffer.alloc(0));
  const rendered = entries.slice(0, 1_000).map(async (entry) => {
    const size = entry.type === "blob" ? ((await git.objects.size(entry.sha)) ?? 0) : 0;
    const full = path === "" ? entry.name : `${path}/${entry.name}`;
    return renderEntry(context, { path: full, ref, entry, size });
  });
  return ok(await Promise.all(rendered));
}

/** An archive is fetched from another host, which takes no API token. */
function redirectToArchive(format: "tar.gz" | "zip") {
  return async (context: RepositoryContext): Promise<Answer> => {
    const { world, repository, git, params, asOf } = context;
    const name =
      params["ref"] === undefined || params["ref"] === ""
        ? repository.defaultBranch
        : params["ref"];
    const sha = await git.resolveCommit(name, asOf);
    if (sha === undefined) throw notFound();
    const branch =
      git.refs.get(`refs/heads/${name}`, asOf) === undefined ? name : `refs/heads/${name}`;
    const query = repository.private ? `?token=${archiveToken(world, repository)}` : "";
    const location = `${world.urls.codeload}/${fullName(world, repository)}/legacy.${format}/${branch}${query}`;
    return { status: 302, headers: { location } };
  };
}

export const contentRoutes: Route[] = [
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/contents/{path}",
    scope: "repository",
    needs: [["contents", "read"]],
    handle: getContents,
  },
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/tarball/{ref}",
    scope: "repository",
    needs: [["contents", "read"]],
    handle: redirectToArchive("tar.gz"),
  },
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/zipball/{ref}",
    scope: "repository",
    needs: [["contents", "read"]],
    handle: redirectToArchive("zip"),
  },
];
