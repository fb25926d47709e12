import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startGitHubSimulator } from "./server.ts";
import type { GitHubSimulator } from "./server.ts";
import { asInstallation, closeClean } from "./test-client.ts";
import type { Client } from "./test-client.ts";

let github: GitHubSimulator;
let client: Client;
let count = 0;

beforeAll(async () => {
  github = await startGitHubSimulator({
    seed: {
      owner: "acme",
      repositories: [
        { name: "plain", files: { "a.txt": "a\n" }, collaborators: { mona: "write" } },
      ],
    },
  });
  client = await asInstallation(github);
});

afterAll(() => closeClean(github));

async function aPull() {
  count += 1;
  const place = { repository: "acme/plain", user: "mona" };
  const branch = `x${count}`;
  await github.act.push({ ...place, branch, files: { [`${branch}.txt`]: "x\n" } });
  return github.act["pull-request"]({ ...place, head: branch, title: branch });
}

describe("the rules of a branch", () => {
  it("are none where there is no ruleset", async () => {
    expect((await client.get("/repos/acme/plain/rules/branches/main")).body).toEqual([]);
  });

  it("are listed with their ruleset, whatever they ask for", async () => {
    const rules = {
      requiredApprovals: 2,
      codeOwners: ["rita"],
      linearHistory: true,
      signatures: true,
      mergeMethods: ["squash" as const],
    };
    await github.act.rules({ repository: "acme/plain", branch: "main", rules });
    const listed = (await client.get("/repos/acme/plain/rules/branches/main")).body;
    expect(listed.map(({ type }: { type: string }) => type)).toEqual([
      "pull_request",
      "required_linear_history",
      "required_signatures",
    ]);
    expect(listed[0]).toMatchObject({
      ruleset_source: "acme/plain",
      parameters: { required_approving_review_count: 2, require_code_owner_review: true },
    });
  });

  it.for([
    [
      { requiredApprovals: 1 },
      "At least 1 approving review is required by reviewers with write access.",
    ],
    [{ codeOwners: ["rita"] }, "Waiting on code owner review from rita."],
    [{ requiredChecks: ["lint"] }, 'Required status check "lint" is expected.'],
    [{ linearHistory: true }, "This branch must not contain merge commits."],
    [
      { mergeMethods: ["squash" as const] },
      "Merge method merge is not one of the allowed ones: squash.",
    ],
    [{ locked: true }, "Cannot update this protected ref."],
  ] as const)("hold back a merge: %j", async ([rules, message]) => {
    const { number } = await aPull();
    await github.act.rules({
      repository: "acme/plain",
      branch: "main",
      rules: { ...rules } as object,
    });
    const reply = await client.put(`/repos/acme/plain/pulls/${number}/merge`, {});
    expect([reply.status, reply.body.message]).toEqual([
      405,
      `Repository rule violations found\n\n${message}`,
    ]);
    await github.act.rules({ repository: "acme/plain", branch: "main", rules: null });
  });
});
