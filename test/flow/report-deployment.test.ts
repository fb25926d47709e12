import { afterEach, expect, it } from "vitest";

import type { RolloutAssignment } from "#core/stream-rollout.ts";
import type { Verdict } from "#core/verdict.ts";
import { reportDeployment } from "#flow/report-deployment.ts";
import type { Log } from "#ports/log.ts";

import { silentLog } from "../adapters/github/support.ts";
import { anArtifact, aStream } from "../builders.ts";
import { platform as repository } from "../stage/seed.ts";
import { aPlatform, jobContext } from "./a-platform.ts";

const minute = 60_000;
const route = "/repos/{owner}/{repo}/deployments";

let platform: Awaited<ReturnType<typeof aPlatform>> | null = null;
afterEach(async () => platform?.close());

/** A rollout of the commit that the platform began with, and how to tell of it. */
async function start(change: Partial<RolloutAssignment> = {}) {
  const world = await aPlatform();
  platform = world;
  const warnings: unknown[] = [];
  const log: Log = { ...silentLog, warn: (fields) => void warnings.push(fields) };
  const { revision: commit } = await world.repo.head();
  const stream = aStream({ environment: "prod" });
  const artifact = anArtifact("v2");
  const assignment: RolloutAssignment = {
    installation: world.job.installation,
    repository,
    stream,
    artifact,
    commit,
    promotionId: "abcdefghijklmnop",
    targets: [],
    values: { tag: "image.tag", digest: null },
    startedAt: world.now().toISOString(),
    retriedAt: null,
    timeoutMs: 15 * minute,
    instance: "default",
    deployments: true,
    production: true,
    onFailure: "halt",
    source: null,
    ...change,
  };
  const { deployments, deploymentStatuses } = world.github.world.tables;
  return {
    ...world,
    warnings,
    tell: (result: Verdict["result"] | null, insists = false) =>
      reportDeployment(
        { ...world.deps, log },
        world.job,
        jobContext,
        assignment,
        result === null
          ? null
          : { artifact, commit, result, at: world.now(), tenants: [], sentence: "It is over." },
        insists,
      ),
    shown: () => [deployments.all().length, deploymentStatuses.all().map(({ state }) => state)],
  };
}

it.for([
  ["verified", "success"],
  ["failed", "failure"],
  ["timed-out", "error"],
  ["superseded", "inactive"],
] as const)("a rollout is pending until it is %s, then shown as %s", async ([result, state]) => {
  const { tell, shown } = await start();
  await tell(null);
  expect(shown()).toEqual([1, []]);
  await tell(result);
  expect(shown()).toEqual([1, [state]]);
});

it("one that may take long is in progress, so that GitHub does not give it up as abandoned", async () => {
  const { tell, shown } = await start({ timeoutMs: 60 * minute });
  await tell(null);
  expect(shown()).toEqual([1, ["in_progress"]]);
});

it("nothing is asked of GitHub where the policy or the past leaves it out", async () => {
  const { tell, asked } = await start({ deployments: false });
  asked();
  await tell(null);
  await tell("verified", true);
  expect(asked()).toEqual([]);
});

it.for([
  { fault: "403", message: "Resource not accessible by integration" },
  { fault: "404" },
  { fault: "422" },
] as const)("GitHub's $fault is said once and asked again after an hour", async (rule) => {
  const { tell, shown, asked, warnings, at, now, github } = await start();
  github.faults([{ ...rule, method: "POST", route, times: 2 }]);
  asked();
  await tell(null);
  const once = asked();
  expect(once).toHaveLength(2);
  await tell("verified", true);
  expect(asked()).toEqual([]);
  at(new Date(now().getTime() + 61 * minute));
  await tell("verified", true);
  expect(asked()).toEqual(once);
  expect(warnings).toMatchObject([
    { repository, remedy: expect.stringContaining("deployments: write") },
  ]);
  at(new Date(now().getTime() + 61 * minute));
  await tell("verified", true);
  expect(shown()).toEqual([1, ["success"]]);
  expect(warnings).toHaveLength(1);
});

it("while GitHub is out of order nobody waits for it but whoever insists", async () => {
  const { tell, shown, github } = await start();
  github.faults([{ fault: "503", method: "POST", route, times: "always" }]);
  await tell(null);
  await tell("verified");
  await expect(tell("verified", true)).rejects.toThrow("503");
  github.faults([]);
  await tell("verified", true);
  expect(shown()).toEqual([1, ["success"]]);
});
