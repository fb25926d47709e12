import { z } from "zod";

import { isDigest, isRevision, isTag } from "#core/artifact.ts";
import type { SluiceEvent } from "#core/event.ts";

import { ignored, type Reader, readerOf } from "./reader.ts";

const container = z.object({
  tag: z.object({ name: z.string().nullish(), digest: z.string().nullish() }).nullish(),
  labels: z
    .object({
      revision: z.string().nullish(),
      all_labels: z.record(z.string(), z.unknown()).nullish(),
    })
    .nullish(),
});

const published = z.object({
  name: z.string(),
  owner: z.object({ login: z.string() }).nullish(),
  registry: z.object({ type: z.string().nullish() }).nullish(),
  updated_at: z.string().nullish(),
  package_version: z
    .object({
      version: z.string().nullish(),
      package_url: z.string().nullish(),
      created_at: z.string().nullish(),
      updated_at: z.string().nullish(),
      container_metadata: container.nullish(),
    })
    .nullish(),
});

type Published = z.infer<typeof published>;

const label = "org.opencontainers.image.revision";
const hosts = ["ghcr.io", "docker.pkg.github.com"];

export const readRegistryPackage: Reader = readerOf(
  z.object({ action: z.string(), registry_package: published }),
  (payload) => read(payload.action, payload.registry_package),
);

export const readPackage: Reader = readerOf(
  z.object({ action: z.string(), package: published }),
  (payload) => read(payload.action, payload.package),
);

/** One push of a multi-architecture image sends one event a manifest, and most of them carry no tag. */
function read(action: string, what: Published): SluiceEvent {
  if (action !== "published" && action !== "updated") return ignored(`package ${action}`);
  const version = what.package_version;
  const metadata = version?.container_metadata;
  if (version === null || version === undefined || metadata === null || metadata === undefined) {
    return ignored("the package is not a container image");
  }
  const tag = metadata.tag?.name ?? "";
  if (tag === "") return ignored("the manifest has no tag");
  if (!isTag(tag)) return ignored("the tag is not one that OCI allows");
  const image = imageOf(what, version.package_url ?? "");
  if (image === null) return ignored("the image is not in a container registry of GitHub");
  return {
    kind: "artifact.published",
    image,
    tag,
    digest: [metadata.tag?.digest, version.version].find(isKnownDigest) ?? null,
    revision: revisionOf(metadata),
    publishedAt:
      [version.updated_at, version.created_at, what.updated_at].map(momentOf).find(isStated) ??
      null,
  };
}

/** `ghcr.io/Acme/Api:v1`, or with nothing after the colon, becomes `ghcr.io/acme/api`. */
function imageOf(what: Published, url: string): string | null {
  const name = url.replace(/^https?:\/\//u, "").replace(/(?::[^/]*)?(?:@[^/]*)?$/u, "");
  const [host = "", ...path] = name.toLowerCase().split("/");
  if (hosts.includes(host) && path.length >= 2 && !path.includes("")) return name.toLowerCase();
  const owner = what.owner?.login;
  if (what.registry?.type?.toUpperCase() !== "CONTAINER" || owner === undefined) return null;
  return `ghcr.io/${owner}/${what.name}`.toLowerCase();
}

function revisionOf(metadata: z.infer<typeof container>): string | null {
  const { revision, all_labels: labels } = metadata.labels ?? {};
  const stated = [labels?.[label], revision].find(
    (each): each is string => typeof each === "string" && isRevision(each),
  );
  return stated ?? null;
}

/** GitHub's container registry writes the year 1 where it has no time for a version. */
function momentOf(text: string | null | undefined): string | null {
  const time = new Date(text ?? "");
  return time.getTime() > 0 ? time.toISOString() : null;
}

function isStated(moment: string | null): moment is string {
  return moment !== null;
}

function isKnownDigest(text: string | null | undefined): text is string {
  return typeof text === "string" && isDigest(text);
}
