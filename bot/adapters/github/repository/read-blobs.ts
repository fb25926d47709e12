import { Fault } from "#core/error.ts";
import type { FileEntry } from "#ports/github-things.ts";

import { blobSha } from "./blob-sha.ts";
import { recall, remember, type RepositoryContext } from "./context.ts";
import { readArchive } from "./read-archive.ts";

/** Design §8: when more than this are missing, one archive is cheaper than a request for each. */
const oneByOne = 50;

/** The contents of blobs, keyed by blob SHA. Whatever is given has been checked against its SHA. */
export async function readBlobs(
  context: RepositoryContext,
  revision: string,
  entries: readonly FileEntry[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  const missing = new Map<string, FileEntry>();
  for (const entry of entries) {
    const known = recall(context, `blob ${entry.sha}`) as Uint8Array | undefined;
    if (known === undefined) missing.set(entry.sha, entry);
    else contents.set(entry.sha, known);
  }
  const keep = (sha: string, bytes: Uint8Array): void => {
    contents.set(sha, bytes);
    missing.delete(sha);
    remember(context, `blob ${sha}`, bytes, bytes.byteLength + 200);
  };
  if (missing.size > oneByOne) await readArchive(context, revision, [...missing.values()], keep);
  await Promise.all(
    [...missing.keys()].map(async (sha) => keep(sha, await readBlob(context, sha))),
  );
  return contents;
}

async function readBlob(context: RepositoryContext, sha: string): Promise<Uint8Array> {
  const { data } = await context.request("GET /repos/{owner}/{repo}/git/blobs/{file_sha}", {
    ...context.at,
    file_sha: sha,
  });
  const bytes = Buffer.from(data.content, data.encoding === "base64" ? "base64" : "utf8");
  if (blobSha(bytes) === sha) return bytes;
  throw new Fault("github.unavailable", `GitHub gave other bytes for the blob ${sha}.`, {
    retryable: true,
  });
}
