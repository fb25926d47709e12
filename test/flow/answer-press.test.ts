import { afterEach, describe, expect, it } from "vitest";

import { readEvent } from "#adapters/github/read-event.ts";
import { renderEnvironmentCheck } from "#core/check-run-environment.ts";
import { answerPress } from "#flow/answer-press.ts";
import { gitopsIndex } from "#flow/find-gitops-repositories.ts";
import { listStops, removeStop } from "#flow/keep-stops.ts";

import { aVerdict, anArtifact, noon } from "../builders.ts";
import { aPlatform, jobContext } from "./a-platform.ts";

type Platform = Awaited<ReturnType<typeof aPlatform>>;

const open: Platform[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((platform) => platform.close()));
});

async function start(): Promise<Platform> {
  const platform = await aPlatform();
  open.push(platform);
  return platform;
}

const stream = { environment: "prod", service: "demo-api", ring: "all" };

/** `sluice/prod` on a commit of the promotion's pull request, as a failed rollout leaves it. */
async function aFailedRun(platform: Platform) {
  const pull = await platform.openPull("sluice/prod/demo-api/all");
  const { checkRuns } = await platform.context();
  const artifact = anArtifact("v2");
  const text = renderEnvironmentCheck({
    assignment: { stream, artifact, commit: pull.sha },
    progress: {
      targets: [],
      counts: { total: 2, healthy: 0, failed: 2, blocked: 0, underWay: 0 },
      trouble: null,
      deadline: noon,
    },
    verdict: aVerdict(artifact, { result: "failed" }),
  });
  const place = { revision: pull.sha, name: "sluice/prod", externalId: "p:1" };
  const { id } = await checkRuns.report({ ...text, ...place });
  return { pull, id };
}

/** Presses a button as a person, and hears the delivery of it. */
async function press(
  platform: Platform,
  user: string,
  checkRun: number,
  action: string,
  job = "1",
  sentAt = platform.now(),
) {
  const { github } = platform;
  await github.act["requested-action"]({ repository: "acme/platform", checkRun, user, action });
  const delivery = github.deliveries().at(-1);
  const { event } = readEvent("check_run", delivery?.payload, github.appId);
  if (event.kind !== "check-run.pressed") throw new Error(event.kind);
  const installation = platform.job.installation;
  const index = await gitopsIndex(platform.deps, platform.deps.host.installation(installation));
  const heard = {
    deps: platform.deps,
    installation,
    index,
    jobContext: { ...jobContext, jobId: job },
  };
  await answerPress(heard, event, sentAt);
}

describe("the button Roll back", () => {
  const minute = 60_000;

  it("means nothing any more after a quarter of an hour", async () => {
    const platform = await start();
    const { id, pull } = await aFailedRun(platform);
    const at = new Date(platform.now().getTime() - 16 * minute);
    await press(platform, "mona", id, "rollback", "1", at);
    const [answer] = await platform.answers(pull.number);
    expect(answer?.body).toContain("more than 15 minutes before");
  });

  it("is refused when a rollback was opened since, as a press that comes again finds it", async () => {
    const platform = await start();
    const { id, pull } = await aFailedRun(platform);
    const earlier = new Date(platform.now().getTime() - 5 * minute);
    const branch = `sluice-rollback/prod/demo-api/all/${"a".repeat(16)}`;
    const rollback = await platform.openPull(branch, "sluice[bot]");
    await press(platform, "mona", id, "rollback", "1", earlier);
    // A later press is one of its own: nothing has been verified before, which it says.
    await press(platform, "mona", id, "rollback", "2", new Date(Date.now() + minute));
    const [first, second] = await platform.answers(pull.number);
    expect(first?.body).toContain(`${rollback.number} was opened since the button was pressed`);
    expect(second?.body).not.toContain("was opened since");
    expect(second?.body).toBeDefined();
  });
});

describe("the button Hold", () => {
  it("holds the service in its environment, once, for whoever may", async () => {
    const platform = await start();
    const { id } = await aFailedRun(platform);
    await press(platform, "mona", id, "hold");
    const context = await platform.context();
    expect(await listStops(context)).toMatchObject([
      { kind: "hold", environment: "prod", service: "demo-api", by: "mona" },
    ]);
    expect(platform.added).toContain("reconcile acme/platform");
    // The same delivery again, after somebody has lifted it.
    platform.at(new Date(Date.now() + 5_000));
    const lifting = { kind: "hold", environment: "prod", service: "demo-api" } as const;
    await removeStop(context, { ...lifting, at: platform.now() });
    await press(platform, "mona", id, "hold");
    expect(await listStops(context)).toEqual([]);
  });

  it("does nothing for whoever may not, and says so on the pull request, once", async () => {
    const platform = await start();
    const { id, pull } = await aFailedRun(platform);
    await press(platform, "bob", id, "hold");
    await press(platform, "bob", id, "hold");
    expect(await listStops(await platform.context())).toEqual([]);
    const answers = await platform.answers(pull.number);
    expect(answers.map(({ body }) => body.includes("bob may not do this in prod"))).toEqual([true]);
  });
});

describe("the button Retry", () => {
  it("judges a failed rollout once more, for whoever may", async () => {
    const platform = await start();
    const { id, pull } = await aFailedRun(platform);
    const { memory } = await platform.context();
    const failed = aVerdict(anArtifact("v2"), { result: "failed", commit: pull.sha });
    await memory.addVerdict(stream, failed);
    await press(platform, "bob", id, "retry");
    expect(await memory.verdicts(stream)).toHaveLength(1);
    await press(platform, "mona", id, "retry");
    expect(await memory.verdicts(stream)).toEqual([]);
  });
});
