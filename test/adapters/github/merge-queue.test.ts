import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { aSimulatedGitHub, type Simulated } from "./a-simulated-github.ts";

let simulated: Simulated;

beforeEach(async () => {
  simulated = await aSimulatedGitHub({
    seed: { rules: { mergeQueue: {}, requiredChecks: ["ci"] }, collaborators: { rita: "write" } },
    others: [{ name: "plain", files: { "a.txt": "a\n" } }],
  });
});

afterEach(async () => simulated.close());

const at = { repository: "acme/platform", user: "rita" };
let count = 0;

/** A pull request whose own checks have passed. */
async function aPull(checked = true): Promise<{ number: number; head: string }> {
  const { act } = simulated.github;
  count += 1;
  const branch = `x${count}`;
  const { sha } = await act.push({ ...at, branch, files: { [`${branch}.txt`]: "x\n" } });
  const { number } = await act["pull-request"]({ ...at, head: branch, title: branch });
  if (checked)
    await act["check-run"]({ repository: at.repository, sha, name: "ci", conclusion: "success" });
  return { number, head: sha };
}

describe("the merge queue", () => {
  it("is looked at: who is in it, by whom, and on which commit its checks run", async () => {
    const { mergeQueues } = simulated.repo;
    expect(await mergeQueues.look("main")).toEqual({ kind: "queue", entries: [] });
    const [one, two] = [await aPull(), await aPull()];
    expect(await mergeQueues.enqueue(one)).toEqual({ kind: "queued" });
    await simulated.github.act.enqueue({ ...at, number: two.number });
    const look = await mergeQueues.look("main");
    const entries = look.kind === "queue" ? look.entries : [];
    expect(entries.map(({ number, head, by }) => ({ number, head, by }))).toEqual([
      { ...one, by: "sluice[bot]" },
      { ...two, by: "rita" },
    ]);
    expect(entries.map(({ group }) => group?.length)).toEqual([40, 40]);
  });

  it("is none where the branch has none", async () => {
    const plain = simulated.host
      .installation(simulated.github.installationId)
      .repository("acme/plain");
    expect(await plain.mergeQueues.look("main")).toEqual({ kind: "none" });
  });

  it("takes a pull request once, however often it is asked", async () => {
    const pull = await aPull();
    const { mergeQueues } = simulated.repo;
    await mergeQueues.enqueue(pull);
    expect(await mergeQueues.enqueue(pull)).toEqual({ kind: "queued" });
    const look = await mergeQueues.look("main");
    expect(look.kind === "queue" && look.entries.length).toBe(1);
  });

  it.for(["apply-then-reset", "apply-then-502"] as const)(
    "is read again, never asked again, when the answer is lost: %s",
    async (fault) => {
      const pull = await aPull();
      simulated.github.faults([{ method: "POST", route: "/graphql", body: "mutation", fault }]);
      expect(await simulated.repo.mergeQueues.enqueue(pull)).toEqual({ kind: "queued" });
      const mutations = simulated.github
        .requests()
        .filter(({ operation }) => operation?.includes("enqueuePullRequest"));
      expect(mutations).toHaveLength(1);
      simulated.github.faults([{ method: "POST", route: "/graphql", body: "mutation", fault }]);
      expect(await simulated.repo.mergeQueues.dequeue(pull.number)).toEqual({ kind: "out" });
    },
  );

  it("is jumped where GitHub lets the App", async () => {
    const { mergeQueues } = simulated.repo;
    const rules = { mergeQueue: { letsJump: true }, requiredChecks: ["ci"] };
    await simulated.github.act.rules({ repository: at.repository, branch: "main", rules });
    const [first, second] = [await aPull(), await aPull()];
    await mergeQueues.enqueue(first);
    expect(await mergeQueues.enqueue({ ...second, jump: true })).toEqual({ kind: "queued" });
    const look = await mergeQueues.look("main");
    const entries = look.kind === "queue" ? look.entries : [];
    expect(entries.map(({ number }) => number)).toEqual([second.number, first.number]);
  });

  it("is joined at its end where GitHub lets nobody jump", async () => {
    const { mergeQueues } = simulated.repo;
    const pulls = [await aPull(), await aPull(), await aPull()] as const;
    const [first, second, third] = pulls;
    await mergeQueues.enqueue(first);
    expect(await mergeQueues.enqueue({ ...second, jump: true })).toEqual({ kind: "queued" });
    const jumps = simulated.github
      .requests()
      .filter(({ operation }) => operation?.includes("jump: $jump"));
    // The simulated GitHub lets nobody jump: one try with it, one without.
    expect(jumps).toHaveLength(3);
    await mergeQueues.enqueue(third);
    const look = await mergeQueues.look("main");
    const entries = look.kind === "queue" ? look.entries : [];
    expect(entries.map(({ number }) => number)).toEqual(pulls.map(({ number }) => number));
  });

  it("refuses another head, and what the branch's rules do not let in", async () => {
    const { mergeQueues } = simulated.repo;
    const { number } = await aPull();
    expect(await mergeQueues.enqueue({ number, head: "1".repeat(40) })).toEqual({
      kind: "head-moved",
    });
    expect(await mergeQueues.enqueue(await aPull(false))).toEqual({
      kind: "blocked",
      reason: "checks-pending",
      sentence:
        'GitHub did not take it into the merge queue: Required status check "ci" is expected.',
    });
  });

  it("is left, and remembers who took whom out and why", async () => {
    const { mergeQueues } = simulated.repo;
    const { act } = simulated.github;
    const pull = await aPull();
    await mergeQueues.enqueue(pull);
    expect(await mergeQueues.dequeue(pull.number)).toEqual({ kind: "out" });
    expect(await mergeQueues.dequeue(pull.number)).toEqual({ kind: "out" });
    await mergeQueues.enqueue(pull);
    const look = await mergeQueues.look("main");
    const group = look.kind === "queue" ? (look.entries[0]?.group ?? "") : "";
    const check = { repository: at.repository, sha: group, name: "ci" };
    await act["check-run"]({ ...check, conclusion: "failure" });
    await act["check-run"]({ ...check, sha: pull.head, conclusion: "success" });
    await mergeQueues.enqueue(pull);
    await act.dequeue({ ...at, number: pull.number });
    const place = await mergeQueues.place(pull.number);
    expect([place.queued, place.head]).toEqual([false, pull.head]);
    expect(place.removals.map(({ by, reason }) => [by, reason])).toEqual([
      ["sluice[bot]", "MANUAL"],
      ["github-merge-queue[bot]", "CI_FAILURE"],
      ["rita", "MANUAL"],
    ]);
  });

  it("stands in the way of a merge past it", async () => {
    const pull = await aPull();
    const result = await simulated.repo.merge({ ...pull, title: "t", message: "" });
    expect(result).toMatchObject({ kind: "blocked", reason: "merge-queue" });
  });

  it("cannot be read without the permission, and says so", async () => {
    const { installationId, world } = simulated.github;
    const { permissions } = world.tables.installations.need(installationId);
    const { merge_queues: _left, ...others } = permissions;
    world.tables.installations.update(installationId, { permissions: others });
    const host = simulated.again();
    const look = await host
      .installation(installationId)
      .repository("acme/platform")
      .mergeQueues.look("main");
    expect(look.kind).toBe("unreadable");
    expect("sentence" in look && look.sentence).toMatch(
      /Accept the App's permission for merge queues/,
    );
  });
});
