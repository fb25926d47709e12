import type { Commit } from "#ports/github-things.ts";
import type { FileEdit } from "#ports/gitops-repo.ts";

import { blobSha } from "./blob-sha.ts";
import { remember, type RepositoryContext } from "./context.ts";

/** Files of one tree request, and characters, so that a request stays a few megabytes. */
const chunk = { files: 150, characters: 4_000_000 };

/**
 * One commit on top of a parent. Inline files are text by GitHub's rules; the App becomes author because none is named.
 * Nothing points to the commit yet: a second run makes another, and the first is garbage.
 */
export async function commitFiles(
  context: RepositoryContext,
  options: { parent: string; edits: readonly FileEdit[]; message: string },
): Promise<Commit> {
  // A commit may stand for its tree here, which saves reading the commit.
  let tree = options.parent;
  for (const edits of chunksOf(options.edits)) {
    const { data } = await context.request("POST /repos/{owner}/{repo}/git/trees", {
      ...context.at,
      base_tree: tree,
      tree: edits.map(({ path, text, mode }) => ({
        path,
        mode: mode === "100755" ? mode : "100644",
        type: "blob",
        content: text,
      })),
    });
    tree = data.sha;
  }
  const { data } = await context.request("POST /repos/{owner}/{repo}/git/commits", {
    ...context.at,
    message: options.message,
    tree,
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
  for (const { text } of options.edits) {
    const bytes = Buffer.from(text);
    remember(context, `blob ${blobSha(bytes)}`, bytes, bytes.byteLength + 200);
  }
  return commit;
}

function chunksOf(edits: readonly FileEdit[]): FileEdit[][] {
  const chunks: FileEdit[][] = [];
  let room = 0;
  for (const edit of edits) {
    const last = chunks.at(-1);
    if (last === undefined || last.length >= chunk.files || edit.text.length > room) {
      chunks.push([edit]);
      room = chunk.characters - edit.text.length;
    } else {
      last.push(edit);
      room -= edit.text.length;
    }
  }
  return chunks;
}
