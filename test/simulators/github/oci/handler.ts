import { createHmac } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import type { Simulation } from "../simulation.ts";
import { roleOf } from "../state/find.ts";
import type { World } from "../state/world.ts";
import { INDEX } from "./registry.ts";
import type { Image, Manifest } from "./registry.ts";

type Reply = { status: number; headers: Record<string, string>; text: string };

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  text: JSON.stringify(body),
});

function refusal(status: number, code: string, message: string, headers = {}): Reply {
  return json(status, { errors: [{ code, message }] }, headers);
}

/** The container registry: `/v2/…` and `/token`. It has limits of its own, so nothing here counts as an API request. */
export function handleRegistry(
  simulation: Simulation,
  incoming: IncomingMessage,
  response: ServerResponse,
): void {
  const { world } = simulation;
  const host = incoming.headers.host ?? new URL(world.urls.api).host;
  const url = new URL(incoming.url ?? "/", `http://${host}`);
  const reads = incoming.method === "GET" || incoming.method === "HEAD";
  const reply = !reads
    ? refusal(405, "UNSUPPORTED", "The operation is unsupported.")
    : url.pathname === "/token"
      ? issueToken(simulation, incoming, url)
      : answer(simulation, incoming, url);
  const data = Buffer.from(reply.text);
  response.writeHead(reply.status, {
    "docker-distribution-api-version": "registry/2.0",
    "content-length": String(data.length),
    ...reply.headers,
  });
  response.end(incoming.method === "HEAD" ? undefined : data);
}

function answer(simulation: Simulation, incoming: IncomingMessage, url: URL): Reply {
  const { world, registry } = simulation;
  if (!bearsToken(world, incoming, undefined)) return challenge(url, undefined);
  if (url.pathname === "/v2/" || url.pathname === "/v2") return json(200, {});
  const match = /^\/v2\/(.+)\/(manifests|blobs|tags)\/([^/]+)$/u.exec(url.pathname);
  if (match === null) return refusal(404, "NAME_UNKNOWN", "repository name not known to registry");
  const [, name = "", kind = "", reference = ""] = match;
  if (!bearsToken(world, incoming, name)) return challenge(url, name);
  const image = registry.find(name);
  if (image === undefined) {
    return refusal(404, "NAME_UNKNOWN", "repository name not known to registry");
  }
  if (kind === "tags") return listTags(image, url);
  if (kind === "manifests") return manifest(image, reference, incoming.headers.accept ?? "");
  const blob = image.blobs[reference];
  return blob === undefined
    ? refusal(404, "BLOB_UNKNOWN", "blob unknown to registry")
    : {
        status: 200,
        headers: { "content-type": "application/octet-stream", "docker-content-digest": reference },
        text: blob,
      };
}

function manifest(image: Image, reference: string, accept: string): Reply {
  const digest = reference.startsWith("sha256:") ? reference : image.tags[reference];
  const found: Manifest | undefined =
    digest === undefined ? undefined : image.manifests[image.forced[digest] ?? digest];
  if (found === undefined || digest === undefined) {
    return refusal(404, "MANIFEST_UNKNOWN", "manifest unknown");
  }
  const takes = accept.includes(found.mediaType) || accept.includes("*/*");
  if (!takes) {
    const what = found.mediaType === INDEX ? "OCI index" : "OCI manifest";
    const message = `${what} found, but Accept header does not support ${what === "OCI index" ? "OCI indexes" : "OCI manifests"}`;
    return refusal(404, "MANIFEST_UNKNOWN", message);
  }
  const headers = {
    "content-type": found.mediaType,
    "docker-content-digest": digest,
    etag: `"${digest}"`,
  };
  return { status: 200, headers, text: found.text };
}

/** Lexical order, as registries list; the `Link` is relative. */
function listTags(image: Image, url: URL): Reply {
  const size = Math.min(1_000, Number(url.searchParams.get("n") ?? 100) || 100);
  const last = url.searchParams.get("last") ?? "";
  const all = Object.keys(image.tags)
    .toSorted()
    .filter((tag) => tag > last);
  const tags = all.slice(0, size);
  const more = all.length > size;
  const next = `</v2/${image.name}/tags/list?last=${tags.at(-1) ?? ""}&n=${size}>; rel="next"`;
  return json(200, { name: image.name, tags }, more ? { link: next } : {});
}

function challenge(url: URL, name: string | undefined): Reply {
  const scope = name === undefined ? "repository:user/image:pull" : `repository:${name}:pull`;
  const realm = `${url.origin}/token`;
  return refusal(401, "UNAUTHORIZED", "authentication required", {
    "www-authenticate": `Bearer realm="${realm}",service="ghcr.io",scope="${scope}"`,
  });
}

/** Anyone gets a token for a public image; a private one takes a person's token. An App's identity does not count here. */
function issueToken({ world, registry }: Simulation, incoming: IncomingMessage, url: URL): Reply {
  const name = /^repository:(.+):[\w,*]+$/u.exec(url.searchParams.get("scope") ?? "")?.[1] ?? "";
  const image = registry.find(name);
  const basic = /^basic (.+)$/iu.exec(incoming.headers.authorization ?? "")?.[1];
  const password =
    basic === undefined
      ? undefined
      : Buffer.from(basic, "base64").toString("utf8").split(":").slice(1).join(":");
  const account =
    password === undefined
      ? undefined
      : world.tables.accounts.find((row) => row.tokens.includes(password));
  if (password !== undefined && account === undefined) {
    return refusal(403, "DENIED", "denied: denied");
  }
  if (image?.private === true) {
    const repository = world.tables.repositories.need(image.repositoryId);
    const allowed = account !== undefined && roleOf(world, repository, account.login) !== "none";
    if (!allowed) return refusal(401, "UNAUTHORIZED", "authentication required");
  }
  return json(200, { token: tokenFor(world, name) });
}

function tokenFor(world: World, name: string): string {
  const hour = Math.floor(world.now() / 3_600_000);
  return createHmac("sha256", world.tokenSecret)
    .update(`oci:${name.toLowerCase()}:${hour}`)
    .digest("base64url");
}

function bearsToken(world: World, incoming: IncomingMessage, name: string | undefined): boolean {
  const token = /^bearer (.+)$/iu.exec(incoming.headers.authorization ?? "")?.[1];
  if (token === undefined) return false;
  return name === undefined || token === tokenFor(world, name);
}
