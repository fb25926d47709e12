import { describe, expect, it } from "vitest";

import { observePullRequests, rememberPullRequest } from "#flow/observe-pull-requests.ts";
import { remember } from "#flow/remember.ts";
import type { PullRequest } from "#ports/github-things.ts";
import type { GitopsRepo } from "#ports/gitops-repo.ts";

import { memoryFacts } from "../adapters/github/support.ts";

const start = Date.parse("2026-03-02T12:00:00Z");

function at(seconds: number): Date {
  return new Date(start + seconds * 1000);
}

function aPull(number: number, updated: number, change: Partial<PullRequest> = {}): PullRequest {
  return {
    number,
    state: "open",
    title: "",
    body: "",
    author: "sluice[bot]",
    headBranch: `sluice/prod/demo-api/r${number}`,
    headRevision: "a".repeat(40),
    sameRepository: true,
    baseBranch: "main",
    baseRevision: "b".repeat(40),
    draft: false,
    mergedAt: null,
    mergeRevision: null,
    createdAt: at(0),
    updatedAt: at(updated),
    closedAt: null,
    url: "",
    labels: [],
    ...change,
  };
}

function closed(number: number, updated: number): PullRequest {
  return aPull(number, updated, { state: "closed", closedAt: at(updated), mergedAt: at(updated) });
}

/** A repository whose list shows what a test lets it show. */
function aList() {
  const memory = remember(memoryFacts(), "acme/platform");
  let listed: readonly PullRequest[] = [];
  const asked: (Date | null)[] = [];
  const part: Pick<GitopsRepo, "pullRequests" | "pullRequestsOf"> = {
    pullRequests: async ({ updatedSince }) => {
      asked.push(updatedSince);
      const pulls = listed.filter((one) => updatedSince === null || one.updatedAt >= updatedSince);
      return { pulls, complete: true };
    },
    pullRequestsOf: async () => [],
  };
  return {
    memory,
    asked,
    look: async (seconds: number, pulls: readonly PullRequest[]) => {
      listed = pulls;
      const context = { repository: part as GitopsRepo, memory, now: at(seconds) };
      const found = await observePullRequests(context, []);
      return found.map(({ number, state }) => `#${number} ${state}`);
    },
  };
}

describe("pull requests in a list that lags", () => {
  it("sees a close that is listed after what happened later", async () => {
    const { look } = aList();
    expect(await look(1, [aPull(5, 1), aPull(4, 1)])).toEqual(["#5 open", "#4 open"]);
    expect(await look(10, [aPull(5, 9), aPull(4, 1)])).toEqual(["#5 open", "#4 open"]);
    expect(await look(20, [aPull(5, 9), closed(4, 8)])).toEqual(["#5 open", "#4 closed"]);
  });

  it("reads the whole list now and then, and else only what is young", async () => {
    const { look, asked } = aList();
    await look(1, [aPull(5, 1), aPull(4, 1)]);
    await look(900, [aPull(5, 890), aPull(4, 1)]);
    expect(await look(901, [aPull(5, 890), closed(4, 8)])).toEqual(["#5 open", "#4 open"]);
    expect(asked).toEqual([null, at(1 - 120), at(890 - 120)]);
    expect(await look(902, [aPull(5, 890), closed(4, 8)])).toEqual(["#5 open", "#4 closed"]);
    expect(asked.at(-1)).toBeNull();
  });

  it("believes no list that shows as open what has just been closed", async () => {
    const { look, memory } = aList();
    await look(1, [aPull(4, 1)]);
    await rememberPullRequest(memory, closed(4, 1));
    expect(await look(2, [aPull(4, 1)])).toEqual(["#4 closed"]);
    expect(await look(3, [aPull(4, 3)])).toEqual(["#4 open"]);
  });
});
