import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { aCommit } from "./a-commit.ts";
import { aSimulatedGitHub, type Simulated } from "./a-simulated-github.ts";

const zero = "1".repeat(40);

describe("what GitHub refuses", () => {
  let simulated: Simulated;
  let base = "";

  beforeAll(async () => {
    simulated = await aSimulatedGitHub();
    base = (await simulated.repo.head()).revision;
  });

  afterAll(async () => simulated.close());

  async function commitOn(parent: string, text: string): Promise<string> {
    const edits = [{ path: "gitops/tenants/a/dev.yaml", text }];
    return (await aCommit(simulated.repo, { parent, edits, message: text })).revision;
  }

  it("a branch that is there already is ours only when it stands where we wanted it", async () => {
    const { repo } = simulated;
    const [one, two] = [await commitOn(base, "one"), await commitOn(base, "two")];
    expect(await repo.moveBranch({ branch: "a", from: null, to: one })).toEqual({ kind: "moved" });
    expect(await repo.moveBranch({ branch: "a", from: null, to: one })).toEqual({ kind: "moved" });
    expect(await repo.moveBranch({ branch: "a", from: null, to: two })).toEqual({
      kind: "changed",
    });
    expect(await repo.branch("a")).toBe(one);
  });

  it("a branch that stands elsewhere is neither moved nor deleted", async () => {
    const { repo } = simulated;
    const [one, two] = [await commitOn(base, "three"), await commitOn(base, "four")];
    await repo.moveBranch({ branch: "b", from: null, to: one });
    expect(await repo.moveBranch({ branch: "b", from: two, to: base })).toEqual({
      kind: "changed",
    });
    expect(await repo.moveBranch({ branch: "b", from: two, to: null })).toEqual({
      kind: "changed",
    });
    expect(await repo.branch("b")).toBe(one);
    expect(await repo.moveBranch({ branch: "b", from: one, to: two })).toEqual({ kind: "moved" });
    expect(await repo.moveBranch({ branch: "b", from: one, to: two })).toEqual({ kind: "moved" });
    expect(await repo.moveBranch({ branch: "b", from: two, to: null })).toEqual({ kind: "moved" });
    expect(await repo.moveBranch({ branch: "b", from: two, to: null })).toEqual({ kind: "moved" });
  });

  it("a commit that does not exist is a fault", async () => {
    const { repo } = simulated;
    const move = repo.moveBranch({ branch: "c", from: null, to: zero });
    await expect(move).rejects.toMatchObject({ code: "github.refused", retryable: false });
  });

  it("a branch whose name another one takes up is refused, with GitHub's word", async () => {
    const { repo } = simulated;
    await repo.moveBranch({ branch: "taken", from: null, to: base });
    const moved = await repo.moveBranch({ branch: "taken/dev/api/all", from: null, to: base });
    expect(moved).toMatchObject({ kind: "refused" });
    expect("sentence" in moved ? moved.sentence : "").toContain("taken/dev/api/all be created");
  });

  it("a second pull request is the first one", async () => {
    const { repo } = simulated;
    await repo.moveBranch({ branch: "d", from: null, to: await commitOn(base, "five") });
    const wanted = { head: "d", base: "main", title: "t", body: "b" };
    const first = await repo.openPullRequest(wanted);
    const second = await repo.openPullRequest(wanted);
    expect([first.kind, second.kind]).toEqual(["opened", "found"]);
    if (first.kind !== "opened" || second.kind !== "found") throw new Error("unreachable");
    expect(second.pull.number).toBe(first.pull.number);
  });

  it("a branch without a difference needs none", async () => {
    const { repo } = simulated;
    await repo.moveBranch({ branch: "e", from: null, to: base });
    const wanted = { head: "e", base: "main", title: "t", body: "b" };
    expect(await repo.openPullRequest(wanted)).toEqual({ kind: "no-difference" });
    const nowhere = await repo.openPullRequest({ ...wanted, head: "nowhere" });
    expect(nowhere).toMatchObject({ kind: "refused", reason: "pull-request-refused" });
  });

  async function aPullRequest(branch: string, text: string, draft = false) {
    const { repo, github } = simulated;
    const head = await commitOn(base, text);
    await repo.moveBranch({ branch, from: null, to: head });
    const opened = await repo.openPullRequest({
      head: branch,
      base: "main",
      title: "t",
      body: "b",
    });
    if (opened.kind !== "opened") throw new Error(`${opened.kind} ${draft} ${github.url}`);
    return { number: opened.pull.number, head };
  }

  it("a merge of another head does not happen", async () => {
    const { repo } = simulated;
    const { number } = await aPullRequest("f", "six");
    const merged = await repo.merge({ number, head: base, title: "t", message: "" });
    expect(merged).toEqual({ kind: "head-moved" });
  });

  it("a conflict is said to be one, and a merged pull request to be merged", async () => {
    const { repo } = simulated;
    const one = await aPullRequest("g", "seven");
    const two = await aPullRequest("h", "eight");
    const merged = await repo.merge({ ...one, title: "t", message: "m" });
    expect(merged.kind).toBe("merged");
    expect(await repo.merge({ ...one, title: "t", message: "m" })).toEqual(merged);
    const other = await repo.merge({ ...two, title: "t", message: "m" });
    expect(["not-yet", "blocked"]).toContain(other.kind);
    for (let look = 0; look < 5; look += 1) await repo.pullRequest(two.number);
    const again = await repo.merge({ ...two, title: "t", message: "m" });
    expect(again).toMatchObject({ kind: "blocked", reason: "conflict" });
  });

  it("a closed pull request says who closed it", async () => {
    const { repo, github } = simulated;
    base = (await repo.head()).revision;
    const { number } = await aPullRequest("i", "nine");
    expect(await repo.closedBy(number)).toBeNull();
    await github.act.close({ repository: "acme/platform", number, user: "rita" });
    expect(await repo.closedBy(number)).toBe("rita");
  });
});

