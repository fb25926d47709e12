import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startGitHubSimulator } from "./server.ts";
import type { GitHubSimulator } from "./server.ts";
import { asInstallation, closeClean } from "./test-client.ts";
import type { Client } from "./test-client.ts";

const REPO = "/repos/acme/gitops";
const NAME = { repository: "acme/gitops", user: "mona" };

let github: GitHubSimulator;
let client: Client;

beforeAll(async () => {
  github = await startGitHubSimulator({
    seed: {
      owner: "acme",
      repositories: [{ name: "gitops", files: { "a.yaml": "a: 1\n", "b.yaml": "b: 1\n" } }],
      others: [
        {
          owner: "mona",
          ownerType: "User",
          installation: false,
          repositories: [{ name: "gitops", forkOf: "acme/gitops" }],
        },
      ],
    },
  });
  client = await asInstallation(github);
});

afterAll(() => closeClean(github));

let count = 0;

/** A branch with one commit, and a pull request of it. */
async function aPull(files: Record<string, string> = { [`new-${count}`]: "1\n" }) {
  count += 1;
  const branch = `sluice/dev/x${count}`;
  const { sha } = await github.act.push({ ...NAME, branch, files, message: `Change ${count}` });
  const reply = await client.post(`${REPO}/pulls`, {
    title: `T${count}`,
    head: branch,
    base: "main",
  });
  return { branch, sha, number: reply.body.number as number, reply };
}

/** Asks until GitHub has computed whether it merges. */
async function settled(number: number) {
  for (let tries = 0; tries < 200; tries += 1) {
    const { body } = await client.get(`${REPO}/pulls/${number}`);
    if (body.mergeable !== null || body.state === "closed") return body;
  }
  throw new Error("mergeable stayed null");
}

describe("opening", () => {
  it("counts what it changes, and knows nothing of mergeability at first", async () => {
    const { number, sha, reply } = await aPull({ "a.yaml": "a: 2\n", "c.yaml": "c: 1\n" });
    expect(reply.status).toBe(201);
    expect(reply.body).toMatchObject({
      mergeable: null,
      mergeable_state: "unknown",
      commits: 1,
      changed_files: 2,
      additions: 2,
      deletions: 1,
      head: { sha },
      user: { login: "sluice[bot]", type: "Bot" },
    });
    expect((await client.get(`${REPO}/pulls/${number}`)).body.mergeable).toBe(null);
    expect(await settled(number)).toMatchObject({ mergeable: true, mergeable_state: "clean" });
    const files = await client.get(`${REPO}/pulls/${number}/files`);
    expect(
      files.body.map((f: { filename: string; status: string }) => [f.filename, f.status]),
    ).toEqual([
      ["a.yaml", "modified"],
      ["c.yaml", "added"],
    ]);
    const issue = await client.get(`${REPO}/issues/${number}`);
    expect(issue.body.pull_request.url).toBe(reply.body.url);
    expect((await client.get(`${REPO}/git/ref/pull/${number}/head`)).body.object.sha).toBe(sha);
  });

  it("refuses a second one of the same head and base", async () => {
    const { branch } = await aPull();
    const again = await client.post(`${REPO}/pulls`, { title: "T", head: branch, base: "main" });
    expect(again.status).toBe(422);
    expect(again.body.message).toBe("Validation Failed");
    expect(again.body.errors[0].message).toBe(`A pull request already exists for acme:${branch}.`);
  });

  it.for([
    [
      "a head without commits",
      { head: "main", base: "main" },
      { message: "No commits between main and main" },
    ],
    [
      "a head that is not there",
      { head: "nope", base: "main" },
      { field: "head", code: "invalid" },
    ],
    [
      "a base that is not there",
      { head: "main", base: "nope" },
      { field: "base", code: "invalid" },
    ],
    [
      "a head of a stranger",
      { head: "nobody:main", base: "main" },
      { field: "head", code: "invalid" },
    ],
    [
      "no title",
      { title: "", head: "main", base: "main" },
      { field: "title", code: "missing_field" },
    ],
    ["a long title", { title: "x".repeat(257), head: "main", base: "main" }, { field: "title" }],
  ] as const)("refuses %s", async ([, body, error]) => {
    const reply = await client.post(`${REPO}/pulls`, { title: "T", ...body });
    expect(reply.status).toBe(422);
    expect(reply.body.errors).toContainEqual(expect.objectContaining(error));
  });

  it("takes the head of a fork, and shows whose it is", async () => {
    const push = { repository: "mona/gitops", user: "mona", branch: "feature" };
    const { sha } = await github.act.push({ ...push, files: { "fork.txt": "1\n" } });
    const opened = await github.act["pull-request"]({
      ...NAME,
      head: "mona:feature",
      title: "From a fork",
    });
    const { body } = await client.get(`${REPO}/pulls/${opened.number}`);
    expect(body.head).toMatchObject({ label: "mona:feature", sha, repo: { fork: true } });
    expect(body.head.repo.id).not.toBe(body.base.repo.id);
    const list = await client.get(`${REPO}/pulls?head=acme:feature`);
    expect(list.body).toEqual([]);
    const merged = await client.put(`${REPO}/pulls/${opened.number}/merge`);
    expect(merged.status).toBe(200);
  });
});

