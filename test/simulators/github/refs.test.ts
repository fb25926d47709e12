import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startGitHubSimulator } from "./server.ts";
import type { GitHubSimulator } from "./server.ts";
import { asInstallation, closeClean } from "./test-client.ts";
import type { Client } from "./test-client.ts";

const ZERO = "0".repeat(40);
const REPO = "/repos/acme/gitops";

let github: GitHubSimulator;
let client: Client;
let base: string;

beforeAll(async () => {
  github = await startGitHubSimulator({
    seed: {
      owner: "acme",
      owners: ["olivia"],
      repositories: [
        {
          name: "gitops",
          files: { "a.txt": "a\n", "dir/b.txt": "b\n" },
          protection: { release: { requiredApprovals: 1 }, stable: { requiredChecks: ["ci"] } },
        },
      ],
    },
  });
  client = await asInstallation(github);
  base = (await client.get(`${REPO}/git/ref/heads/main`)).body.object.sha;
});

afterAll(() => closeClean(github));

/** A commit on top of `parent` that no branch holds. */
async function aCommit(parent: string, path = "a.txt", content = `${Math.random()}`) {
  const tree = await client.post(`${REPO}/git/trees`, {
    base_tree: parent,
    tree: [{ path, mode: "100644", type: "blob", content }],
  });
  const commit = await client.post(`${REPO}/git/commits`, {
    message: "A commit",
    tree: tree.body.sha,
    parents: [parent],
  });
  return commit.body.sha as string;
}

describe("creating a ref", () => {
  it.for([
    ["a ref that is there", "refs/heads/main", "base", "Reference already exists"],
    ["a SHA that nobody knows", "refs/heads/x", "1".repeat(40), "Object does not exist"],
    ["a short SHA", "refs/heads/x", "abc", "The sha parameter must be exactly 40 characters"],
    ["a name without refs/", "heads/x", "base", "Reference name must start with 'refs'"],
    ["a name that git forbids", "refs/heads/a..b", "base", "is not a valid ref name"],
    ["a branch below a branch", "refs/heads/main/x", "base", "Reference update failed"],
  ] as const)("refuses %s with 422", async ([, ref, sha, message]) => {
    const reply = await client.post(`${REPO}/git/refs`, { ref, sha: sha === "base" ? base : sha });
    expect(reply.status).toBe(422);
    expect(reply.body.message).toContain(message);
  });

  it("creates once, in any case of owner and name", async () => {
    const first = await client.post("/repos/ACME/GitOps/git/refs", {
      ref: "refs/heads/once",
      sha: base,
    });
    const second = await client.post(`${REPO}/git/refs`, { ref: "refs/heads/once", sha: base });
    expect([first.status, second.status]).toEqual([201, 422]);
    expect(first.headers.get("location")).toBe(first.body.url);
  });
});

describe("moving a ref", () => {
  it("goes forward, and elsewhere only by force", async () => {
    await client.post(`${REPO}/git/refs`, { ref: "refs/heads/move", sha: base });
    const one = await aCommit(base);
    const two = await aCommit(base);
    const path = `${REPO}/git/refs/heads/move`;
    expect((await client.patch(path, { sha: one })).status).toBe(200);
    const refused = await client.patch(path, { sha: two });
    expect(refused.status).toBe(422);
    expect(refused.body.message).toBe("Update is not a fast forward");
    expect((await client.patch(path, { sha: two, force: true })).body.object.sha).toBe(two);
    expect((await client.get(`${REPO}/git/ref/heads/move`)).body.object.sha).toBe(two);
  });

  it("refuses what is not there", async () => {
    const gone = await client.patch(`${REPO}/git/refs/heads/none`, { sha: base });
    expect([gone.status, gone.body.message]).toEqual([422, "Reference does not exist"]);
    const sha = "2".repeat(40);
    const unknown = await client.patch(`${REPO}/git/refs/heads/main`, { sha });
    expect([unknown.status, unknown.body.message]).toEqual([422, "Object does not exist"]);
    const deleted = await client.delete(`${REPO}/git/refs/heads/none`);
    expect([deleted.status, deleted.body.message]).toEqual([422, "Reference does not exist"]);
    expect((await client.get(`${REPO}/git/ref/heads/none`)).status).toBe(404);
  });

  it("keeps to branch protection", async () => {
    await client.post(`${REPO}/git/refs`, { ref: "refs/heads/release", sha: base });
    await client.post(`${REPO}/git/refs`, { ref: "refs/heads/stable", sha: base });
    const sha = await aCommit(base);
    const release = await client.patch(`${REPO}/git/refs/heads/release`, { sha });
    expect([release.status, release.body.message]).toEqual([
      422,
      "Changes must be made through a pull request.",
    ]);
    const stable = await client.patch(`${REPO}/git/refs/heads/stable`, { sha });
    expect(stable.body.message).toBe('Required status check "ci" is expected.');
    expect((await client.delete(`${REPO}/git/refs/heads/stable`)).status).toBe(422);
    expect((await client.delete(`${REPO}/git/refs/heads/main`)).status).toBe(422);
  });

  it("does not let an App without `workflows` bring a new workflow", async () => {
    const sha = await aCommit(base, ".github/workflows/ci.yml", "on: push\n");
    const reply = await client.post(`${REPO}/git/refs`, { ref: "refs/heads/flow", sha });
    expect(reply.status).toBe(422);
    expect(reply.body.message).toContain("without `workflows` permission");
  });
});