describe("a repository with rules", () => {
  it("merges by the method that it allows", async () => {
    const { repo, close } = await aSimulatedGitHub({ seed: { mergeMethods: ["rebase"] } });
    const { revision: base } = await repo.head();
    const edits = [{ path: "gitops/tenants/a/dev.yaml", text: "x" }];
    const { revision } = await aCommit(repo, { parent: base, edits, message: "m" });
    await repo.moveBranch({ branch: "a", from: null, to: revision });
    const opened = await repo.openPullRequest({ head: "a", base: "main", title: "t", body: "b" });
    if (opened.kind !== "opened") throw new Error(opened.kind);
    const merged = await repo.merge({
      number: opened.pull.number,
      head: revision,
      title: "t",
      message: "m",
    });
    expect(merged.kind).toBe("merged");
    await close();
  });

  it("says what it asks for", async () => {
    const protection = { requiredApprovals: 1 };
    const { github, repo, close } = await aSimulatedGitHub({ seed: { protection } });
    const { revision: base } = await repo.head();
    const edits = [{ path: "gitops/tenants/a/dev.yaml", text: "x" }];
    const { revision } = await aCommit(repo, { parent: base, edits, message: "m" });
    await repo.moveBranch({ branch: "a", from: null, to: revision });
    const opened = await repo.openPullRequest({ head: "a", base: "main", title: "t", body: "b" });
    if (opened.kind !== "opened") throw new Error(opened.kind);
    const { number } = opened.pull;
    const merged = await repo.merge({ number, head: revision, title: "t", message: "m" });
    expect(merged).toMatchObject({ kind: "blocked", reason: "review-required" });
    await github.act.review({
      repository: "acme/platform",
      number,
      user: "rita",
      state: "APPROVED",
    });
    expect((await repo.merge({ number, head: revision, title: "t", message: "m" })).kind).toBe(
      "merged",
    );
    await close();
  });
});
