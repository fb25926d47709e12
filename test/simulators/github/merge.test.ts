import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startGitHubSimulator } from "./server.ts";
import type { GitHubSimulator } from "./server.ts";
import { asInstallation, closeClean } from "./test-client.ts";
import type { Client } from "./test-client.ts";

const NAME = { repository: "acme/gitops", user: "mona" };
const REPO = "/repos/acme/gitops";

let github: GitHubSimulator;
let client: Client;

beforeAll(async () => {
  const files = { "a.yaml": "a: 1\n", "b.yaml": "b: 1\n", "c.yaml": "c: 1\n" };
  const protection = { requiredChecks: ["ci"], requiredApprovals: 1, dismissStaleReviews: true };
  github = await startGitHubSimulator({
    seed: {
      owner: "acme",
      owners: ["olivia"],
      repositories: [
        { name: "gitops", files, collaborators: { mona: "write", rita: "write", tom: "read" } },
        {
          name: "guarded",
          files,
          protection,
          collaborators: { mona: "write", rita: "write", tom: "read" },
        },
        { name: "strict", files, protection: { strict: true }, mergeMethods: ["squash"] },
        { name: "tidy", files, deleteBranchOnMerge: true },
      ],
    },
  });
  client = await asInstallation(github);
});

afterAll(() => closeClean(github));

let count = 0;

async function aPull(files: Record<string, string>, repository = "acme/gitops") {
  count += 1;
  const branch = `x${count}`;
  const { sha } = await github.act.push({
    repository,
    user: "mona",
    branch,
    files,
    message: `Change ${count}`,
  });
  const path = `/repos/${repository}/pulls`;
  const { body } = await client.post(path, { title: `T${count}`, head: branch, base: "main" });
  return { branch, sha, number: body.number as number, path: `${path}/${body.number}` };
}

async function settled(path: string) {
  for (let tries = 0; tries < 200; tries += 1) {
    const { body } = await client.get(path);
    if (body.mergeable !== null || body.state === "closed") return body;
  }
  throw new Error("mergeable stayed null");
}

const main = async (file: string, repo = REPO) =>
  (await client.get(`${repo}/contents/${file}`, { accept: "application/vnd.github.raw" })).text;

describe("merging", () => {
  it("is a true three-way merge onto the base of now", async () => {
    const one = await aPull({ "a.yaml": "a: 2\n" });
    const two = await aPull({ "b.yaml": "b: 2\n" });
    const first = await client.put(`${one.path}/merge`);
    expect(first.body).toMatchObject({ merged: true, message: "Pull Request successfully merged" });
    expect((await client.put(`${two.path}/merge`, { merge_method: "squash" })).status).toBe(200);
    expect([await main("a.yaml"), await main("b.yaml")]).toEqual(["a: 2\n", "b: 2\n"]);
    const { body } = await client.get(one.path);
    expect(body).toMatchObject({
      state: "closed",
      merged: true,
      merge_commit_sha: first.body.sha,
      merged_by: { login: "sluice[bot]" },
      changed_files: 1,
      commits: 1,
    });
    expect((await client.get(`${one.path}/merge`)).status).toBe(204);
    const pulls = await client.get(`${REPO}/commits/${first.body.sha}/pulls`);
    expect(pulls.body.map((p: { number: number }) => p.number)).toEqual([one.number]);
  });

  it.for([
    ["merge", 2, (n: number) => `Merge pull request #${n} from acme/x${count}\n\nT${count}`],
    ["squash", 1, (n: number) => `Change ${count} (#${n})`],
    ["rebase", 1, () => `Change ${count}`],
  ] as const)("by %s makes a commit of GitHub's own", async ([method, parents, message]) => {
    const { path, number } = await aPull({ [`${method}.txt`]: "1" });
    const { body } = await client.put(`${path}/merge`, { merge_method: method });
    const commit = (await client.get(`${REPO}/git/commits/${body.sha}`)).body;
    expect(commit.parents).toHaveLength(parents);
    expect(commit.message).toBe(message(number));
    expect(commit.committer.name).toBe(method === "rebase" ? "sluice[bot]" : "GitHub");
  });

  it("takes title and message", async () => {
    const { path, sha } = await aPull({ "t.txt": "1" });
    const wish = {
      sha,
      merge_method: "squash",
      commit_title: "Title",
      commit_message: "Body\n\nKey: v",
    };
    const { body } = await client.put(`${path}/merge`, wish);
    const commit = (await client.get(`${REPO}/git/commits/${body.sha}`)).body;
    expect(commit.message).toBe("Title\n\nBody\n\nKey: v");
  });

  it("deletes the branch where the repository says so", async () => {
    const { path, branch } = await aPull({ "t.txt": "1" }, "acme/tidy");
    await client.put(`${path}/merge`);
    expect((await client.get(`/repos/acme/tidy/git/ref/heads/${branch}`)).status).toBe(404);
  });
});

