import { isTag } from "#core/artifact.ts";
import type { Log } from "#ports/log.ts";
import type { Registry, TagList, TagResolution } from "#ports/registry.ts";

import { imageName } from "./image-name.ts";
import { ReadFailure, type Unreadable } from "./read-failure.ts";
import { type Manifest, readManifest } from "./read-manifest.ts";
import { readRevision } from "./read-revision.ts";
import { readTags } from "./read-tags.ts";
import { type RegistryClient, registryClient } from "./registry-client.ts";
import { type RegistryDeadlines, registryHost } from "./registry-host.ts";

export type RegistrySettings = {
  /** The only registries that are ever called: `ghcr.io`, `registry.example.com:5000`. */
  readonly hosts: readonly string[];
  /** By `registryKey` of the host: another address for it. */
  readonly urls: Readonly<Record<string, string>>;
  /** By `registryKey` of the host: `user:password`, or a bearer token. */
  readonly auth: Readonly<Record<string, string>>;
  readonly log: Log;
  /** Milliseconds; tests only. */
  readonly deadlines?: RegistryDeadlines;
};

/** Reads OCI registries (distribution specification 1.1). Every refusal is an answer, never an error. */
export function connectRegistries(settings: RegistrySettings): Registry {
  const { urls, auth, log } = settings;
  const deadlines = settings.deadlines ?? { read: 10_000 };
  const hosts = new Set(settings.hosts.map((host) => host.toLowerCase()));

  async function ask<T>(
    repository: string,
    signal: AbortSignal | undefined,
    question: (client: RegistryClient) => Promise<T>,
  ): Promise<T | Unreadable> {
    const name = imageName(repository);
    if (name === null) {
      return unreadable("not-a-repository", `${repository} is not a repository with its registry.`);
    }
    if (!hosts.has(name.host)) {
      return unreadable(
        "not-configured",
        `REGISTRY_HOSTS does not name ${name.host}; add it there.`,
      );
    }
    const registry = registryHost(name.host, { urls, auth, deadlines });
    try {
      return await question(registryClient(registry, name.path, signal));
    } catch (error) {
      if (!(error instanceof ReadFailure)) throw error;
      log.info({ registry: name.host, reason: error.reason }, "a registry could not be read");
      return error.unreadable;
    }
  }

  return {
    resolve: async (repository, tag, signal): Promise<TagResolution> => {
      if (!isTag(tag)) return { kind: "absent" };
      return ask<TagResolution>(repository, signal, async (client) => {
        const manifest = await readManifest(client, tag);
        if (manifest === null) return { kind: "absent" };
        const revision = await statedRevision(client, manifest);
        return { kind: "found", digest: manifest.digest, revision };
      });
    },
    tags: async (repository, signal): Promise<TagList> =>
      ask<TagList>(repository, signal, async (client) => ({
        kind: "found",
        tags: await readTags(client),
      })),
  };
}

/** Without its configuration an image still has its digest; another try would end the same. */
async function statedRevision(client: RegistryClient, manifest: Manifest): Promise<string | null> {
  try {
    return await readRevision(client, manifest);
  } catch (error) {
    const lasting = ["unsafe-address", "not-allowed", "too-large"];
    if (error instanceof ReadFailure && lasting.includes(error.reason)) return null;
    throw error;
  }
}

function unreadable(reason: string, sentence: string): Unreadable {
  return { kind: "unreadable", reason, sentence };
}
