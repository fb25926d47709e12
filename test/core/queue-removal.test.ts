import { describe, expect, it } from "vitest";

import { pauseAfterRemovals, type QueueRemoval } from "#core/queue-removal.ts";

const now = new Date("2026-03-02T12:00:00Z");
const own = "sluice[bot]";
const queue = "github-merge-queue[bot]";

function minutesAgo(minutes: number): Date {
  return new Date(now.getTime() - minutes * 60_000);
}

function left(minutes: number, by: string | null, reason = "CI_FAILURE"): QueueRemoval {
  return { at: minutesAgo(minutes), by, reason };
}

describe("what left the merge queue", () => {
  it.for([
    ["never", [], 60, null],
    ["by Sluice itself", [left(1, own, "MANUAL")], 60, null],
    ["before its head was made", [left(61, queue)], 60, null],
    ["for a failure five minutes ago", [left(5, queue)], 60, null],
    ["twice, ten minutes ago", [left(20, queue), left(10, queue)], 60, null],
  ] as const)("may be put in again: %s", ([, removals, since, expected]) => {
    expect(pauseAfterRemovals(removals, { own, now, since: minutesAgo(since) })).toBe(expected);
  });

  it.for([
    [[left(4, queue)], 1],
    [[left(4, null)], 1],
    [[left(30, queue), left(4, queue)], 6],
    [[left(30, queue), left(20, own, "MANUAL"), left(4, queue)], 6],
    [Array.from({ length: 12 }, () => left(4, queue)), 116],
  ] as const)("waits longer and longer: %j", ([removals, minutes]) => {
    const pause = pauseAfterRemovals(removals, { own, now, since: minutesAgo(60) });
    expect(pause?.until).toEqual(minutesAgo(-minutes));
  });

  it("stays out where a person took it out, however long ago", () => {
    const removals = [left(600, queue), left(500, "dana", "MANUAL")];
    expect(pauseAfterRemovals(removals, { own, now, since: minutesAgo(1000) })).toEqual({
      sentence: "dana took it out of the merge queue. Put it in again there, or write /promote.",
      until: null,
    });
  });

  it.for([
    ["CI_FAILURE", "a required check failed on the merge group"],
    ["CI_TIMEOUT", "a required check did not end in time on the merge group"],
    ["MERGE_CONFLICT", "it conflicts with what is before it in the queue"],
    ["BRANCH_PROTECTIONS", "what the branch's rules ask for is not there any more"],
    ["GIT_TREE_INVALID", "git tree invalid"],
  ])("says why: %s", ([reason, words]) => {
    const pause = pauseAfterRemovals([left(1, queue, reason)], {
      own,
      now,
      since: minutesAgo(60),
    });
    expect(pause?.sentence).toBe(
      `GitHub took it out of the merge queue: ${words}. ` +
        "Sluice puts it in again at 2026-03-02 12:04 UTC; /promote does so at once.",
    );
  });
});
