import { z } from "zod";

import { isDigest, isRevision, isTag } from "#core/artifact.ts";
import type { SluiceEvent } from "#core/event.ts";

import { imageName } from "./image-name.ts";

export type RegistryHook =
  | { readonly kind: "event"; readonly event: SluiceEvent }
  /** One sentence a problem, all of them. */
  | { readonly kind: "invalid"; readonly problems: readonly string[] };

const schema = z.object({
  image: z
    .string()
    .transform((text) => text.toLowerCase())
    .refine((text) => imageName(text) !== null, "write a repository with its registry"),
  tag: z.string().refine(isTag, "write an image tag"),
  digest: z.string().refine(isDigest, "write sha256: and 64 hex digits").nullish(),
  revision: z.string().refine(isRevision, "write a full commit SHA of 40 hex digits").nullish(),
});

/** The body of `POST /webhooks/registry/generic`, JSON text. What it says is a hint until it is confirmed. */
export function readRegistryHook(body: string): RegistryHook {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { kind: "invalid", problems: ["the body is not JSON"] };
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.join(".")}: ${message}`,
    );
    return { kind: "invalid", problems };
  }
  const { image, tag, digest, revision } = parsed.data;
  const hint = {
    image,
    tag,
    digest: digest ?? null,
    revision: revision ?? null,
    publishedAt: null,
  };
  return { kind: "event", event: { kind: "artifact.published", ...hint } };
}