describe("updateRefs", () => {
  const mutation =
    "mutation ($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }";

  async function update(refUpdates: object[]) {
    const repositoryId = (await client.get(REPO)).body.node_id as string;
    return client.post("/graphql", {
      query: mutation,
      variables: { input: { repositoryId, refUpdates } },
    });
  }

  it("compares with the value before, and moves all refs or none", async () => {
    const sha = await aCommit(base);
    const made = await update([
      { name: "refs/heads/cas", beforeOid: ZERO, afterOid: base },
      { name: "refs/heads/cas-2", beforeOid: ZERO, afterOid: base },
    ]);
    expect(made.body).toEqual({ data: { updateRefs: { clientMutationId: null } } });
    const stale = await update([
      { name: "refs/heads/cas", beforeOid: base, afterOid: sha },
      { name: "refs/heads/cas-2", beforeOid: sha, afterOid: sha },
    ]);
    expect(stale.status).toBe(200);
    expect(stale.body.data).toEqual({ updateRefs: null });
    expect(stale.body.errors[0]).toMatchObject({ type: "STALE_DATA", path: ["updateRefs"] });
    expect((await client.get(`${REPO}/git/ref/heads/cas`)).body.object.sha).toBe(base);
  });

  it("forces only when told, and deletes by the zero SHA", async () => {
    const one = await aCommit(base);
    const two = await aCommit(base);
    await update([{ name: "refs/heads/forced", afterOid: one }]);
    const refused = await update([{ name: "refs/heads/forced", beforeOid: one, afterOid: two }]);
    expect(refused.body.errors[0].message).toBe("Update is not a fast forward");
    await update([{ name: "refs/heads/forced", beforeOid: one, afterOid: two, force: true }]);
    expect((await client.get(`${REPO}/git/ref/heads/forced`)).body.object.sha).toBe(two);
    await update([{ name: "refs/heads/forced", beforeOid: two, afterOid: ZERO }]);
    expect((await client.get(`${REPO}/git/ref/heads/forced`)).status).toBe(404);
  });

  it("wants a repository that the caller may write to", async () => {
    const reader = await asInstallation(github, { permissions: { contents: "read" } });
    const repositoryId = (await client.get(REPO)).body.node_id;
    const input = { repositoryId, refUpdates: [{ name: "refs/heads/r", afterOid: base }] };
    const reply = await reader.post("/graphql", { query: mutation, variables: { input } });
    expect(reply.body.errors[0]).toMatchObject({ type: "FORBIDDEN" });
  });

  it("tells a query that does not fit GitHub's schema what is wrong with it", async () => {
    const before = github.violations().length;
    const reply = await client.post("/graphql", { query: "mutation { updateRef { x } }" });
    expect(reply.status).toBe(200);
    expect(reply.body.errors.length).toBeGreaterThan(0);
    expect(github.violations().splice(before)).toHaveLength(1);
  });
});
