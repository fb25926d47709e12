import type { Work } from "../http/context.ts";
import type { Image, Pushed, Registry } from "../oci/registry.ts";
import { INDEX } from "../oci/registry.ts";
import { renderUser } from "../render/account.ts";
import { repositoryPage } from "../render/repository.ts";
import { ownerOf } from "../state/find.ts";
import type { Repository } from "../state/records.ts";
import { emit } from "./emit.ts";

export type Publication = {
  /** With or without the registry's host. */
  image: string;
  tag: string;
  revision: string;
  platforms: string[];
  digest: string | undefined;
};

/** A builder pushes an image: one event for every manifest, most of them untagged. */
export function publish(
  work: Work,
  registry: Registry,
  repository: Repository,
  wanted: Publication,
): { digest: string; manifests: string[] } {
  const { world } = work;
  const name = wanted.image.replace(/^[\w.-]*[.:][\w.:-]*\//u, "").toLowerCase();
  const image =
    registry.find(name) ??
    registry.add({
      name,
      repositoryId: repository.id,
      packageId: world.nextId("other"),
      private: repository.private,
      tags: {},
      manifests: {},
      blobs: {},
      forced: {},
    });
  const pushed = registry.push(image, {
    tag: wanted.tag,
    revision: wanted.revision,
    source: repositoryPage(world, repository),
    created: world.date(),
    platforms: wanted.platforms,
    digest: wanted.digest,
  });
  for (const manifest of pushed) tell(work, repository, image, manifest);
  const digest = pushed.at(-1)?.digest ?? "";
  return { digest, manifests: pushed.map((manifest) => manifest.digest) };
}

function tell(work: Work, repository: Repository, image: Image, pushed: Pushed): void {
  const object = renderPackage(work, repository, image, pushed);
  emit(work, { event: "registry_package", action: "published" }, repository, {
    registry_package: object,
  });
  // `package` is the newer name of the same; who subscribes to both hears of everything twice.
  emit(work, { event: "package", action: "published" }, repository, { package: object });
}

function renderPackage(
  { world, actor }: Work,
  repository: Repository,
  image: Image,
  pushed: Pushed,
): Record<string, unknown> {
  const owner = ownerOf(world, repository);
  const { site_admin, ...rest } = renderUser(world, owner);
  const ownerObject = { ...rest, site_admin };
  const [namespace = "", ...name] = image.name.split("/");
  const now = world.date();
  const hex = pushed.digest.replace("sha256:", "");
  const url = `ghcr.io/${image.name}:${pushed.tag}`;
  const page = `${repositoryPage(world, repository)}/pkgs/container/${encodeURIComponent(name.join("/"))}`;
  return {
    id: image.packageId,
    name: name.join("/"),
    namespace,
    description: "",
    ecosystem: "CONTAINER",
    package_type: "CONTAINER",
    html_url: page,
    created_at: now,
    updated_at: now,
    owner: ownerObject,
    package_version: {
      id: world.nextId("other"),
      version: pushed.digest,
      name: pushed.digest,
      description: "",
      summary: "",
      manifest: "",
      html_url: `${page}/${hex.slice(0, 8)}`,
      target_commitish: repository.defaultBranch,
      target_oid: hex,
      created_at: "0001-01-01T00:00:00Z",
      updated_at: "0001-01-01T00:00:00Z",
      author: renderUser(world, actor.account),
      metadata: [],
      container_metadata: {
        tag: { name: pushed.tag, digest: pushed.tag === "" ? "" : pushed.digest },
        labels: {
          description: "",
          source: pushed.labels["org.opencontainers.image.source"] ?? "",
          revision: pushed.labels["org.opencontainers.image.revision"] ?? "",
          image_url: "",
          licenses: "",
          all_labels: pushed.labels,
        },
        manifest: manifestOf(image, pushed),
      },
      package_files: [],
      installation_command: `docker pull ${url}`,
      package_url: url,
    },
    registry: {
      about_url:
        "https://docs.github.com/packages/learn-github-packages/introduction-to-github-packages",
      name: "GitHub CONTAINER registry",
      type: "CONTAINER",
      url: `https://CONTAINER.pkg.github.com/${owner.login}`,
      vendor: "GitHub Inc",
    },
  };
}

function manifestOf(image: Image, pushed: Pushed): Record<string, unknown> {
  const parsed = JSON.parse(pushed.text) as {
    config?: { digest: string; mediaType: string; size: number };
    layers?: { digest: string; mediaType: string; size: number }[];
  };
  const part = ({
    digest,
    mediaType,
    size,
  }: {
    digest: string;
    mediaType: string;
    size: number;
  }) => ({
    digest,
    media_type: mediaType,
    size,
  });
  return {
    digest: pushed.digest,
    media_type: pushed.mediaType,
    uri: `repositories/${image.name}/manifests/${pushed.digest}`,
    size: Buffer.byteLength(pushed.text),
    ...(pushed.mediaType === INDEX || parsed.config === undefined
      ? {}
      : { config: part(parsed.config), layers: (parsed.layers ?? []).map(part) }),
  };
}
