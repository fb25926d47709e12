import { messageOf } from "#core/error.ts";
import type { AttestationsRead } from "#ports/code-host.ts";

import { GitHubFault, refusedWith } from "../requests/errors.ts";
import type { RepositoryContext } from "./context.ts";
import { unpackSnappy } from "./unpack-snappy.ts";

/** More than these of one image are not looked at: the newest come first. */
const most = 30;
/** A bundle is some ten kilobytes. */
const mostBytes = 1024 * 1024;
const deadlineMs = 10_000;

/**
 * The bundles that GitHub keeps for an image of this repository, unverified. GitHub answers with the bundle itself or
 * with the address of a packed one.
 */
export async function readAttestations(
  context: RepositoryContext,
  digest: string,
): Promise<AttestationsRead> {
  try {
    const { data } = await context.request(
      "GET /repos/{owner}/{repo}/attestations/{subject_digest}",
      { ...context.at, subject_digest: digest, per_page: most },
    );
    const bundles: unknown[] = [];
    for (const { bundle, bundle_url: address } of data.attestations ?? []) {
      if (bundle !== undefined && bundle !== null) bundles.push(bundle);
      else if (address !== undefined) bundles.push(await download(context, address));
    }
    return { kind: "found", bundles };
  } catch (error) {
    // GitHub says so for an image that nobody has attested.
    if (refusedWith(error, 404)) return { kind: "found", bundles: [] };
    if (refusedWith(error, 403))
      return {
        kind: "refused",
        sentence: "GitHub does not let Sluice read the attestations.",
        remedy:
          "Give the App the permission attestations: read, and accept it in the installation.",
      };
    if (error instanceof BundleHostError)
      return {
        kind: "refused",
        sentence: `The attestation cannot be fetched from where GitHub keeps it: ${error.message}.`,
        remedy: "Sluice tries again every minute.",
      };
    throw error;
  }
}

class BundleHostError extends Error {}

/** The address came from GitHub over an authenticated call. Nothing of ours goes along: it is the permission itself. */
async function download(context: RepositoryContext, address: string): Promise<unknown> {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url?.protocol !== "https:" || url.username !== "")
    throw new BundleHostError("its address is none that may be called");
  const deadline = AbortSignal.timeout(deadlineMs);
  const signal = AbortSignal.any([deadline, ...(context.signal ? [context.signal] : [])]);
  try {
    const response = await fetch(url, { signal, redirect: "error" });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new BundleHostError(`it answered ${response.status}`);
    }
    return unpack(await readBytes(response.body));
  } catch (error) {
    context.signal?.throwIfAborted();
    if (error instanceof BundleHostError || error instanceof GitHubFault) throw error;
    throw new BundleHostError(messageOf(error), { cause: error });
  }
}

async function readBytes(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.byteLength;
    if (bytes > mostBytes) throw new BundleHostError("it is larger than 1 MiB");
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** What cannot be unpacked is no bundle, and is refused by whoever verifies it. */
export function unpack(packed: Buffer): unknown {
  const text = unpackSnappy(packed, mostBytes) ?? packed;
  try {
    return JSON.parse(text.toString("utf8"));
  } catch {
    return null;
  }
}
