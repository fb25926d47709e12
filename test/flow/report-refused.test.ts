import { afterEach, expect, it } from "vitest";

import { reconcile } from "#flow/reconcile.ts";
import { reportFailedJob, takeFailureBack } from "#flow/report-failed-job.ts";

import { demoPolicy, image, valuesFile, valuesFiles } from "../stage/seed.ts";
import { aPlatform, jobContext } from "./a-platform.ts";

let platform: Awaited<ReturnType<typeof aPlatform>> | null = null;
afterEach(async () => platform?.close());

it("what a job that was given up said is taken back on every commit, once one ends well", async () => {
  platform = await aPlatform();
  const { deps, job, github } = platform;
  const { repository, checkRuns } = await platform.context();
  const failed = { queue: "reconcile", job, jobId: "reconcile/1", reason: "a bug" } as const;
  const first = (await repository.head()).revision;
  await reportFailedJob(deps, failed);
  await reportFailedJob(deps, failed);
  const pushed = { repository: job.repository, user: "bob", files: { "NOTES.md": "x\n" } };
  const { sha: second } = await github.act.push(pushed);
  await reportFailedJob(deps, failed);
  await takeFailureBack(deps, "rollouts", job);
  const said = async (revision: string): Promise<unknown> =>
    (await checkRuns.list(revision, "sluice/policy")).toSorted((a, b) => b.id - a.id)[0]
      ?.conclusion;
  expect([await said(first), await said(second)]).toEqual(["action_required", "action_required"]);
  await takeFailureBack(deps, "reconcile", job);
  expect([await said(first), await said(second)]).toEqual(["success", "success"]);
});

it("somebody's pull request that takes no check run neither fails the run nor hides the others", async () => {
  const order = { digest: false, soak: "30m" };
  const policy = demoPolicy(order)
    .replace("order: ancestry", "order: published")
    .replace(/    source:\n(?:      .*\n){3}/, "");
  const files = {
    ".github/sluice.yaml": policy,
    ...valuesFiles(["tenant-a"], "sha-0000000", ""),
    "gitops/tenants/tenant-a/dev.yaml": valuesFile("tenant-a", "dev", "sha-1111111", ""),
  };
  platform = await aPlatform({ policy, seed: { files } });
  const { deps, job, github } = platform;
  const one = await platform.openPull("docs-1");
  const two = await platform.openPull("docs-2");
  const route = "/repos/{owner}/{repo}/check-runs";
  github.faults([{ method: "POST", route, body: two.sha, fault: "405", times: "always" }]);
  await expect(reconcile(deps, job, jobContext)).resolves.toEqual({ kind: "done" });
  const { checkRuns } = await platform.context();
  const gates = await checkRuns.list(one.sha, "sluice/gates");
  expect(gates.map(({ conclusion }) => conclusion)).toEqual(["neutral"]);

  // A fault that may pass is thrown, so that the run is tried again; the soak's end is kept in mind all the same.
  github.faults([{ method: "POST", route, body: two.sha, fault: "503", times: "always" }]);
  const { memory, repository } = await platform.context();
  const { revision: commit } = await repository.head();
  const artifact = { repository: image, tag: "sha-1111111", digest: null, revision: null };
  const verdict = {
    artifact,
    commit,
    result: "verified",
    at: platform.now(),
    tenants: ["tenant-a"],
  } as const;
  await memory.addVerdict(
    { environment: "dev", service: "demo-api", ring: "all" },
    { ...verdict, sentence: "" },
  );
  platform.added.length = 0;
  await expect(reconcile(deps, job, jobContext)).rejects.toMatchObject({ retryable: true });
  expect(platform.added).toContain("wake");
});
