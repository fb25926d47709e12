import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { aCommit } from "./a-commit.ts";
import { aSimulatedGitHub, files, type Simulated } from "./a-simulated-github.ts";

describe("one promotion, from reading to merging", () => {
  let simulated: Simulated;

  beforeAll(async () => {
    simulated = await aSimulatedGitHub();
  });

  afterAll(async () => simulated.close());

  it("goes its way in as few requests as it needs", async () => {
    const { repo, asked } = simulated;
    const head = await repo.head();
    expect(head.branch).toBe("main");
    const tree = await repo.files(head.revision);
    expect([...tree.keys()].sort()).toEqual(Object.keys(files).sort());
    const contents = await repo.contents(head.revision, [...tree.values()]);
    for (const [path, text] of Object.entries(files)) {
      const bytes = contents.get(tree.get(path)?.sha ?? "");
      expect(Buffer.from(bytes ?? []).toString()).toBe(text);
    }
    asked();

    const edits = [
      { path: "gitops/tenants/a/dev.yaml", text: "\uFEFFimage:\n  tag: v2\n" },
      { path: "gitops/tenants/b/dev.yaml", text: "image:\r\n  tag: v2 # é\r\n" },
    ];
    const commit = await aCommit(repo, {
      parent: head.revision,
      edits,
      message: "promote\n\nA: b",
    });
    expect(commit).toMatchObject({ parents: [head.revision], author: "sluice[bot]" });
    const branch = "sluice/dev/api/all";
    expect(await repo.moveBranch({ branch, from: null, to: commit.revision })).toEqual({
      kind: "moved",
    });
    const opened = await repo.openPullRequest({
      head: branch,
      base: "main",
      title: "t",
      body: "b",
    });
    if (opened.kind !== "opened") throw new Error(opened.kind);
    await repo.addLabels(opened.pull.number, ["sluice"]);
    expect(asked()).toEqual([
      "POST /repos/{owner}/{repo}/git/trees",
      "POST /repos/{owner}/{repo}/git/commits",
      "GET /app",
      "POST /repos/{owner}/{repo}/git/refs",
      "POST /repos/{owner}/{repo}/pulls",
      "POST /repos/{owner}/{repo}/issues/{issue_number}/labels",
    ]);
    expect(opened.pull).toMatchObject({
      author: "sluice[bot]",
      headRevision: commit.revision,
      sameRepository: true,
      state: "open",
    });

    const written = await repo.files(commit.revision);
    const bytes = await repo.contents(commit.revision, [...written.values()]);
    for (const { path, text } of edits) {
      expect(Buffer.from(bytes.get(written.get(path)?.sha ?? "") ?? []).toString()).toBe(text);
    }

    const { number } = opened.pull;
    const merged = await repo.merge({ number, head: commit.revision, title: "t", message: "A: b" });
    if (merged.kind !== "merged") throw new Error(JSON.stringify(merged));
    expect(await repo.pullRequest(number)).toMatchObject({
      state: "closed",
      mergeRevision: merged.revision,
    });
    expect((await repo.head()).revision).toBe(merged.revision);
    expect(await repo.contains(commit.revision, merged.revision)).toBe("yes");
    expect(await repo.contains(merged.revision, commit.revision)).toBe("no");
    expect(await repo.moveBranch({ branch, from: commit.revision, to: null })).toEqual({
      kind: "moved",
    });
    expect(await repo.branch(branch)).toBeNull();
    expect(await repo.closedBy(number)).toBe("sluice[bot]");
  });
});
