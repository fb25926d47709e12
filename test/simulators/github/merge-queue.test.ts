import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { startGitHubSimulator } from "./server.ts";
import type { GitHubSimulator } from "./server.ts";
import { asInstallation, closeClean } from "./test-client.ts";
import type { Client } from "./test-client.ts";

const REPO = "/repos/acme/gitops";
const at = { repository: "acme/gitops", user: "mona" };

let github: GitHubSimulator;
let client: Client;
let seen = 0;

beforeAll(async () => {
  github = await startGitHubSimulator({
    seed: {
      owner: "acme",
      repositories: [
        {
          name: "gitops",
          files: { "a.txt": "a\n" },
          rules: { mergeQueue: {}, requiredChecks: ["ci"] },
          collaborators: { mona: "write" },
        },
        { name: "plain", files: { "a.txt": "a\n" }, collaborators: { mona: "write" } },
      ],
    },
  });
  client = await asInstallation(github);
});

afterAll(() => closeClean(github));

beforeEach(() => {
  seen = github.deliveries().at(-1)?.id ?? 0;
});

let count = 0;

/** A pull request whose own checks have passed. */
async function aPull(files?: Record<string, string>, repository = "acme/gitops") {
  count += 1;
  const branch = `x${count}`;
  const place = { repository, user: "mona" };
  const pushed = { ...place, branch, files: files ?? { [`${branch}.txt`]: "x\n" } };
  const { sha } = await github.act.push(pushed);
  const { number } = await github.act["pull-request"]({ ...place, head: branch, title: branch });
  await check(sha, "success", repository);
  return { number, sha };
}

async function check(sha: string, conclusion: "success" | "failure", repository = "acme/gitops") {
  await github.act["check-run"]({ repository, sha, name: "ci", conclusion });
}

async function ask(query: string, variables: object) {
  return (await client.post("/graphql", { query, variables })).body;
}

const place = `query ($number: Int!) { repository(owner: "acme", name: "gitops") {
  pullRequest(number: $number) {
    id isInMergeQueue mergeQueueEntry { position state headCommit { oid } enqueuer { login } }
    timelineItems(last: 10, itemTypes: [REMOVED_FROM_MERGE_QUEUE_EVENT]) {
      nodes { ... on RemovedFromMergeQueueEvent { reason actor { login } } } } } } }`;

async function placeOf(number: number) {
  return (await ask(place, { number })).data.repository.pullRequest;
}

async function enqueue(number: number, head: string) {
  const { id } = await placeOf(number);
  return ask(
    `mutation ($id: ID!, $head: GitObjectID!) { enqueuePullRequest(input: {
      pullRequestId: $id, expectedHeadOid: $head }) { mergeQueueEntry { position state } } }`,
    { id, head },
  );
}

async function dequeue(number: number) {
  const { id } = await placeOf(number);
  return ask(
    `mutation ($id: ID!) { dequeuePullRequest(input: { id: $id }) { clientMutationId } }`,
    { id },
  );
}

function told(): string[] {
  return github
    .deliveries()
    .filter((one) => one.id > seen && ["merge_group", "pull_request"].includes(one.event))
    .map(({ event, action, payload }) => {
      const reason = payload["reason"];
      return `${event} ${action}${typeof reason === "string" ? ` ${reason}` : ""}`;
    });
}

async function groupOf(number: number): Promise<string> {
  return (await placeOf(number)).mergeQueueEntry.headCommit.oid;
}

async function mainNow(): Promise<string> {
  return (await client.get(`${REPO}/git/ref/heads/main`)).body.object.sha;
}

