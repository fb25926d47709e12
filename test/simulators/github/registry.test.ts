import { createHash } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { INDEX, MANIFEST } from "./oci/registry.ts";
import { startGitHubSimulator } from "./server.ts";
import type { GitHubSimulator } from "./server.ts";
import { asInstallation, closeClean } from "./test-client.ts";

const REVISION = "0123456789abcdef0123456789abcdef01234567";

let github: GitHubSimulator;
let pushed: { digest: string; manifests: string[] };

beforeAll(async () => {
  github = await startGitHubSimulator({
    seed: {
      owner: "acme",
      users: [{ login: "rita", token: "ghp_rita" }],
      repositories: [
        { name: "demo-api", files: { a: "1" } },
        { name: "hidden", private: true, files: { a: "1" }, collaborators: { rita: "read" } },
      ],
    },
  });
  const image = { image: "ghcr.io/Acme/Demo-API", revision: REVISION };
  pushed = await github.act.publish({ repository: "acme/demo-api", ...image, tag: "sha-0123456" });
  for (const tag of ["b", "a", "c"]) {
    await github.act.publish({
      repository: "acme/demo-api",
      ...image,
      tag,
      platforms: ["linux/amd64"],
    });
  }
  const hidden = { repository: "acme/hidden", image: "acme/hidden", tag: "v1", revision: REVISION };
  await github.act.publish(hidden);
});

afterAll(() => closeClean(github));

async function tokenFor(name: string, basic?: string) {
  const reply = await fetch(`${github.url}/token?service=ghcr.io&scope=repository:${name}:pull`, {
    headers: basic === undefined ? {} : { authorization: `Basic ${btoa(`x:${basic}`)}` },
  });
  return { status: reply.status, token: ((await reply.json()) as { token?: string }).token ?? "" };
}

async function read(
  path: string,
  options: { accept?: string; method?: string; token?: string } = {},
) {
  const name = path.split("/").slice(0, 2).join("/");
  const token = options.token ?? (await tokenFor(name)).token;
  return fetch(`${github.url}/v2/${path}`, {
    method: options.method ?? "GET",
    headers: {
      authorization: `Bearer ${token}`,
      accept: options.accept ?? `${INDEX}, ${MANIFEST}`,
    },
  });
}

describe("the token dance", () => {
  it("starts with a challenge", async () => {
    for (const path of ["", "acme/demo-api/manifests/a"]) {
      const reply = await fetch(`${github.url}/v2/${path}`);
      expect(reply.status).toBe(401);
      expect(reply.headers.get("www-authenticate")).toMatch(
        /^Bearer realm="http:.*\/token",service="ghcr.io",scope="repository:.*:pull"$/u,
      );
    }
  });

  it("gives anyone a token for what is public, and for one image only", async () => {
    const { token } = await tokenFor("acme/demo-api");
    expect((await read("acme/demo-api/tags/list", { token })).status).toBe(200);
    expect((await read("acme/hidden/tags/list", { token })).status).toBe(401);
  });

  it("wants a person's token for what is private; an App's does not count", async () => {
    const app = await asInstallation(github);
    expect((await tokenFor("acme/hidden")).status).toBe(401);
    expect((await tokenFor("acme/hidden", app.token)).status).toBe(403);
    const { token } = await tokenFor("acme/hidden", "ghp_rita");
    expect((await read("acme/hidden/tags/list", { token })).status).toBe(200);
  });
});

describe("an image", () => {
  it("is an index of platforms whose bytes have the digests that name them", async () => {
    const reply = await read("acme/demo-api/manifests/sha-0123456");
    const text = await reply.text();
    expect(reply.headers.get("content-type")).toBe(INDEX);
    expect(reply.headers.get("docker-content-digest")).toBe(pushed.digest);
    expect(`sha256:${createHash("sha256").update(text).digest("hex")}`).toBe(pushed.digest);
    const index = JSON.parse(text) as { manifests: { digest: string; platform: object }[] };
    expect(index.manifests.map((m) => m.platform)).toEqual([
      { architecture: "amd64", os: "linux" },
      { architecture: "arm64", os: "linux" },
    ]);
    expect([...index.manifests.map((m) => m.digest), pushed.digest]).toEqual(pushed.manifests);
  });

  it("says in its config which revision it was built from", async () => {
    const [platform = ""] = pushed.manifests;
    const manifest = await (await read(`acme/demo-api/manifests/${platform}`)).json();
    const { digest } = (manifest as { config: { digest: string } }).config;
    const config = await (await read(`acme/demo-api/blobs/${digest}`)).json();
    expect(config).toMatchObject({
      config: { Labels: { "org.opencontainers.image.revision": REVISION } },
    });
  });

  it("answers HEAD without a body", async () => {
    const reply = await read("acme/demo-api/manifests/a", { method: "HEAD" });
    expect(reply.status).toBe(200);
    expect(reply.headers.get("docker-content-digest")).toMatch(/^sha256:[0-9a-f]{64}$/u);
    expect(await reply.text()).toBe("");
  });

  it("is not shown to who does not accept its form, nor by a tag that it has not", async () => {
    const plain = await read("acme/demo-api/manifests/sha-0123456", { accept: MANIFEST });
    expect(plain.status).toBe(404);
    expect(await plain.text()).toContain("Accept header does not support OCI indexes");
    const none = await read("acme/demo-api/manifests/none");
    expect([none.status, await none.json()]).toEqual([
      404,
      { errors: [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }] },
    ]);
    expect((await read("acme/none/manifests/a")).status).toBe(404);
  });
});

it("lists tags in their order and in pages", async () => {
  const first = await read("acme/demo-api/tags/list?n=2");
  expect(await first.json()).toEqual({ name: "acme/demo-api", tags: ["a", "b"] });
  expect(first.headers.get("link")).toBe('</v2/acme/demo-api/tags/list?last=b&n=2>; rel="next"');
  const second = await read("acme/demo-api/tags/list?last=b&n=2");
  expect(await second.json()).toMatchObject({ tags: ["c", "sha-0123456"] });
  expect(second.headers.get("link")).toBe(null);
});

it("moves a tag when it is pushed again", async () => {
  const image = { repository: "acme/demo-api", image: "acme/demo-api", revision: REVISION };
  const before = (await read("acme/demo-api/manifests/a")).headers.get("docker-content-digest");
  const { digest } = await github.act.publish({ ...image, tag: "a" });
  const after = (await read("acme/demo-api/manifests/a")).headers.get("docker-content-digest");
  expect(after).toBe(digest);
  expect(after).not.toBe(before);
});
