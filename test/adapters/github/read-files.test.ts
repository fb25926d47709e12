import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";

import { pack } from "tar-stream";
import { afterEach, describe, expect, it } from "vitest";

import { blobSha } from "#adapters/github/repository/blob-sha.ts";
import type { FileEntry } from "#ports/github-things.ts";

import { aGitHub, type AGitHub, connect, json, type Script } from "./a-github.ts";

const revision = "a".repeat(40);
const open: AGitHub[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (github) => github.close()));
});

async function start(script: Script): Promise<AGitHub> {
  const github = await aGitHub(script);
  open.push(github);
  return github;
}

const texts = new Map(
  Array.from({ length: 200 }, (_, index) => [
    `gitops/tenants/t${index}/dev.yaml`,
    `image:\r\n  tag: v${index} # é\n`,
  ]),
);

const entries: FileEntry[] = [...texts].map(([path, text]) => {
  const bytes = Buffer.from(text);
  return { path, sha: blobSha(bytes), mode: "100644", size: bytes.byteLength };
});

async function archive(change: (path: string, text: string) => string | null): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: "acme-platform-aaaaaaa/", type: "directory" });
  for (const [path, text] of texts) {
    const changed = change(path, text);
    if (changed !== null) tar.entry({ name: `acme-platform-aaaaaaa/${path}` }, changed);
  }
  tar.entry({ name: "acme-platform-aaaaaaa/photo" }, randomBytes(1_000_000));
  tar.finalize();
  const parts: Buffer[] = [];
  for await (const part of tar) parts.push(part as Buffer);
  return gzipSync(Buffer.concat(parts));
}

/** GitHub with an archive host of its own, and blobs one by one. */
async function both(bytes: Buffer, host?: Script) {
  const codeload = await start(host ?? ((_asked, response) => void response.end(bytes)));
  const bySha = new Map(entries.map(({ path, sha }) => [sha, texts.get(path) ?? ""]));
  const github = await start((asked, response) => {
    if (asked.path.includes("/tarball/")) {
      response.writeHead(302, { location: `${codeload.url}/x?token=t` }).end();
      return;
    }
    const content = Buffer.from(bySha.get(asked.path.split("/").at(-1) ?? "") ?? "").toString(
      "base64",
    );
    json(response, 200, { content, encoding: "base64" });
  });
  return {
    codeload,
    github,
    repo: connect(github.url).installation(7).repository("acme/platform"),
  };
}

function expectWhole(contents: ReadonlyMap<string, Uint8Array>): void {
  expect(contents.size).toBe(entries.length);
  for (const { path, sha } of entries) {
    expect(Buffer.from(contents.get(sha) ?? []).toString()).toBe(texts.get(path));
  }
}

describe("the contents of many files", () => {
  it("come from one archive, whose host sees no token of ours; later from memory", async () => {
    const { codeload, github, repo } = await both(await archive((_path, text) => text));
    expectWhole(await repo.contents(revision, entries));
    expect(github.asked.map(({ path }) => path)).toEqual([
      `/repos/acme/platform/tarball/${revision}`,
    ]);
    expect(codeload.asked).toHaveLength(1);
    expect(codeload.asked[0]?.headers.authorization).toBeUndefined();
    expectWhole(await repo.contents(revision, entries));
    expect(github.asked).toHaveLength(1);
  });

  it("are read one by one where the archive has other bytes or none", async () => {
    const odd = new Set(["gitops/tenants/t3/dev.yaml", "gitops/tenants/t4/dev.yaml"]);
    const changed = (path: string, text: string): string | null => {
      if (!odd.has(path)) return text;
      return path.includes("t3") ? text.replace("\r\n", "\n") : null;
    };
    const { github, repo } = await both(await archive(changed));
    expectWhole(await repo.contents(revision, entries));
    expect(github.asked.filter(({ path }) => path.includes("/blobs/"))).toHaveLength(2);
  });

  it.for([
    ["refuses", (_asked, response) => void response.writeHead(500).end()],
    ["leads on", (_asked, response) => void response.writeHead(302, { location: "/y" }).end()],
    ["sends no gzip", (_asked, response) => void response.end("<html>")],
    ["breaks off", (_asked, response) => void response.socket?.destroy()],
  ] as readonly [string, Script][])(
    "are read one by one when the archive host %s",
    async ([, host]) => {
      const { github, repo } = await both(Buffer.alloc(0), host);
      expectWhole(await repo.contents(revision, entries));
      expect(github.asked.filter(({ path }) => path.includes("/blobs/"))).toHaveLength(200);
    },
  );

  it("keep what half an archive brought", async () => {
    const whole = await archive((_path, text) => text);
    const half: Script = (_asked, response) => {
      response.write(whole.subarray(0, whole.length / 2), () => response.socket?.destroy());
    };
    const { github, repo } = await both(whole, half);
    expectWhole(await repo.contents(revision, entries));
    expect(github.asked.filter(({ path }) => path.includes("/blobs/")).length).toBeLessThan(200);
  });

  it.for([
    "file:///etc/passwd",
    "http://169.254.169.254/x",
    "ftp://127.0.0.1/x",
    "http://evil.example/x",
  ])("are never fetched from %s", async (location) => {
    const bySha = new Map(entries.map(({ path, sha }) => [sha, texts.get(path) ?? ""]));
    const github = await start((asked, response) => {
      if (asked.path.includes("/tarball/")) response.writeHead(302, { location }).end();
      else {
        const sha = asked.path.split("/").at(-1) ?? "";
        json(response, 200, { content: bySha.get(sha) ?? "", encoding: "utf-8" });
      }
    });
    const repo = connect(github.url).installation(7).repository("acme/platform");
    expectWhole(await repo.contents(revision, entries));
  });

  it("of a blob that is not what its SHA says are a fault", async () => {
    const github = await start((_asked, response) =>
      json(response, 200, { content: "", encoding: "base64" }),
    );
    const repo = connect(github.url).installation(7).repository("acme/platform");
    await expect(repo.contents(revision, entries.slice(0, 1))).rejects.toMatchObject({
      code: "github.unavailable",
    });
  });
});

describe("the files of a commit", () => {
  const blob = (path: string) => ({
    path,
    mode: "100644",
    type: "blob",
    sha: "b".repeat(40),
    size: 1,
  });
  const directory = (path: string, sha: string) => ({ path, mode: "040000", type: "tree", sha });

  it("are walked where GitHub cuts its answer", async () => {
    const trees: Record<string, unknown> = {
      [`${revision}?recursive=1`]: { tree: [blob("a")], truncated: true },
      [revision]: { tree: [blob("a"), directory("x", "x1"), directory("y", "y1")] },
      "x1?recursive=1": {
        tree: [blob("b"), directory("deep", "d"), blob("deep/c")],
        truncated: false,
      },
      "y1?recursive=1": { tree: [blob("d")], truncated: true },
      y1: { tree: [blob("d"), directory("z", "z1")] },
      "z1?recursive=1": {
        tree: [blob("e"), { path: "link", mode: "120000", type: "blob", sha: "l", size: 2 }],
      },
    };
    const github = await start((asked, response) => {
      json(response, 200, trees[asked.path.split("/trees/")[1] ?? ""]);
    });
    const repo = connect(github.url).installation(7).repository("acme/platform");
    const files = await repo.files(revision);
    expect([...files.keys()]).toEqual(["a", "x/b", "x/deep/c", "y/d", "y/z/e", "y/z/link"]);
    expect(files.get("y/z/link")?.mode).toBe("120000");
    await repo.files(revision);
    expect(github.asked).toHaveLength(6);
  });
});
