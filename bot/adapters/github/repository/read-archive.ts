import { Readable, Transform, type TransformCallback } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

import { extract, type Header } from "tar-stream";

import { messageOf } from "#core/error.ts";
import type { FileEntry } from "#ports/github-things.ts";

import { archiveAddress } from "./archive-address.ts";
import { blobSha } from "./blob-sha.ts";
import type { RepositoryContext } from "./context.ts";

/** Bytes of the packed archive and of what it may unpack to. */
const largest = { packed: 200 * 1024 * 1024, unpacked: 1024 * 1024 * 1024 };
/** Milliseconds: without a byte, and in all. */
const patience = { idle: 10_000, whole: 120_000 };

type Keep = (sha: string, bytes: Uint8Array) => void;

/**
 * Reads many files in one download. An archive is made by `git archive`, which obeys `eol` and `export-ignore`: a file
 * is kept only when its bytes have the blob SHA of the tree. Whatever is not kept, for this or for any failure of the
 * download, is left to be read blob by blob.
 */
export async function readArchive(
  context: RepositoryContext,
  revision: string,
  entries: readonly FileEntry[],
  keep: Keep,
): Promise<void> {
  const wanted = new Map(entries.map((entry) => [entry.path, entry]));
  const address = await archiveAddress(context, revision);
  if (address === null) return;
  try {
    await download(address, context.signal, wanted, keep);
  } catch (error) {
    context.signal?.throwIfAborted();
    const left = wanted.size;
    context.log.warn({ repository: context.name, left, detail: messageOf(error) }, "archive cut");
  }
}

async function download(
  address: URL,
  job: AbortSignal | undefined,
  wanted: Map<string, FileEntry>,
  keep: Keep,
): Promise<void> {
  const stop = new AbortController();
  const idle = setTimeout(() => stop.abort(new Error("no byte for too long")), patience.idle);
  const signals = [stop.signal, AbortSignal.timeout(patience.whole), ...(job ? [job] : [])];
  const signal = AbortSignal.any(signals);
  try {
    // No header of ours goes along: the address itself is the permission.
    const response = await fetch(address, { signal, redirect: "error" });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Error(`the archive host answered ${response.status}`);
    }
    const packed = atMost(largest.packed, () => idle.refresh());
    const unpacked = atMost(largest.unpacked);
    const tar = extract();
    const taken = take(tar, wanted, keep);
    const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
    await Promise.all([pipeline(body, packed, createGunzip(), unpacked, tar, { signal }), taken]);
  } finally {
    clearTimeout(idle);
    stop.abort();
  }
}

async function take(
  tar: ReturnType<typeof extract>,
  wanted: Map<string, FileEntry>,
  keep: Keep,
): Promise<void> {
  for await (const entry of tar) {
    const file = wantedFile(entry.header, wanted);
    if (file === undefined) {
      entry.resume();
      continue;
    }
    const parts: Buffer[] = [];
    for await (const part of entry) parts.push(part as Buffer);
    const bytes = Buffer.concat(parts);
    if (blobSha(bytes) !== file.sha) continue;
    wanted.delete(file.path);
    keep(file.sha, bytes);
  }
}

/** Everything stands under one directory that is named after the repository and the commit. */
function wantedFile(header: Header, wanted: ReadonlyMap<string, FileEntry>): FileEntry | undefined {
  const slash = header.name.indexOf("/");
  const file = header.type === "file" ? wanted.get(header.name.slice(slash + 1)) : undefined;
  return file !== undefined && file.size === header.size ? file : undefined;
}

function atMost(bytes: number, onPart?: () => void): Transform {
  let left = bytes;
  return new Transform({
    transform(part: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
      left -= part.byteLength;
      onPart?.();
      if (left < 0) done(new Error(`the archive is larger than ${bytes} bytes`));
      else done(null, part);
    },
  });
}
