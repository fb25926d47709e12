import { afterEach, describe, expect, it } from "vitest";

import {
  anImage,
  aRegistry,
  type ARegistry,
  digestOf,
  type Handler,
  registriesAt,
  repository,
  revision,
  serve,
} from "./a-registry.ts";

const open: ARegistry[] = [];

async function start(handler: Handler): Promise<ARegistry> {
  const registry = await aRegistry(handler);
  open.push(registry);
  return registry;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (registry) => registry.close()));
});

const image = anImage({ "org.opencontainers.image.revision": revision });

describe("resolve", () => {
  it.for([
    { tag: "multi", digest: image.index },
    { tag: "single", digest: image.manifest },
  ])("gives digest and revision of $tag", async ({ tag, digest }) => {
    const registry = await start(serve(image.files));
    const found = await registriesAt(registry).resolve(repository, tag);
    expect(found).toEqual({ kind: "found", digest, revision });
  });

  it("says absent for a tag that is not there, and for what is no tag", async () => {
    const registry = await start(serve(image.files));
    const registries = registriesAt(registry);
    expect(await registries.resolve(repository, "other")).toEqual({ kind: "absent" });
    expect(await registries.resolve(repository, "../x")).toEqual({ kind: "absent" });
  });

  it("takes a revision only when it is a full SHA", async () => {
    const { files, manifest } = anImage({ "org.opencontainers.image.revision": "6c62fb4" });
    const registry = await start(serve(files));
    const found = await registriesAt(registry).resolve(repository, "single");
    expect(found).toEqual({ kind: "found", digest: manifest, revision: null });
  });

  it("believes the bytes, not the header", async () => {
    const registry = await start((_request, response) => {
      response.writeHead(200, { "docker-content-digest": digestOf("other") }).end("{}");
    });
    const found = await registriesAt(registry).resolve(repository, "single");
    expect(found).toMatchObject({ kind: "unreadable", reason: "digest-mismatch" });
  });

  it.for([
    { status: 401, reason: "not-allowed" },
    { status: 403, reason: "not-allowed" },
    { status: 429, reason: "unreachable" },
    { status: 500, reason: "unreachable" },
  ])("is unreadable on $status", async ({ status, reason }) => {
    const registry = await start((_request, response) => void response.writeHead(status).end());
    const found = await registriesAt(registry).resolve(repository, "single");
    expect(found).toMatchObject({ kind: "unreadable", reason });
  });

  it("gives up on a registry that is silent", async () => {
    const registry = await start(() => undefined);
    const found = await registriesAt(registry, { read: 100 }).resolve(repository, "single");
    expect(found).toMatchObject({ kind: "unreadable", reason: "unreachable" });
  });

  it("breaks off with its job", async () => {
    const registry = await start(() => undefined);
    const job = new AbortController();
    const asked = registriesAt(registry).resolve(repository, "single", job.signal);
    job.abort();
    await expect(asked).rejects.toThrow(/abort/iu);
  });

  it("breaks off an answer without end", async () => {
    const registry = await start((_request, response) => {
      const part = "x".repeat(64 * 1024);
      const more = (): void => {
        while (response.write(part));
        response.once("drain", more);
      };
      more();
    });
    const found = await registriesAt(registry).resolve(repository, "single");
    expect(found).toMatchObject({ kind: "unreadable", reason: "too-large" });
  });

  it.for([
    { repository: "evil.example.com/acme/api", reason: "not-configured" },
    { repository: "acme/api", reason: "not-a-repository" },
    { repository: "registry.example.com/acme/../x", reason: "not-a-repository" },
  ])("never calls $repository", async ({ repository: name, reason }) => {
    const registry = await start(serve(image.files));
    const found = await registriesAt(registry).resolve(name, "single");
    expect(found).toMatchObject({ kind: "unreadable", reason });
    expect(registry.seen).toEqual([]);
  });
});

describe("a redirect", () => {
  it("to a private address is not followed, and the digest is known all the same", async () => {
    const inner = await start(serve(image.files));
    const registry = await start((request, response, url) => {
      if (!url.pathname.includes("/blobs/")) serve(image.files)(request, response, url);
      else response.writeHead(307, { location: `${inner.url}${url.pathname}` }).end();
    });
    const found = await registriesAt(registry, { auth: "me:secret" }).resolve(repository, "single");
    expect(found).toEqual({ kind: "found", digest: image.manifest, revision: null });
    expect(inner.seen).toEqual([]);
  });

  it("within the registry keeps its credential", async () => {
    const registry = await start((request, response, url) => {
      const moved = url.pathname.replace("/v2/acme/api/manifests/single", "/moved");
      if (moved !== url.pathname) response.writeHead(307, { location: moved }).end();
      else if (url.pathname === "/moved") response.end(image.files.get("manifests/single"));
      else serve(image.files)(request, response, url);
    });
    const found = await registriesAt(registry, { auth: "a-token" }).resolve(repository, "single");
    expect(found).toEqual({ kind: "found", digest: image.manifest, revision });
    expect(registry.seen.map(({ authorization }) => authorization)).toEqual(
      Array.from({ length: 3 }, () => "Bearer a-token"),
    );
  });
});

describe("tags", () => {
  const pages: Handler = (_request, response, url) => {
    const last = url.searchParams.get("last");
    if (last === null) {
      response.setHeader("link", '</v2/acme/api/tags/list?n=1000&last=b>; rel="next"');
      response.end(JSON.stringify({ tags: ["a", "b"] }));
    } else response.end(JSON.stringify({ tags: ["c"] }));
  };

  it("are read to the end", async () => {
    const registry = await start(pages);
    expect(await registriesAt(registry).tags(repository)).toEqual({
      kind: "found",
      tags: ["a", "b", "c"],
    });
  });

  it("are not given in half, and never asked for elsewhere", async () => {
    const other = await start(pages);
    const registry = await start((_request, response) => {
      response.setHeader("link", `<${other.url}/v2/acme/api/tags/list?last=b>; rel="next"`);
      response.end(JSON.stringify({ tags: ["a"] }));
    });
    const list = await registriesAt(registry, { auth: "me:secret" }).tags(repository);
    expect(list).toMatchObject({ kind: "unreadable", reason: "unsafe-address" });
    expect(other.seen).toEqual([]);
  });

  it("without a list are unreadable", async () => {
    const registry = await start((_request, response) => void response.end("{}"));
    expect(await registriesAt(registry).tags(repository)).toMatchObject({ reason: "not-a-list" });
  });
});