describe("a refused merge", () => {
  it("with another head is 409", async () => {
    const { path } = await aPull({ "h.txt": "1" });
    const reply = await client.put(`${path}/merge`, { sha: "7".repeat(40) });
    expect([reply.status, reply.body.message]).toEqual([
      409,
      "Head branch was modified. Review and try the merge again.",
    ]);
  });

  it("with a conflict is 405, and dirty", async () => {
    const one = await aPull({ "c.yaml": "c: 2\n" });
    const two = await aPull({ "c.yaml": "c: 3\n" });
    await client.put(`${one.path}/merge`);
    expect(await settled(two.path)).toMatchObject({ mergeable: false, mergeable_state: "dirty" });
    const reply = await client.put(`${two.path}/merge`);
    expect([reply.status, reply.body.message]).toEqual([405, "Pull Request is not mergeable"]);
  });

  it("once merged, closed or a draft is 405", async () => {
    const { path } = await aPull({ "d.txt": "1" });
    await client.put(`${path}/merge`);
    expect((await client.put(`${path}/merge`)).body.message).toBe("Pull Request is not mergeable");
    count += 1;
    const branch = `x${count}`;
    await github.act.push({ ...NAME, branch, files: { "dr.txt": "1" } });
    const draft = { title: "D", head: branch, base: "main", draft: true };
    const { body } = await client.post(`${REPO}/pulls`, draft);
    const refused = await client.put(`${REPO}/pulls/${body.number}/merge`);
    expect(refused.body.message).toBe("Pull Request is still a draft");
    expect(await settled(`${REPO}/pulls/${body.number}`)).toMatchObject({
      mergeable_state: "draft",
    });
  });

  it("by a method that is not allowed is 405", async () => {
    const { path } = await aPull({ "m.txt": "1" }, "acme/strict");
    const reply = await client.put(`${path}/merge`);
    expect([reply.status, reply.body.message]).toEqual([
      405,
      "Merge commits are not allowed on this repository.",
    ]);
  });
});

