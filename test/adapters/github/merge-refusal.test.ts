import { describe, expect, it } from "vitest";

import { mergeRefusal } from "#adapters/github/repository/merge-refusal.ts";

describe("what GitHub's refusals of a merge mean", () => {
  it.for([
    [405, "Base branch was modified. Review and try the merge again.", "not-yet", "base-moved"],
    [405, "Pull Request is not mergeable", "look", undefined],
    [405, "Pull request is still a draft", "blocked", "draft"],
    [405, "Merge commits are not allowed on this repository.", "method-refused", undefined],
    [405, "Squash merges are not allowed on this repository.", "method-refused", undefined],
    [405, "Rebase merges are not allowed on this repository.", "method-refused", undefined],
    [405, "This branch must not contain merge commits.", "method-refused", undefined],
    [
      405,
      "At least 1 approving review is required by reviewers with write access.",
      "blocked",
      "review-required",
    ],
    [405, "Waiting on code owner review from acme/sre.", "blocked", "review-required"],
    [405, 'Required status check "test" is expected.', "blocked", "checks-pending"],
    [405, 'Required status check "test" is failing.', "blocked", "checks-failed"],
    [405, 'Required status check "test" is in progress.', "blocked", "checks-pending"],
    [405, "2 of 2 required status checks are expected.", "blocked", "checks-pending"],
    [
      405,
      "2 of 2 required status checks have not succeeded: 1 failing.",
      "blocked",
      "checks-failed",
    ],
    [405, "Changes must be made through the merge queue", "blocked", "merge-queue"],
    [405, "Repository rule violations found", "blocked", "branch-rules"],
    [405, "Commits must have verified signatures.", "blocked", "branch-rules"],
    [
      405,
      "A conversation must be resolved before this pull request can be merged.",
      "blocked",
      "conversations-open",
    ],
    [405, "You're not authorized to push to this branch.", "blocked", "branch-rules"],
    [409, "Head branch was modified. Review and try the merge again.", "head-moved", undefined],
    [409, "Merge conflict", "blocked", "conflict"],
    [409, "Merge already in progress", "not-yet", "merge-in-progress"],
    [422, "Head branch is out of date", "head-moved", undefined],
    [405, "Something new", "blocked", "merge-refused"],
  ] as const)("%s %s", ([status, detail, kind, reason]) => {
    const refusal = mergeRefusal(status, detail);
    expect(refusal.kind).toBe(kind);
    expect("reason" in refusal ? refusal.reason : undefined).toBe(reason);
  });
});
