import { createHash } from "node:crypto";

import { z } from "zod";

import { isDigest } from "#core/artifact.ts";

import type { Fetched } from "./fetch-limited.ts";
import { ReadFailure } from "./read-failure.ts";
import type { RegistryClient } from "./registry-client.ts";

/** OCI distribution specification 1.1: a registry must take manifests of 4 MiB at least. */
const largest = 4 * 1024 * 1024;

const accept = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

const annotations = z.record(z.string(), z.string()).nullish().catch(null);

const schema = z.object({
  manifests: z
    .array(
      z.object({
        digest: z.string(),
        annotations,
        platform: z.object({ os: z.string().nullish() }).nullish(),
      }),
    )
    .nullish(),
  config: z.object({ digest: z.string() }).nullish(),
  annotations,
});

export type Manifest = z.infer<typeof schema> & { readonly digest: string };

/** A manifest by tag or digest, its digest computed from its very bytes; null when there is none. */
export async function readManifest(
  client: RegistryClient,
  reference: string,
): Promise<Manifest | null> {
  const answer = await client.get(`manifests/${reference}`, { accept, limit: largest });
  if (answer.status === 404) return null;
  requireOk(answer);
  const digest = digestOf(answer.body);
  const stated = [answer.headers.get("docker-content-digest"), reference].filter(isStatedDigest);
  if (stated.some((each) => each !== digest)) {
    throw new ReadFailure("digest-mismatch", "The registry gave other bytes than the digest says.");
  }
  const parsed = schema.safeParse(jsonOf(answer.body));
  if (parsed.success) return { ...parsed.data, digest };
  throw new ReadFailure("not-a-manifest", "The registry's answer is not an image manifest.");
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export function requireOk(answer: Fetched): void {
  const { status } = answer;
  if (status === 200) return;
  const reason = status === 401 || status === 403 ? "not-allowed" : "unreachable";
  const remedy =
    reason === "not-allowed"
      ? "; set REGISTRY_AUTH__<HOST> if it is private"
      : "; it is asked again";
  throw new ReadFailure(reason, `The registry answered ${status}${remedy}.`);
}

export function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return null;
  }
}

function isStatedDigest(text: string | null): text is string {
  return text !== null && isDigest(text);
}