describe("branch protection", () => {
  const GUARDED = "/repos/acme/guarded";

  it("blocks until checks and reviews are there; neutral and skipped suffice", async () => {
    const { path, sha, number } = await aPull({ "p.txt": "1" }, "acme/guarded");
    expect(await settled(path)).toMatchObject({ mergeable: true, mergeable_state: "blocked" });
    const refused = await client.put(`${path}/merge`);
    expect(refused.status).toBe(405);
    expect(refused.body.message).toBe(
      'Required status check "ci" is expected. At least 1 approving review is required by reviewers with write access.',
    );
    const run = await client.post(`${GUARDED}/check-runs`, { name: "ci", head_sha: sha });
    expect((await client.put(`${path}/merge`)).body.message).toContain('"ci" is in progress.');
    await client.patch(`${GUARDED}/check-runs/${run.body.id}`, { conclusion: "failure" });
    expect((await client.put(`${path}/merge`)).body.message).toContain('"ci" is failing.');
    await client.post(`${GUARDED}/check-runs`, {
      name: "ci",
      head_sha: sha,
      conclusion: "neutral",
    });
    const place = { repository: "acme/guarded", number, state: "APPROVED" };
    await github.act.review({ ...place, user: "tom" });
    expect((await client.put(`${path}/merge`)).body.message).toContain(
      "At least 1 approving review",
    );
    await github.act.review({ ...place, user: "rita" });
    expect(await settled(path)).toMatchObject({ mergeable_state: "clean" });
    expect((await client.put(`${path}/merge`)).status).toBe(200);
  });

  it("forgets approvals when the head moves", async () => {
    const { path, branch, number } = await aPull({ "q.txt": "1" }, "acme/guarded");
    const place = { repository: "acme/guarded", user: "mona" };
    await github.act.review({ ...place, user: "rita", number, state: "approve" });
    await github.act.push({ ...place, branch, files: { "q.txt": "2" } });
    const reviews = await client.get(`${path}/reviews`);
    expect(reviews.body.map((r: { state: string }) => r.state)).toEqual(["DISMISSED"]);
  });

  it("lets an owner merge all the same", async () => {
    const { number } = await aPull({ "o.txt": "1" }, "acme/guarded");
    const merged = github.act.merge({ repository: "acme/guarded", number, user: "olivia" });
    await expect(merged).resolves.toHaveProperty("sha");
    const refused = github.act.merge({ repository: "acme/guarded", number, user: "tom" });
    await expect(refused).rejects.toThrow("may not merge");
  });

  it("that is strict wants the head to contain the base", async () => {
    const { path, sha } = await aPull({ "s.txt": "1" }, "acme/strict");
    await github.act.push({
      repository: "acme/strict",
      user: "olivia",
      files: { "main.txt": "1" },
    });
    expect(await settled(path)).toMatchObject({ mergeable_state: "behind" });
    expect((await client.put(`${path}/merge`, { merge_method: "squash" })).status).toBe(405);
    const wrong = await client.put(`${path}/update-branch`, { expected_head_sha: "8".repeat(40) });
    expect(wrong.status).toBe(422);
    const updated = await client.put(`${path}/update-branch`, { expected_head_sha: sha });
    expect(updated.status).toBe(202);
    const fresh = await settled(path);
    expect(fresh).toMatchObject({ mergeable_state: "clean", commits: 2, changed_files: 1 });
    expect((await client.put(`${path}/update-branch`)).status).toBe(422);
    expect((await client.put(`${path}/merge`, { merge_method: "squash" })).status).toBe(200);
    expect(await main("main.txt", "/repos/acme/strict")).toBe("1");
  });

  it("does not let an App approve what is its own", async () => {
    const { path } = await aPull({ "r.txt": "1" });
    const reply = await client.post(`${path}/reviews`, { event: "APPROVE" });
    expect(reply.status).toBe(422);
    expect(reply.body.errors).toEqual(["Can not approve your own pull request"]);
  });
});

describe("a revert by a person", () => {
  it("takes back one merge and leaves the rest", async () => {
    const one = await aPull({ "rev.yaml": "v: 1\n" });
    await client.put(`${one.path}/merge`);
    const two = await aPull({ "rev.yaml": "v: 2\n" });
    await client.put(`${two.path}/merge`);
    await github.act.push({ ...NAME, files: { "later.txt": "1" } });
    await github.act.revert({ ...NAME, number: two.number });
    expect([await main("rev.yaml"), await main("later.txt")]).toEqual(["v: 1\n", "1"]);
    const again = await github.act.revert({ ...NAME, number: one.number, pullRequest: true });
    expect((await client.get(`${REPO}/pulls/${again.number}`)).body.title).toMatch(/^Revert "/u);
  });
});
