import { execFileSync } from "node:child_process";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startGitHubSimulator } from "./server.ts";
import type { GitHubSimulator } from "./server.ts";
import { asInstallation, closeClean } from "./test-client.ts";
import type { Client } from "./test-client.ts";

const REPO = "/repos/acme/gitops";
const FILES = Object.fromEntries(
  Array.from({ length: 300 }, (_, i) => [`tenants/t${i}/dev.yaml`, `image:\n  tag: v${i}\n`]),
);

let github: GitHubSimulator;
let client: Client;
let base: string;

beforeAll(async () => {
  github = await startGitHubSimulator({
    seed: {
      owner: "acme",
      repositories: [
        { name: "gitops", files: { ...FILES, "README.md": "hello\n" } },
        { name: "empty" },
      ],
    },
  });
  client = await asInstallation(github);
  base = (await client.get(`${REPO}/git/ref/heads/main`)).body.object.sha;
});

afterAll(() => closeClean(github));

const entry = (path: string, rest: object) => ({ path, mode: "100644", type: "blob", ...rest });

describe("trees", () => {
  it("lists a commit's tree with sizes, recursively or not", async () => {
    const all = await client.get(`${REPO}/git/trees/${base}?recursive=1`);
    expect(all.body.truncated).toBe(false);
    expect(all.body.tree).toHaveLength(300 + 1 + 1 + 300);
    const file = all.body.tree.find((e: { path: string }) => e.path === "tenants/t7/dev.yaml");
    expect(file).toMatchObject({ mode: "100644", type: "blob", size: 17 });
    const top = await client.get(`${REPO}/git/trees/main`);
    expect(top.body.tree.map((e: { path: string }) => e.path)).toEqual(["README.md", "tenants"]);
  });

  it("edits many files on a commit as base, and leaves the others alone", async () => {
    const tree = Array.from({ length: 150 }, (_, i) =>
      entry(`tenants/t${i}/dev.yaml`, { content: `image:\n  tag: w${i}\n` }),
    );
    const made = await client.post(`${REPO}/git/trees`, { base_tree: base, tree });
    expect(made.status).toBe(201);
    const all = await client.get(`${REPO}/git/trees/${made.body.sha}?recursive=1`);
    expect(all.body.tree).toHaveLength(602);
    const { directory } = github.world.git(github.world.tables.repositories.all()[0]!);
    const git = (...args: string[]) =>
      execFileSync("git", ["--git-dir", directory, ...args], { encoding: "utf8" });
    expect(git("show", `${made.body.sha}:tenants/t149/dev.yaml`)).toBe("image:\n  tag: w149\n");
    expect(
      git("diff-tree", "-r", "--name-only", base, made.body.sha).trim().split("\n"),
    ).toHaveLength(150);
    expect(git("fsck", "--strict", "--no-dangling")).toBe("");
  });

  it("deletes by a null SHA, and removes the folder that is left empty", async () => {
    const made = await client.post(`${REPO}/git/trees`, {
      base_tree: base,
      tree: [entry("tenants/t1/dev.yaml", { sha: null })],
    });
    const all = await client.get(`${REPO}/git/trees/${made.body.sha}?recursive=1`);
    const paths = all.body.tree.map((e: { path: string }) => e.path);
    expect(paths).not.toContain("tenants/t1");
    expect(paths).toContain("tenants/t2");
  });

  it.for([
    ["an unknown blob", { tree: [entry("x", { sha: "3".repeat(40) })] }, "is not a valid blob"],
    [
      "both sha and content",
      { tree: [entry("x", { sha: "3".repeat(40), content: "" })] },
      "not both",
    ],
    [
      "deleting what is not there",
      { tree: [entry("none", { sha: null })] },
      "GitRPC::BadObjectState",
    ],
    ["a path out of the repository", { tree: [entry("../x", { content: "" })] }, "malformed path"],
    ["a path into .git", { tree: [entry(".git/config", { content: "" })] }, "malformed path"],
    [
      "an unknown base",
      { base_tree: "4".repeat(40), tree: [entry("x", { content: "" })] },
      "base_tree",
    ],
  ] as const)("refuses %s with 422", async ([, body, message]) => {
    const reply = await client.post(`${REPO}/git/trees`, { base_tree: base, ...body });
    expect(reply.status).toBe(422);
    expect(reply.body.message).toContain(message);
  });
});

