import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Installation } from "#ports/code-host.ts";

import { aCommit } from "./a-commit.ts";
import { aSimulatedGitHub, type Simulated } from "./a-simulated-github.ts";

describe("the App and its installation", () => {
  let simulated: Simulated;
  let installation: Installation;

  beforeAll(async () => {
    simulated = await aSimulatedGitHub();
    installation = simulated.host.installation(simulated.github.installationId);
  });

  afterAll(async () => simulated.close());

  it("knows its own name, its installations and their repositories", async () => {
    const { host, github } = simulated;
    expect(await host.login()).toBe("sluice[bot]");
    expect(await host.installations()).toEqual([{ id: github.installationId, account: "acme" }]);
    expect(await installation.repositories()).toMatchObject([
      { name: "acme/platform", defaultBranch: "main", archived: false },
    ]);
  });

  it.for([
    ["olivia", "admin"],
    ["rita", "maintain"],
    ["nobody-at-all", "none"],
  ] as const)("%s may: %s", async ([login, permission]) => {
    expect(await installation.permission("acme/platform", login)).toBe(permission);
  });

  it("asks for a team's active members", async () => {
    expect(await installation.teamMember("acme", "sre", "rita")).toBe("yes");
    expect(await installation.teamMember("acme", "sre", "olivia")).toBe("no");
    expect(await installation.teamMember("acme", "no-such-team", "rita")).toBe("no");
  });

  it("fails closed: an error is never a permission", async () => {
    const { github } = simulated;
    const route = "/repos/{owner}/{repo}/collaborators/{username}/permission";
    github.faults([{ method: "GET", route, fault: "503", times: "always" }]);
    const asked = installation.permission("acme/platform", "olivia");
    await expect(asked).rejects.toMatchObject({ code: "github.unavailable" });
    github.faults([]);
  });

  it("reads one file of the default branch, or says that there is none", async () => {
    const repo = installation.repository("acme/platform");
    expect(await repo.readFile("README.md")).toBe("# platform\n");
    expect(await repo.readFile(".github/sluice.yaml")).toBeNull();
    expect(await repo.readFile("gitops")).toBeNull();
  });

  it("reads deliveries back, newest first, with the body that GitHub sent", async () => {
    const { github, host } = simulated;
    // Nobody listens there: what failed is what has to be read back.
    github.webhook("http://127.0.0.1:9/");
    const since = new Date(Date.now() - 60_000);
    for (const tag of ["one", "two"]) {
      await github.act.push({
        repository: "acme/platform",
        user: "rita",
        files: { [`${tag}.txt`]: tag },
      });
    }
    await github.idle();
    const deliveries = [];
    for await (const delivery of host.deliveries({ since, failed: false }))
      deliveries.push(delivery);
    const pushes = deliveries.filter(({ event }) => event === "push");
    expect(pushes.length).toBeGreaterThanOrEqual(2);
    const [newest] = pushes;
    if (newest === undefined) throw new Error("no push");
    expect(newest).toMatchObject({ acknowledged: false, installation: github.installationId });
    const { event, body } = await host.delivery(newest.id);
    expect(event).toBe("push");
    expect(JSON.parse(body)).toMatchObject({ ref: "refs/heads/main" });
    const none = [];
    for await (const delivery of host.deliveries({
      since: new Date(Date.now() + 1000),
      failed: false,
    }))
      none.push(delivery);
    expect(none).toEqual([]);
  });

  it("reads the source: full and short SHAs, tags, comparisons and runs", async () => {
    const { github } = simulated;
    const source = installation.source("acme/platform");
    const repo = installation.repository("acme/platform");
    const { revision } = await repo.head();
    const found = { kind: "found", commit: { revision } };
    expect(await source.resolve(revision)).toMatchObject(found);
    expect(await source.resolve(revision.slice(0, 7))).toMatchObject(found);
    expect(await source.resolve("0".repeat(40))).toEqual({ kind: "absent" });
    expect(await source.resolve("fffffff")).toEqual({ kind: "absent" });
    expect(await source.resolve("main")).toEqual({ kind: "absent" });

    const commit = await repo.commit(revision);
    const parent = commit.parents[0] ?? "";
    const comparison = await source.compare(parent, revision);
    expect(comparison).toEqual({ status: "ahead", files: ["two.txt"] });
    expect(await source.compare(revision, parent)).toMatchObject({ status: "behind" });
    expect(await source.compare(revision, "0".repeat(40))).toEqual({ status: "unknown" });
    expect(
      (await repo.commitsTouching("two.txt", revision, 5)).map((each) => each.revision),
    ).toEqual([revision]);

    await github.act["workflow-run"]({
      repository: "acme/platform",
      workflow: "ci.yml",
      headSha: revision,
      conclusion: "success",
    });
    expect(await source.successfulRuns("ci.yml", "main", 5)).toMatchObject([{ revision }]);
    expect(await source.successfulRuns("none.yml", "main", 5)).toEqual([]);

    const unseen = installation.source("acme/unseen");
    expect(await unseen.resolve(revision)).toEqual({ kind: "not-visible" });
    expect(await unseen.resolve("fffffff")).toEqual({ kind: "not-visible" });
    expect(await unseen.compare(revision, parent)).toEqual({ status: "not-visible" });
    expect(await unseen.authors(revision)).toBeNull();
  });

  it("acknowledges a command", async () => {
    const { github } = simulated;
    const repo = installation.repository("acme/platform");
    const { revision } = await repo.head();
    const edits = [{ path: "README.md", text: "# other\n" }];
    const commit = await aCommit(repo, { parent: revision, edits, message: "m" });
    await repo.moveBranch({ branch: "x", from: null, to: commit.revision });
    const opened = await repo.openPullRequest({ head: "x", base: "main", title: "t", body: "b" });
    if (opened.kind !== "opened") throw new Error(opened.kind);
    const { number } = opened.pull;
    await github.act.comment({
      repository: "acme/platform",
      number,
      user: "rita",
      body: "/promote",
    });
    const conversation = installation.conversation("acme/platform");
    const [comment] = await conversation.comments(number);
    expect(comment).toMatchObject({ author: "rita", authorIsBot: false, body: "/promote" });
    const eyes = await conversation.react(comment?.id ?? 0, "eyes");
    expect(eyes.isNew).toBe(true);
    expect(await conversation.react(comment?.id ?? 0, "eyes")).toEqual({ ...eyes, isNew: false });
    await conversation.takeBack(comment?.id ?? 0, eyes.id);
    await conversation.takeBack(comment?.id ?? 0, eyes.id);
    expect(await conversation.reactions(comment?.id ?? 0)).toEqual([]);
    expect(await conversation.react(comment?.id ?? 0, "eyes")).toMatchObject({ isNew: true });
    await github.act.comment({
      repository: "acme/platform",
      number,
      user: "rita",
      body: "<!-- m --> forged",
    });
    await conversation.stick(number, "<!-- m -->", "<!-- m --> ours");
    const bodies = (await conversation.comments(number)).map(({ body }) => body);
    expect(bodies).toEqual(["/promote", "<!-- m --> forged", "<!-- m --> ours"]);
  });

  it("lists pull requests by their last change, and says when the list was cut", async () => {
    const repo = installation.repository("acme/platform");
    const whole = await repo.pullRequests({ updatedSince: null, atMost: 5 });
    expect(whole).toMatchObject({ complete: true, pulls: [{ number: 1 }] });
    expect(
      await repo.pullRequests({ updatedSince: new Date(Date.now() + 1000), atMost: 5 }),
    ).toEqual({
      complete: true,
      pulls: [],
    });
    expect(await repo.pullRequests({ updatedSince: null, atMost: 0 })).toMatchObject({
      complete: false,
    });
  });
});
