/** An image registry, read only, only on hosts that the settings allow. */
export interface Registry {
  /** What a tag points to now. `repository` names its registry: `ghcr.io/acme/demo-api`. */
  resolve(repository: string, tag: string, signal?: AbortSignal): Promise<TagResolution>;
  /** All tags, complete or not at all. */
  tags(repository: string, signal?: AbortSignal): Promise<TagList>;
}

export type TagResolution =
  | {
      readonly kind: "found";
      readonly digest: string;
      /** Label `org.opencontainers.image.revision` of the image, where it has one. */
      readonly revision: string | null;
    }
  | { readonly kind: "absent" }
  /** The registry would not say: not allowed, unreachable, not in the settings. */
  | { readonly kind: "unreadable"; readonly reason: string; readonly sentence: string };

export type TagList =
  | { readonly kind: "found"; readonly tags: readonly string[] }
  | { readonly kind: "unreadable"; readonly reason: string; readonly sentence: string };
