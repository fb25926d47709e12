import { setImmediate as turn } from "node:timers/promises";

import type { Commit } from "#ports/github-things.ts";
import type { FileEdit } from "#ports/gitops-repo.ts";

import { blobSha } from "./blob-sha.ts";
import { remember, type RepositoryContext } from "./context.ts";

/** Files of one tree request, and characters, so that a request stays a few megabytes. */
const chunk = { files: 150, characters: 4_000_000 };
/** Edits are computed while they are asked for: after so many, whatever else waits has its turn. */
const filesATurn = 10;

/**
 * One commit on top of a parent; null where there is no edit. Inline files are text by GitHub's rules; the App becomes
 * author because none is named. Nothing points to the commit yet: a second run makes another, and the first is garbage.
 *
 * While GitHub builds one tree, the files of the next are edited.
 */
export async function commitFiles(
  context: RepositoryContext,
  options: { parent: string; edits: Iterable<FileEdit>; message: () => string },
): Promise<Commit | null> {
  // A commit may stand for its tree here, which saves reading the commit.
  let tree = Promise.resolve(options.parent);
  const texts: string[] = [];
  for await (const edits of chunksOf(options.edits)) {
    tree = addFiles(context, await tree, edits);
    // Awaited with the next files; what fails before must not count as unhandled.
    tree.catch(() => undefined);
    for (const { text } of edits) texts.push(text);
  }
  if (texts.length === 0) return null;
  const { data } = await context.request("POST /repos/{owner}/{repo}/git/commits", {
    ...context.at,
    message: options.message(),
    tree: await tree,
    parents: [options.parent],
  });
  const commit: Commit = {
    revision: data.sha,
    tree: data.tree.sha,
    parents: data.parents.map((parent) => parent.sha),
    message: data.message,
    author: await context.login(),
    at: new Date(data.committer.date),
  };
  remember(context, `commit ${commit.revision}`, commit, 500 + 2 * commit.message.length);
  // Once it is merged, these are the files that stand there: nobody has to read them back.
  for (const text of texts) {
    const bytes = Buffer.from(text);
    remember(context, `blob ${blobSha(bytes)}`, bytes, bytes.byteLength + 200);
  }
  return commit;
}

async function addFiles(
  context: RepositoryContext,
  base: string,
  edits: readonly FileEdit[],
): Promise<string> {
  const { data } = await context.request("POST /repos/{owner}/{repo}/git/trees", {
    ...context.at,
    base_tree: base,
    tree: edits.map(({ path, text, mode }) => ({
      path,
      mode: mode === "100755" ? mode : "100644",
      type: "blob",
      content: text,
    })),
  });
  return data.sha;
}

async function* chunksOf(edits: Iterable<FileEdit>): AsyncGenerator<readonly FileEdit[]> {
  let files: FileEdit[] = [];
  let room = chunk.characters;
  let seen = 0;
  for (const edit of edits) {
    if (files.length > 0 && (files.length >= chunk.files || edit.text.length > room)) {
      yield files;
      files = [];
      room = chunk.characters;
    }
    files.push(edit);
    room -= edit.text.length;
    seen += 1;
    if (seen % filesATurn === 0) await turn();
  }
  if (files.length > 0) yield files;
}
