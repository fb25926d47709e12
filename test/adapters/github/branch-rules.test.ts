import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { RulesSeed } from "../../simulators/github/seed.ts";
import { aSimulatedGitHub, type Simulated } from "./a-simulated-github.ts";

let simulated: Simulated;

beforeEach(async () => {
  simulated = await aSimulatedGitHub();
});

afterEach(async () => simulated.close());

const at = { repository: "acme/platform", user: "rita" };

async function mergeUnder(rules: RulesSeed) {
  const { act } = simulated.github;
  const { sha } = await act.push({ ...at, branch: "x", files: { "x.txt": "x\n" } });
  const { number } = await act["pull-request"]({ ...at, head: "x", title: "x" });
  await act.rules({ repository: at.repository, branch: "main", rules });
  return simulated.repo.merge({ number, head: sha, title: "a title", message: "" });
}

const said = "GitHub did not merge: Repository rule violations found";

describe("a ruleset in the way of a merge", () => {
  it.for([
    [
      { requiredApprovals: 2, signatures: true },
      "review-required",
      `${said} At least 2 approving reviews are required by reviewers with write access. The rules of main ask for 2 approving reviews and signed commits.`,
    ],
    [
      { codeOwners: ["olivia"], requiredChecks: ["ci", "lint"] },
      "review-required",
      `${said} 2 of 2 required status checks are expected. Waiting on code owner review from olivia. The rules of main ask for the checks \`ci\`, \`lint\` and a review by a code owner.`,
    ],
    [
      { requiredChecks: ["ci"] },
      "checks-pending",
      `${said} Required status check "ci" is expected. The rules of main ask for the check \`ci\`.`,
    ],
    [
      { locked: true },
      "branch-rules",
      `${said} Cannot update this protected ref. The rules of main ask for the right to go past its lock.`,
    ],
  ] as const)("is explained: %j", async ([rules, reason, sentence]) => {
    const result = await mergeUnder(rules as RulesSeed);
    expect(result).toEqual({ kind: "blocked", reason, sentence });
  });

  it.for([
    [{ linearHistory: true }, 1],
    [{ mergeMethods: ["squash"] }, 1],
    [{ mergeMethods: ["merge"] }, 2],
  ] as const)("that allows another method is obeyed: %j", async ([rules, parents]) => {
    const result = await mergeUnder(rules as unknown as RulesSeed);
    expect(result.kind).toBe("merged");
    const commit = await simulated.repo.commit(result.kind === "merged" ? result.revision : "");
    expect(commit.parents).toHaveLength(parents);
  });
});
