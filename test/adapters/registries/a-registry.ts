import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { connectRegistries } from "#adapters/registries/connect-registries.ts";

import { silentLog } from "../github/support.ts";

export const revision = "6c62fb45fe66bfb1ea9a66abc38f6a0cc974292b";

export type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

export type ARegistry = {
  readonly url: string;
  /** `GET /v2/…`, with the authorization that came along. */
  readonly seen: { path: string; authorization: string | null }[];
  readonly close: () => Promise<void>;
};

/** A registry on a loopback port; what the handler does not answer is 404. */
export async function aRegistry(handler: Handler): Promise<ARegistry> {
  const seen: ARegistry["seen"] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    seen.push({
      path: url.pathname + url.search,
      authorization: request.headers.authorization ?? null,
    });
    handler(request, response, url);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

export function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** An image with its revision label, and an index over it, by the path under `/v2/<name>/`. */
export function anImage(labels: Record<string, string>): {
  files: ReadonlyMap<string, string>;
  index: string;
  manifest: string;
} {
  const config = JSON.stringify({ config: { Labels: labels } });
  const manifest = JSON.stringify({ schemaVersion: 2, config: { digest: digestOf(config) } });
  const index = JSON.stringify({
    schemaVersion: 2,
    manifests: [
      { digest: `sha256:${"0".repeat(64)}`, platform: { os: "unknown", architecture: "unknown" } },
      { digest: digestOf(manifest), platform: { os: "linux", architecture: "amd64" } },
    ],
  });
  const files = new Map([
    ["manifests/multi", index],
    ["manifests/single", manifest],
    [`manifests/${digestOf(manifest)}`, manifest],
    [`blobs/${digestOf(config)}`, config],
  ]);
  return { files, index: digestOf(index), manifest: digestOf(manifest) };
}

/** Serves files below `/v2/acme/api/`. */
export function serve(files: ReadonlyMap<string, string>): Handler {
  return (_request, response, url) => {
    const body = files.get(url.pathname.replace("/v2/acme/api/", ""));
    if (body === undefined) response.writeHead(404).end("{}");
    else response.writeHead(200, { "docker-content-digest": digestOf(body) }).end(body);
  };
}

export const repository = "registry.example.com/acme/api";

export function registriesAt(
  registry: ARegistry,
  options: { auth?: string; read?: number } = {},
): ReturnType<typeof connectRegistries> {
  return connectRegistries({
    hosts: ["registry.example.com"],
    urls: { REGISTRY_EXAMPLE_COM: registry.url },
    auth: options.auth === undefined ? {} : { REGISTRY_EXAMPLE_COM: options.auth },
    log: silentLog,
    deadlines: { read: options.read ?? 5000 },
  });
}
