import { z } from "zod";

import { isRevision } from "#core/artifact.ts";

import { ReadFailure } from "./read-failure.ts";
import { digestOf, jsonOf, type Manifest, readManifest, requireOk } from "./read-manifest.ts";
import type { RegistryClient } from "./registry-client.ts";

/** OCI image specification, "Pre-Defined Annotation Keys". */
const key = "org.opencontainers.image.revision";

/** Bytes of an image's configuration. */
const largest = 4 * 1024 * 1024;

const configSchema = z.object({
  config: z.object({ Labels: z.record(z.string(), z.unknown()).nullish() }).nullish(),
});

/**
 * The source revision that an image states: its annotations first, else the label of its configuration; of an index,
 * those of its first image. Null where it states none, or not a full SHA.
 */
export async function readRevision(
  client: RegistryClient,
  manifest: Manifest,
): Promise<string | null> {
  const annotated = manifest.annotations?.[key];
  if (annotated !== undefined && isRevision(annotated)) return annotated;
  const image = await firstImage(client, manifest);
  if (image === null) return null;
  const stated = image.annotations?.[key];
  if (stated !== undefined && isRevision(stated)) return stated;
  return image.config === null || image.config === undefined
    ? null
    : labelOf(client, image.config.digest);
}

async function firstImage(client: RegistryClient, manifest: Manifest): Promise<Manifest | null> {
  if (manifest.manifests === null || manifest.manifests === undefined) return manifest;
  // Attestations stand in the index too, as images of the platform "unknown".
  const first = manifest.manifests.find(({ platform }) => platform?.os !== "unknown");
  return first === undefined ? null : readManifest(client, first.digest);
}

async function labelOf(client: RegistryClient, digest: string): Promise<string | null> {
  const answer = await client.get(`blobs/${digest}`, { limit: largest });
  requireOk(answer);
  if (digestOf(answer.body) !== digest) {
    throw new ReadFailure("digest-mismatch", "The registry gave other bytes than the digest says.");
  }
  const parsed = configSchema.safeParse(jsonOf(answer.body));
  const label = parsed.data?.config?.Labels?.[key];
  return typeof label === "string" && isRevision(label) ? label : null;
}
