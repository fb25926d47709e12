import { afterEach, describe, expect, it } from "vitest";

import type { RolloutAssignment, RolloutProgress } from "#core/stream-rollout.ts";
import { answerQuestions } from "#flow/answer-questions.ts";
import { compareArtifacts } from "#flow/compare-artifacts.ts";
import { findAuthors } from "#flow/find-authors.ts";
import { findEligibility } from "#flow/find-eligibility.ts";
import { reportRollout } from "#flow/report-check-run.ts";
import { reportRefusal } from "#flow/report-refusal.ts";

import { anArtifact, aPolicy, aService, aStream, aVerdict } from "../builders.ts";
import { aPlatform, jobContext } from "./a-platform.ts";

let platform: Awaited<ReturnType<typeof aPlatform>> | undefined;
afterEach(async () => {
  await platform?.close();
});

const source = { repository: "acme/elsewhere", branch: "main", workflow: null };
const service = aService({ source, match: /./ });
const sentence =
  "The App is not installed on acme/elsewhere, or the name is wrong: install it there, or correct `source.repository`.";

async function aContext() {
  platform = await aPlatform();
  return platform.context();
}

/** One that an event or a label names, and one that the tag names. */
const stated = anArtifact("v2", { revision: "b".repeat(40) });
const inTag = anArtifact("sha-aaaaaaa");

describe("a source repository that the App cannot see", () => {
  it.for([
    ["by its tag", inTag],
    ["by its revision", stated],
  ] as const)("is the reason why an artifact is refused, known %s", async ([, artifact]) => {
    const context = await aContext();
    expect(await findEligibility(context, [], service, artifact)).toEqual({
      kind: "refused",
      reason: "source-not-visible",
      sentence,
    });
  });

  it("is looked for again at once: somebody may install the App there", async () => {
    const context = await aContext();
    await findEligibility(context, [], service, stated);
    const { github } = platform ?? expect.unreachable();
    const before = github.requests().length;
    await findEligibility(context, [], service, stated);
    expect(github.requests().length).toBeGreaterThan(before);
  });

  it("is the reason why two cannot be compared", async () => {
    const context = await aContext();
    const other = anArtifact("v1", { revision: "a".repeat(40) });
    const order = await compareArtifacts(context, aPolicy(), service, other, stated);
    expect(order).toEqual({ relation: "unordered", reason: "source-not-visible", sentence });
    const tagged = await compareArtifacts(context, aPolicy(), service, inTag, stated);
    expect(tagged).toEqual({ relation: "unordered", reason: "source-not-visible", sentence });
  });

  it("is the reason why nobody knows whose change it is", async () => {
    const context = await aContext();
    expect(await findAuthors(context, service, stated)).toEqual({ kind: "unknown", sentence });
  });

  it("does not keep a verdict from being told on the commit that brought it", async () => {
    const context = await aContext();
    const { deps, job, repo } = platform ?? expect.unreachable();
    const { revision: commit } = await repo.head();
    const assignment: RolloutAssignment = {
      installation: job.installation,
      repository: job.repository,
      stream: aStream({ environment: "dev" }),
      artifact: stated,
      commit,
      promotionId: "abcdefghijklmnop",
      targets: [],
      values: { tag: "image.tag", digest: null },
      startedAt: context.now.toISOString(),
      retriedAt: null,
      timeoutMs: 900_000,
      instance: "default",
      deployments: false,
      production: false,
      onFailure: "halt",
      source: { repository: source.repository, revision: "b".repeat(40) },
    };
    const verdict = aVerdict(stated, { commit });
    const counts = { total: 0, healthy: 0, failed: 0, blocked: 0, underWay: 0 };
    const progress: RolloutProgress = { targets: [], counts, trouble: null, deadline: context.now };
    await reportRollout(deps, job, jobContext, assignment, progress, verdict);
    const runs = await context.installation.checkRuns(job.repository).list(commit, "sluice/dev");
    expect(runs).toMatchObject([{ conclusion: "success" }]);
  });

  it("does not keep its refusal from being told where the policy is", async () => {
    const context = await aContext();
    const { repo, job } = platform ?? expect.unreachable();
    const { revision } = await repo.head();
    const policy = aPolicy({ services: [service] });
    const refusal = {
      kind: "refused",
      artifact: stated,
      reason: "source-not-visible",
      sentence,
    } as const;
    await reportRefusal(context, policy, revision, aStream({ environment: "dev" }), refusal);
    const runs = await context.installation.checkRuns(job.repository).list(revision, "sluice/dev");
    expect(runs).toMatchObject([{ conclusion: "action_required" }]);
    expect(runs[0]?.summary).toContain("The App is not installed on");
  });

  it("has no checks, and that is no fault", async () => {
    const context = await aContext();
    const policy = aPolicy({ services: [service] });
    const question = {
      kind: "checks",
      service: service.name,
      artifact: stated,
      names: ["test"],
    } as const;
    const answers = await answerQuestions(context, { policy, streams: [] }, [question]);
    expect([...answers.values()]).toEqual([
      { kind: "checks", checks: [{ name: "test", state: "missing" }] },
    ]);
  });
});
