import { isDigest, isRevision, isTag } from "#core/artifact.ts";

import { imageName } from "../registries/image-name.ts";
import { readJsonObject } from "./json-object.ts";
import { refusal } from "./reply.ts";
import type { Reply } from "./reply.ts";

/** The body of `POST /webhooks/registry/generic`, or a refusal that names every field that is wrong. */
export function readRegistryHint(bytes: Buffer): { readonly body: string } | Reply {
  const json = readJsonObject(bytes);
  if (json.kind === "refused") return refusal(400, "malformed", json.sentence);
  const { image, tag, digest, revision } = json.value;
  const problems = [
    typeof image === "string" && imageName(image.toLowerCase()) !== null
      ? null
      : "image must be a repository with its registry and without a tag, as ghcr.io/acme/demo-api",
    typeof tag === "string" && isTag(tag) ? null : "tag must be an image tag",
    digest === undefined || digest === null || (typeof digest === "string" && isDigest(digest))
      ? null
      : "digest must be sha256: and 64 hex digits, or be left out",
    revision === undefined ||
    revision === null ||
    (typeof revision === "string" && isRevision(revision))
      ? null
      : "revision must be a full commit SHA of 40 hex digits, or be left out",
  ].filter((problem) => problem !== null);
  if (problems.length > 0) return refusal(400, "malformed", `${problems.join("; ")}.`);
  return { body: json.text };
}