describe("commits", () => {
  it("without an author is the bot's, signed by GitHub", async () => {
    const { tree } = (await client.get(`${REPO}/git/commits/${base}`)).body;
    const made = await client.post(`${REPO}/git/commits`, {
      message: "m",
      tree: tree.sha,
      parents: [base],
    });
    expect(made.body.author.name).toBe("sluice[bot]");
    expect(made.body.committer).toMatchObject({ name: "GitHub", email: "noreply@github.com" });
    expect(made.body.verification).toMatchObject({ verified: true, reason: "valid" });
    const named = await client.post(`${REPO}/git/commits`, {
      message: "m",
      tree: tree.sha,
      parents: [base],
      author: { name: "Mona", email: "mona@example.com", date: "2026-01-02T03:04:05Z" },
    });
    expect(named.body.author.date).toBe("2026-01-02T03:04:05Z");
    expect(named.body.verification.verified).toBe(false);
  });

  it("refuses trees and parents that are not there", async () => {
    const { tree } = (await client.get(`${REPO}/git/commits/${base}`)).body;
    const bad = "5".repeat(40);
    const noTree = await client.post(`${REPO}/git/commits`, { message: "m", tree: bad });
    expect([noTree.status, noTree.body.message]).toEqual([422, "Tree SHA does not exist"]);
    const noParent = await client.post(`${REPO}/git/commits`, {
      message: "m",
      tree: tree.sha,
      parents: [bad],
    });
    expect([noParent.status, noParent.body.message]).toEqual([
      422,
      "Parent SHA does not exist or is not a commit object",
    ]);
  });

  it("lists those that touch a path, and compares as from the merge base", async () => {
    const { sha } = await github.act.push({
      repository: "acme/gitops",
      branch: "feature",
      user: "mona",
      files: { "tenants/t9/dev.yaml": "image:\n  tag: new\n", "added.txt": "1\n" },
      message: "Change t9",
    });
    await github.act.push({
      repository: "acme/gitops",
      user: "mona",
      files: { "README.md": "hi\n" },
    });
    const list = await client.get(`${REPO}/commits?sha=feature&path=tenants/t9/dev.yaml`);
    expect(list.body.map((c: { sha: string }) => c.sha)).toEqual([sha, base]);
    const compared = await client.get(`${REPO}/compare/main...feature`);
    expect(compared.body).toMatchObject({ status: "diverged", ahead_by: 1, behind_by: 1 });
    expect(compared.body.merge_base_commit.sha).toBe(base);
    expect(compared.body.files.map((f: { filename: string }) => f.filename)).toEqual([
      "added.txt",
      "tenants/t9/dev.yaml",
    ]);
    expect(compared.body.files[1].patch).toContain("+  tag: new");
    const same = await client.get(`${REPO}/compare/${base}...${base}`);
    expect(same.body).toMatchObject({ status: "identical", ahead_by: 0, files: [] });
    expect((await client.get(`${REPO}/compare/main...nothing`)).status).toBe(404);
    expect((await client.get(`${REPO}/commits/nothing`)).status).toBe(422);
  });

  it("of an empty repository is 409", async () => {
    const reply = await client.get("/repos/acme/empty/commits");
    expect([reply.status, reply.body.message]).toEqual([409, "Git Repository is empty."]);
  });
});

describe("contents", () => {
  it("gives a file as JSON and as text", async () => {
    const path = `${REPO}/contents/tenants/t3/dev.yaml`;
    const json = await client.get(path);
    expect(Buffer.from(json.body.content, "base64").toString()).toBe("image:\n  tag: v3\n");
    const raw = await client.get(path, { accept: "application/vnd.github.raw+json" });
    expect(raw.headers.get("content-type")).toContain("charset=utf-8");
    expect(raw.text).toBe("image:\n  tag: v3\n");
    expect((await client.get(`${REPO}/contents/tenants?ref=main`)).body).toHaveLength(300);
    expect((await client.get(`${REPO}/contents/nope`)).status).toBe(404);
  });

  it("writes one file with a guard", async () => {
    const path = `${REPO}/contents/one.txt`;
    const body = { message: "m", content: Buffer.from("1").toString("base64"), branch: "main" };
    const made = await client.put(path, body);
    expect(made.status).toBe(201);
    expect((await client.put(path, body)).status).toBe(422);
    expect((await client.put(path, { ...body, sha: "6".repeat(40) })).status).toBe(409);
    expect((await client.put(path, { ...body, sha: made.body.content.sha })).status).toBe(200);
  });
});