describe("listing", () => {
  it("finds by owner:branch, base and state, and pages", async () => {
    const { branch, number } = await aPull();
    const find = async (query: string) =>
      (await client.get(`${REPO}/pulls?${query}`)).body.map((p: { number: number }) => p.number);
    expect(await find(`head=acme:${branch}&base=main`)).toEqual([number]);
    expect(await find(`head=ACME:${branch}`)).toEqual([number]);
    // A head without its owner is no filter.
    expect((await find(`head=${branch}`)).length).toBeGreaterThan(1);
    expect(await find(`head=acme:${branch}&state=closed`)).toEqual([]);
    const first = await client.get(`${REPO}/pulls?state=all&per_page=1`);
    expect(first.body).toHaveLength(1);
    expect(first.headers.get("link")).toMatch(/<http:.*page=2.*>; rel="next", <.*>; rel="last"/u);
  });
});

describe("the head", () => {
  it("moves with its branch, and mergeability is unknown again", async () => {
    const { branch, number } = await aPull();
    await settled(number);
    const { sha } = await github.act.push({ ...NAME, branch, files: { more: "1" } });
    const { body } = await client.get(`${REPO}/pulls/${number}`);
    expect(body).toMatchObject({ mergeable: null, commits: 2, head: { sha } });
  });

  it("brought back to the base, or deleted, closes the pull request", async () => {
    const reset = await aPull();
    const main = (await client.get(`${REPO}/git/ref/heads/main`)).body.object.sha;
    await client.patch(`${REPO}/git/refs/heads/${reset.branch}`, { sha: main, force: true });
    const deleted = await aPull();
    await client.delete(`${REPO}/git/refs/heads/${deleted.branch}`);
    for (const { number } of [reset, deleted]) {
      const { body } = await client.get(`${REPO}/pulls/${number}`);
      expect(body).toMatchObject({ state: "closed", merged: false, mergeable: null });
    }
    const reopened = await client.patch(`${REPO}/pulls/${deleted.number}`, { state: "open" });
    expect(reopened.status).toBe(422);
    expect(reopened.body.errors[0].message).toContain("has been deleted");
  });

  it("that reaches the base by a push has been merged", async () => {
    const { sha, number } = await aPull();
    const main = (await client.get(`${REPO}/git/ref/heads/main`)).body.object.sha;
    expect(sha).not.toBe(main);
    await client.patch(`${REPO}/git/refs/heads/main`, { sha, force: true });
    const { body } = await client.get(`${REPO}/pulls/${number}`);
    expect(body).toMatchObject({ state: "closed", merged: true });
  });
});

describe("editing", () => {
  it("changes title, body and state, and tells what it was before", async () => {
    const { number } = await aPull();
    const body = { title: "New", body: "Text" };
    expect((await client.patch(`${REPO}/pulls/${number}`, body)).body).toMatchObject(body);
    const edited = github.deliveries().filter((d) => d.action === "edited");
    expect(edited.at(-1)?.payload["changes"]).toMatchObject({ title: { from: `T${count}` } });
    await client.patch(`${REPO}/pulls/${number}`, { state: "closed" });
    const reopened = await client.patch(`${REPO}/pulls/${number}`, { state: "open" });
    expect(reopened.body.state).toBe("open");
  });

  it("refuses unknown properties as violations", async () => {
    const { number } = await aPull();
    const before = github.violations().length;
    const reply = await client.patch(`${REPO}/pulls/${number}`, { title: "x", labels: ["y"] });
    expect(reply.status).toBe(422);
    expect(reply.body.message).toContain('"labels" is not a permitted key.');
    expect(github.violations().splice(before)).toMatchObject([{ kind: "request" }]);
  });
});
