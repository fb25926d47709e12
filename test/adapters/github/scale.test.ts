import { describe, expect, it } from "vitest";

import type { GitHubSimulator } from "../../simulators/github/server.ts";
import { aCommit } from "./a-commit.ts";
import { aSimulatedGitHub } from "./a-simulated-github.ts";
import { memoryFacts } from "./support.ts";

const tenants = 1000;
const files = Object.fromEntries(
  Array.from({ length: tenants }, (_, index) => [
    `gitops/tenants/t${index}/dev.yaml`,
    `image:\n  tag: v1\nreplicas: ${index}\n`,
  ]),
);

describe("a thousand tenants", () => {
  it("are read in one archive when cold and not at all when warm, and move in one commit", async () => {
    const { github, repo, again, asked, close } = await aSimulatedGitHub({ seed: { files } });
    const { revision } = await repo.head();
    const entries = [...(await repo.files(revision)).values()];
    asked();
    expect((await repo.contents(revision, entries)).size).toBe(tenants);
    expect(asked()).toEqual(["GET /repos/{owner}/{repo}/tarball/{ref}"]);
    expect((await repo.contents(revision, entries)).size).toBe(tenants);
    expect(asked()).toEqual([]);

    const edits = entries.map(({ path }, index) => ({
      path,
      text: `image:\n  tag: v2\nreplicas: ${index}\n`,
    }));
    const commit = await aCommit(repo, { parent: revision, edits, message: "promote" });
    const writes = asked().filter((each) => each.startsWith("POST"));
    expect(writes).toHaveLength(Math.ceil(tenants / 150) + 1);

    const moved = [...(await repo.files(commit.revision)).values()];
    expect(moved).toHaveLength(tenants);
    const changed = moved.slice(0, 20);
    await repo.contents(commit.revision, changed);
    expect(asked().filter((each) => each.includes("/blobs/"))).toEqual([]);
    const other = again().installation(github.installationId).repository("acme/platform");
    expect((await other.contents(commit.revision, changed)).size).toBe(20);
    expect(asked().filter((each) => each.includes("/blobs/"))).toHaveLength(20);
    await close();
  });
});

async function aBranch(github: GitHubSimulator): Promise<string> {
  const files = { "x.txt": "x" };
  await github.act.push({ repository: "acme/platform", user: "rita", branch: "x", files });
  return "x";
}

describe("GitHub's limits", () => {
  /** The most that any minute holds, of what the simulator counted. */
  function mostInAMinute(entries: readonly { time: string; amount: number }[]): number {
    let highest = 0;
    for (const [index, { time }] of entries.entries()) {
      const until = Date.parse(time) + 60_000;
      const within = entries.slice(index).filter((each) => Date.parse(each.time) < until);
      highest = Math.max(
        highest,
        within.reduce((sum, each) => sum + each.amount, 0),
      );
    }
    return highest;
  }

  it("are not reached by two replicas that ask for far more than they allow", async () => {
    const facts = memoryFacts();
    const { github, host, again, close } = await aSimulatedGitHub({ facts });
    const replicas = [host, again()].map((each) => each.installation(github.installationId));
    const { number } = await github.act["pull-request"]({
      repository: "acme/platform",
      user: "rita",
      head: await aBranch(github),
      title: "t",
    });
    const work = Array.from({ length: 700 }, async (_, index) => {
      const replica = replicas[index % 2]!;
      if (index % 5 !== 0) return replica.repository("acme/platform").branch(`b${index}`);
      return replica.conversation("acme/platform").reply(number, `<${index}>`, `<${index}> no`);
    });
    const done = await Promise.allSettled(work);
    const refused = done.filter((each) => each.status === "rejected").map(({ reason }) => reason);
    expect(refused.length).toBeGreaterThan(0);
    for (const reason of refused)
      expect(reason).toMatchObject({ code: "github.limited", status: null });

    const log = github.requests().filter(({ caller }) => caller.startsWith("installation"));
    expect(log.filter(({ status }) => status === 403 || status === 429)).toEqual([]);
    const points = log.map(({ time, points: amount }) => ({ time, amount }));
    const content = log.map(({ time, contentCreating }) => ({
      time,
      amount: contentCreating ? 1 : 0,
    }));
    expect(mostInAMinute(points)).toBeLessThanOrEqual(900);
    expect(mostInAMinute(content)).toBeLessThanOrEqual(60);
    await close();
  });

  it("when reached all the same, are waited out to the end, and calls go on", async () => {
    let now = Date.now();
    const { github, repo, close } = await aSimulatedGitHub({ clock: { now: () => new Date(now) } });
    github.faults([
      { method: "GET", route: "/repos/{owner}/{repo}/git/ref/{ref}", fault: "429", retryAfter: 40 },
    ]);
    await expect(repo.branch("main")).rejects.toMatchObject({
      code: "github.limited",
      status: 429,
    });
    const before = github.requests().length;
    now += 37_000;
    await expect(repo.branch("main")).rejects.toMatchObject({
      code: "github.limited",
      status: null,
    });
    expect(github.requests()).toHaveLength(before);
    now += 3000;
    expect(await repo.branch("main")).not.toBeNull();
    await close();
  });
});