describe("the merge queue", () => {
  it("builds on a branch of its own, asks for checks, and merges once they have passed", async () => {
    const { number, sha } = await aPull();
    const before = await mainNow();
    expect((await enqueue(number, sha)).data.enqueuePullRequest.mergeQueueEntry).toEqual({
      position: 1,
      state: "AWAITING_CHECKS",
    });
    const { isInMergeQueue, mergeQueueEntry } = await placeOf(number);
    expect([isInMergeQueue, mergeQueueEntry.enqueuer]).toEqual([true, { login: "sluice" }]);
    const group = mergeQueueEntry.headCommit.oid;
    const branch = `gh-readonly-queue/main/pr-${number}-${before}`;
    expect((await client.get(`${REPO}/git/ref/heads/${branch}`)).body.object.sha).toBe(group);
    const asked = github.deliveries().findLast(({ event }) => event === "merge_group");
    expect(asked?.payload["merge_group"]).toMatchObject({
      head_sha: group,
      head_ref: `refs/heads/${branch}`,
      base_sha: before,
      base_ref: "refs/heads/main",
    });
    expect(await mainNow()).toBe(before);

    await check(group, "success");
    expect(await mainNow()).toBe(group);
    const pull = (await client.get(`${REPO}/pulls/${number}`)).body;
    expect([pull.merged, pull.merge_commit_sha, pull.merged_by.login]).toEqual([
      true,
      group,
      "github-merge-queue[bot]",
    ]);
    expect((await client.get(`${REPO}/git/ref/heads/${branch}`)).status).toBe(404);
    expect(told()).toEqual([
      "pull_request opened",
      "pull_request enqueued",
      "merge_group checks_requested",
      "pull_request dequeued MERGE",
      "pull_request closed",
      "merge_group destroyed merged",
    ]);
  });

  it("lets one jump where its rules say so: what was there is built anew behind it", async () => {
    const jump = async ({ number, sha }: { number: number; sha: string }) => {
      const { id } = await placeOf(number);
      return ask(
        `mutation ($id: ID!, $head: GitObjectID!) { enqueuePullRequest(input: {
          pullRequestId: $id, expectedHeadOid: $head, jump: true }) {
          mergeQueueEntry { position jump } } }`,
        { id, head: sha },
      );
    };
    const [one, two, late] = [await aPull(), await aPull(), await aPull()];
    await enqueue(one.number, one.sha);
    await enqueue(two.number, two.sha);
    const stale = await groupOf(one.number);
    expect((await jump(late)).errors).toMatchObject([{ type: "FORBIDDEN" }]);
    const rules = (letsJump: boolean) =>
      github.act.rules({
        repository: "acme/gitops",
        branch: "main",
        rules: { mergeQueue: { letsJump }, requiredChecks: ["ci"] },
      });
    await rules(true);
    const entry = (await jump(late)).data.enqueuePullRequest.mergeQueueEntry;
    expect(entry).toEqual({ position: 1, jump: true });
    const parentOf = async (sha: string) =>
      (await client.get(`${REPO}/git/commits/${sha}`)).body.parents[0].sha;
    expect(await parentOf(await groupOf(late.number))).toBe(await mainNow());
    expect(await groupOf(one.number)).not.toBe(stale);
    expect(await parentOf(await groupOf(one.number))).toBe(await groupOf(late.number));
    expect(await parentOf(await groupOf(two.number))).toBe(await groupOf(one.number));
    for (const { number } of [late, one, two]) await check(await groupOf(number), "success");
    await rules(false);
  });

  it("builds one group on the other, and without one whose checks fail", async () => {
    const [one, two] = [await aPull(), await aPull()];
    await enqueue(one.number, one.sha);
    await enqueue(two.number, two.sha);
    const stale = await groupOf(two.number);
    const parents = (await client.get(`${REPO}/git/commits/${stale}`)).body.parents;
    expect(parents[0].sha).toBe(await groupOf(one.number));
    await check(stale, "success");
    expect((await placeOf(two.number)).isInMergeQueue).toBe(true);

    await check(await groupOf(one.number), "failure");
    const left = await placeOf(one.number);
    expect(left.isInMergeQueue).toBe(false);
    expect(left.timelineItems.nodes).toEqual([
      { reason: "CI_FAILURE", actor: { login: "github-merge-queue" } },
    ]);
    const fresh = await groupOf(two.number);
    expect(fresh).not.toBe(stale);
    expect(told()).toContain("merge_group destroyed invalidated");
    await check(fresh, "success");
    expect((await client.get(`${REPO}/pulls/${two.number}`)).body.merged).toBe(true);
    expect((await client.get(`${REPO}/pulls/${one.number}`)).body.state).toBe("open");
  });

  it.for([
    [
      "another head",
      async (pull: { number: number }) => enqueue(pull.number, "1".repeat(40)),
      /Head branch was modified/,
    ],
    [
      "a second time",
      async (pull: { number: number; sha: string }) => {
        await enqueue(pull.number, pull.sha);
        return enqueue(pull.number, pull.sha);
      },
      /already in the queue/,
    ],
    [
      "what is not in it",
      async (pull: { number: number }) => dequeue(pull.number),
      /Failed to remove/,
    ],
  ] as const)("refuses %s", async ([, act, message]) => {
    const reply = await act(await aPull());
    expect(reply.errors[0]).toMatchObject({ type: "UNPROCESSABLE" });
    expect(reply.errors[0].message).toMatch(message);
  });

  it("refuses what the branch's rules do not let in", async () => {
    const branch = "unchecked";
    const { sha } = await github.act.push({ ...at, branch, files: { "u.txt": "u\n" } });
    const { number } = await github.act["pull-request"]({ ...at, head: branch, title: "u" });
    const reply = await enqueue(number, sha);
    expect(reply.errors[0].message).toBe('Pull request Required status check "ci" is expected.');
  });

  it("refuses a merge past the queue, and a direct push", async () => {
    const { number, sha } = await aPull();
    const merge = await client.put(`${REPO}/pulls/${number}/merge`, { sha });
    expect([merge.status, merge.body.message]).toEqual([
      405,
      "Changes must be made through the merge queue",
    ]);
    const push = await client.patch(`${REPO}/git/refs/heads/main`, { sha });
    expect(push.status).toBe(422);
  });

  it("lets out whose head moves, whom somebody takes out, and what is closed", async () => {
    const [moved, taken, closed] = [await aPull(), await aPull(), await aPull()];
    for (const { number, sha } of [moved, taken, closed]) await enqueue(number, sha);
    const { head } = (await client.get(`${REPO}/pulls/${moved.number}`)).body;
    await github.act.push({ ...at, branch: head.ref, files: { "y.txt": "y\n" } });
    await dequeue(taken.number);
    await github.act.close({ ...at, number: closed.number });
    for (const { number } of [moved, taken, closed])
      expect((await placeOf(number)).isInMergeQueue).toBe(false);
    const [removal] = (await placeOf(taken.number)).timelineItems.nodes;
    expect(removal).toEqual({ reason: "MANUAL", actor: { login: "sluice" } });
  });

  it("lets out what conflicts with what is before it", async () => {
    const [one, two] = [await aPull({ "a.txt": "one\n" }), await aPull({ "a.txt": "two\n" })];
    await enqueue(one.number, one.sha);
    await enqueue(two.number, two.sha);
    expect((await placeOf(two.number)).timelineItems.nodes[0]?.reason).toBe("MERGE_CONFLICT");
    await github.act.dequeue({ ...at, number: one.number });
  });

  it("is read as null where a branch has none, and takes a permission", async () => {
    const queue = (name: string) => `query { repository(owner: "acme", name: "${name}") {
      mergeQueue(branch: "main") { configuration { mergeMethod }
        entries(first: 10) { nodes { position pullRequest { number } } } } } }`;
    expect((await ask(queue("plain"), {})).data.repository.mergeQueue).toBeNull();
    const found = (await ask(queue("gitops"), {})).data.repository.mergeQueue;
    expect(found.configuration.mergeMethod).toBe("MERGE");
    const narrow = await asInstallation(github, { permissions: { contents: "read" } });
    const reply = (await narrow.post("/graphql", { query: queue("gitops") })).body;
    expect(reply.errors[0]).toMatchObject({ type: "FORBIDDEN" });
  });
});
