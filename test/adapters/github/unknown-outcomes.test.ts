import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { CheckReport } from "#ports/code-host.ts";

import { aCommit } from "./a-commit.ts";
import { aSimulatedGitHub, type Simulated } from "./a-simulated-github.ts";

const faults = ["apply-then-502", "apply-then-reset"] as const;
const pullsRoute = "/repos/{owner}/{repo}/pulls";

/** Every write that GitHub applied without our hearing of it must end as one object, found and adopted. */
describe("after a write whose answer was lost", () => {
  let simulated: Simulated;
  let count = 0;
  let base = "";

  beforeAll(async () => {
    simulated = await aSimulatedGitHub();
    base = (await simulated.repo.head()).revision;
  });

  beforeEach(() => {
    count += 1;
  });

  afterAll(async () => simulated.close());

  async function aBranch(): Promise<{ branch: string; revision: string }> {
    const branch = `sluice/dev/api/r${count}`;
    const edits = [{ path: "gitops/tenants/a/dev.yaml", text: `image:\n  tag: w${count}\n` }];
    const { repo } = simulated;
    const commit = await aCommit(repo, { parent: base, edits, message: `promote ${count}` });
    await repo.moveBranch({ branch, from: null, to: commit.revision });
    return { branch, revision: commit.revision };
  }

  async function aPullRequest(): Promise<{ number: number; branch: string; revision: string }> {
    const { branch, revision } = await aBranch();
    const opened = await simulated.repo.openPullRequest({
      head: branch,
      base: "main",
      title: "t",
      body: "b",
    });
    if (opened.kind !== "opened" && opened.kind !== "found") throw new Error(opened.kind);
    return { number: opened.pull.number, branch, revision };
  }

  it.for(faults)("%s: a branch is created once", async (fault) => {
    const { github, repo } = simulated;
    github.faults([{ method: "POST", route: "/repos/{owner}/{repo}/git/refs", fault }]);
    const { branch, revision } = await aBranch();
    expect(await repo.branch(branch)).toBe(revision);
  });

  it.for(faults)("%s: a branch is moved once", async (fault) => {
    const { github, repo } = simulated;
    const { branch, revision } = await aBranch();
    github.faults([{ method: "POST", route: "/graphql", fault }]);
    expect(await repo.moveBranch({ branch, from: revision, to: base })).toEqual({ kind: "moved" });
    expect(await repo.branch(branch)).toBe(base);
  });

  it.for(faults)("%s: a branch is deleted once", async (fault) => {
    const { github, repo } = simulated;
    const { branch, revision } = await aBranch();
    github.faults([{ method: "POST", route: "/graphql", fault }]);
    expect(await repo.moveBranch({ branch, from: revision, to: null })).toEqual({ kind: "moved" });
    expect(await repo.branch(branch)).toBeNull();
  });

  it.for(faults)("%s: one pull request is open", async (fault) => {
    const { github, repo } = simulated;
    const { branch } = await aBranch();
    github.faults([{ method: "POST", route: pullsRoute, fault }]);
    const wanted = { head: branch, base: "main", title: "t", body: "b" };
    expect((await repo.openPullRequest(wanted)).kind).toBe("found");
    expect((await repo.openPullRequest(wanted)).kind).toBe("found");
    expect(await repo.pullRequestsOf(branch)).toHaveLength(1);
  });

  it.for(faults)("%s: an edit is seen to be there", async (fault) => {
    const { github, repo } = simulated;
    const { number } = await aPullRequest();
    github.faults([{ method: "PATCH", route: `${pullsRoute}/{pull_number}`, fault }]);
    expect((await repo.editPullRequest(number, { title: "other" })).title).toBe("other");
  });

  it.for(faults)("%s: a merge is seen to have happened", async (fault) => {
    const { github, repo } = simulated;
    base = (await repo.head()).revision;
    const { number, revision } = await aPullRequest();
    github.faults([{ method: "PUT", route: `${pullsRoute}/{pull_number}/merge`, fault }]);
    const merged = await repo.merge({ number, head: revision, title: "t", message: "m" });
    expect(merged).toEqual({ kind: "merged", revision: (await repo.head()).revision });
    base = (await repo.head()).revision;
  });

  it.for(faults)("%s: one check run stands, created and updated", async (fault) => {
    const { github, host } = simulated;
    const report: CheckReport = {
      revision: base,
      name: `sluice/dev-${fault}`,
      externalId: `p${count}:1`,
      status: "in_progress",
      conclusion: null,
      title: "waiting",
      summary: "soak",
      text: "",
    };
    const checks = host.installation(github.installationId).checkRuns("acme/platform");
    github.faults([{ method: "POST", route: "/repos/{owner}/{repo}/check-runs", fault }]);
    const created = await checks.report(report);
    github.faults([
      { method: "PATCH", route: "/repos/{owner}/{repo}/check-runs/{check_run_id}", fault },
    ]);
    const done = { ...report, status: "completed", conclusion: "success" } as const;
    expect((await checks.report(done)).id).toBe(created.id);
    expect(await checks.list(base, report.name)).toMatchObject([
      {
        id: created.id,
        status: "completed",
        conclusion: "success",
        ours: true,
        externalId: report.externalId,
      },
    ]);
  });

  it.for(faults)("%s: one comment stands", async (fault) => {
    const { github, host } = simulated;
    const { number } = await aPullRequest();
    const conversation = host.installation(github.installationId).conversation("acme/platform");
    const marker = "<!-- sluice:status -->";
    const route = "/repos/{owner}/{repo}/issues/{issue_number}/comments";
    github.faults([{ method: "POST", route, fault }]);
    await conversation.stick(number, marker, `${marker} one`);
    await conversation.stick(number, marker, `${marker} two`);
    github.faults([{ method: "POST", route, fault }]);
    await conversation.reply(number, "<!-- reply:1 -->", "<!-- reply:1 --> no");
    await conversation.reply(number, "<!-- reply:1 -->", "<!-- reply:1 --> no");
    const comments = await conversation.comments(number);
    expect(comments.map(({ body }) => body)).toEqual([`${marker} two`, "<!-- reply:1 --> no"]);
  });
});
