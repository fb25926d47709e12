import { createHash } from "node:crypto";

export const INDEX = "application/vnd.oci.image.index.v1+json";
export const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const CONFIG = "application/vnd.oci.image.config.v1+json";
const LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

export type Manifest = { digest: string; mediaType: string; text: string };

export type Image = {
  /** Lower case, without the registry's host: `acme/demo-api`. */
  name: string;
  /** The GitHub repository that the package is linked to. */
  repositoryId: number;
  packageId: number;
  /** Packages inherit the visibility of their repository when they are first pushed. */
  private: boolean;
  tags: Record<string, string>;
  manifests: Record<string, Manifest>;
  blobs: Record<string, string>;
  /** Digests that a publisher insisted on, though the bytes say otherwise. */
  forced: Record<string, string>;
};

export type Pushed = {
  digest: string;
  mediaType: string;
  /** Empty: an untagged manifest, one platform of an index. */
  tag: string;
  labels: Record<string, string>;
  text: string;
};

export type Build = {
  tag: string;
  revision: string;
  source: string;
  created: string;
  platforms: string[];
  digest: string | undefined;
};

export function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** The images of the container registry. */
export class Registry {
  readonly images = new Map<string, Image>();
  /** Told what a push has added to an image. */
  onPush: (added: Image) => void = () => {};

  find(name: string): Image | undefined {
    return this.images.get(name.toLowerCase());
  }

  add(image: Image): Image {
    this.images.set(image.name, image);
    return image;
  }

  /** Pushes a build; returns what was pushed, in the order in which a builder pushes it: platforms first, tag last. */
  push(image: Image, build: Build): Pushed[] {
    const added: Image = { ...image, tags: {}, manifests: {}, blobs: {}, forced: {} };
    const pushed = this.#build(added, build);
    this.merge(added);
    this.onPush(added);
    return pushed;
  }

  #build(image: Image, build: Build): Pushed[] {
    const labels = {
      "org.opencontainers.image.revision": build.revision,
      "org.opencontainers.image.source": build.source,
      "org.opencontainers.image.created": build.created,
      "org.opencontainers.image.version": build.tag,
    };
    const single = build.platforms.length === 1;
    const platforms = build.platforms.map((platform) => {
      const text = this.#platformManifest(image, platform, labels);
      return { platform, ...this.#store(image, MANIFEST, text) };
    });
    const [first] = platforms;
    if (single && first !== undefined) {
      const digest = this.#tag(image, build, first.digest);
      return [{ digest, mediaType: MANIFEST, tag: build.tag, labels, text: first.text }];
    }
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: INDEX,
      manifests: platforms.map(({ platform, text, digest }) => {
        const [os = "linux", architecture = "amd64", variant] = platform.split("/");
        const variants = variant === undefined ? {} : { variant };
        return {
          mediaType: MANIFEST,
          digest,
          size: Buffer.byteLength(text),
          platform: { architecture, os, ...variants },
        };
      }),
    });
    const stored = this.#store(image, INDEX, index);
    const digest = this.#tag(image, build, stored.digest);
    return [
      ...platforms.map(({ text, digest }) => ({
        digest,
        mediaType: MANIFEST,
        tag: "",
        labels,
        text,
      })),
      // An index has no config, hence no labels.
      { digest, mediaType: INDEX, tag: build.tag, labels: {}, text: index },
    ];
  }

  /** Adds what a push brought to what is there. */
  merge(added: Image): Image {
    const image =
      this.find(added.name) ??
      this.add({ ...added, tags: {}, manifests: {}, blobs: {}, forced: {} });
    Object.assign(image.tags, added.tags);
    Object.assign(image.manifests, added.manifests);
    Object.assign(image.blobs, added.blobs);
    Object.assign(image.forced, added.forced);
    return image;
  }

  #platformManifest(image: Image, platform: string, labels: Record<string, string>): string {
    const [os = "linux", architecture = "amd64"] = platform.split("/");
    const created = labels["org.opencontainers.image.created"];
    const layer = `layer of ${labels["org.opencontainers.image.revision"]} ${platform} ${created}`;
    const config = JSON.stringify({
      created,
      architecture,
      os,
      config: { Env: ["PATH=/usr/bin"], Entrypoint: ["/app"], Labels: labels },
      rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
      history: [{ created, created_by: "COPY /app /app" }],
    });
    image.blobs[digestOf(config)] = config;
    image.blobs[digestOf(layer)] = layer;
    const part = (mediaType: string, text: string) => ({
      mediaType,
      digest: digestOf(text),
      size: Buffer.byteLength(text),
    });
    return JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: part(CONFIG, config),
      layers: [part(LAYER, layer)],
    });
  }

  #store(image: Image, mediaType: string, text: string): Manifest {
    const manifest = { digest: digestOf(text), mediaType, text };
    image.manifests[manifest.digest] = manifest;
    return manifest;
  }

  #tag(image: Image, build: Build, digest: string): string {
    if (build.digest !== undefined) image.forced[build.digest] = digest;
    image.tags[build.tag] = build.digest ?? digest;
    return build.digest ?? digest;
  }
}
