import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { formatArtifact } from "#core/artifact.ts";
import { renderNotAPromotionCheck } from "#core/check-run-gates.ts";
import { renderPausedCheck } from "#core/check-run-paused.ts";
import type { SluiceEvent } from "#core/event.ts";
import { loadKey } from "#core/load.ts";
import type { RolloutAssignment } from "#core/stream-rollout.ts";
import { observePolicy } from "#flow/observe-policy.ts";
import { receiveEvent } from "#flow/receive-event.ts";
import { reportOnSource } from "#flow/report-on-source.ts";
import { reportPolicy } from "#flow/report-policy.ts";
import type { RepositoryContext } from "#flow/repository-context.ts";

import { aStream, aVerdict, anArtifact } from "../builders.ts";
import { loadFigures } from "../core/load-figures.ts";
import { aPlatform, jobContext } from "./a-platform.ts";

const repository = "acme/platform";
const stream = aStream({ environment: "prod" });
const artifact = anArtifact("sha-0000001");
const counts = { total: 1, healthy: 0, failed: 1, blocked: 0, underWay: 0 };

let platform: Awaited<ReturnType<typeof aPlatform>>;
let context: RepositoryContext;
let revision = "";

beforeEach(async () => {
  platform = await aPlatform();
  context = await platform.context();
  ({ revision } = await context.repository.head());
});
afterEach(async () => platform.close());

async function press(
  sender: string,
  run: { name: string; externalId: string; completedAt?: string } | "all",
): Promise<void> {
  const place = { repository, revision, sender };
  const event: SluiceEvent =
    run === "all"
      ? { kind: "check-suite.rerequested", ...place }
      : { kind: "check-run.rerequested", completedAt: null, ...place, ...run };
  const { installation } = platform.job;
  const received = { installation, event, witness: "github", at: platform.now() } as const;
  await receiveEvent(platform.deps, received, jobContext);
}

async function runs(name: string): Promise<readonly unknown[]> {
  const found = await context.checkRuns.list(revision, name);
  return found.map(({ conclusion }) => conclusion);
}

/** A rollout of the stream that failed, as it stands on the commit that it was built from. */
async function fail() {
  const verdict = aVerdict(artifact, { result: "failed", commit: revision });
  const assignment: RolloutAssignment = {
    ...platform.job,
    stream,
    artifact,
    commit: revision,
    promotionId: "abcdefghijklmnop",
    targets: [],
    values: { tag: "image.tag", digest: null },
    startedAt: verdict.at.toISOString(),
    retriedAt: null,
    timeoutMs: 60_000,
    instance: "default",
    onFailure: "halt",
    source: { repository, revision },
  };
  const progress = { targets: [], counts, trouble: null, deadline: verdict.at };
  await reportOnSource(platform.deps, platform.job, jobContext, assignment, progress, verdict);
  await context.memory.addVerdict(stream, verdict);
  return verdict;
}

const onSource = { name: "sluice/prod", externalId: "source:prod" };
const onCommit = { name: "sluice/prod", externalId: "abcdefghijklmnop:1" };

describe("Re-run on sluice/<environment>", () => {
  it.for([onSource, onCommit])("tries $externalId again, for whoever may", async (run) => {
    const failed = await fail();
    await press("bob", run);
    expect(await context.memory.verdicts(stream)).toEqual([failed]);
    await press("mona", run);
    expect(await context.memory.verdicts(stream)).toEqual([]);
    expect(platform.added).toContain(`reconcile ${repository}`);
  });

  it.for([onSource, onCommit])("leaves alone what $externalId did not know yet", async (run) => {
    const failed = await fail();
    const completedAt = new Date(failed.at.getTime() - 60_000).toISOString();
    await press("mona", { ...run, completedAt });
    expect(await context.memory.verdicts(stream)).toEqual([failed]);
  });

  it.for([onSource, onCommit])("says on the promotion why not, once: $externalId", async (run) => {
    const { number } = await platform.openPull("sluice/prod/demo-api/all");
    const at = { repository, number, user: "mona" };
    ({ sha: revision } = await platform.github.act.merge(at));
    await fail();
    for (let times = 0; times < 2; times += 1) await press("bob", run);
    const [answer, ...more] = await platform.answers(number);
    expect(answer?.body).toContain("bob may not do this in prod");
    expect(more).toEqual([]);
  });

  it("all means every run of the commit", async () => {
    await fail();
    await press("mona", "all");
    expect(await context.memory.verdicts(stream)).toEqual([]);
  });
});

describe("Re-run on the others", () => {
  it("says sluice/policy in a new run", async () => {
    const observed = await observePolicy(context.repository, revision);
    if (observed.kind !== "policy") throw new Error("no policy");
    await reportPolicy(context, revision, observed);
    expect(await runs("sluice/policy")).toEqual(["success"]);
    await press("bob", { name: "sluice/policy", externalId: `policy:${observed.blob}` });
    expect(await runs("sluice/policy")).toEqual(["success", "success"]);
  });

  it.for(["promotion", "not-a-promotion"])("says sluice/gates of a %s in a new run", async (id) => {
    const said =
      id === "promotion" ? renderPausedCheck({ id, consents: [] }) : renderNotAPromotionCheck();
    const report = { ...said, revision, name: "sluice/gates", externalId: id };
    await context.checkRuns.report(report);
    await context.checkRuns.report(report);
    expect(await runs("sluice/gates")).toHaveLength(1);
    await press("bob", report);
    // A promotion's is said by the next reconcile.
    await context.checkRuns.report(report);
    await context.checkRuns.report(report);
    expect(await runs("sluice/gates")).toHaveLength(2);
    expect(platform.added).toContain(`reconcile ${repository}`);
  });

  it("sluice/gates drives the service once more, for whoever may", async () => {
    const order = { durationMs: 1000, warmUpMs: 0, connections: 2, paths: ["/"] };
    const place = { tenant: "tenant-a", environment: "staging" };
    const record = {
      key: loadKey(order),
      ...place,
      attempt: 1,
      at: new Date(0).toISOString(),
      figures: loadFigures,
    };
    const { memory, repository: git } = context;
    const [service, image] = [stream.service, formatArtifact(artifact)];
    const trailers = { Promotion: "a".repeat(16), Service: service, Artifact: image };
    const message = () =>
      Object.entries({ ...trailers, Environment: "prod", Ring: "all" })
        .map(([name, value]) => `Sluice-${name}: ${value}`)
        .join("\n");
    const edits = [{ path: "a.txt", text: "a" }];
    const made = await git.createCommit({ parent: revision, edits, message });
    if (made === null) throw new Error("nothing was changed");
    await memory.setLoad(made.revision, record);
    await memory.setLoad("another", record);
    revision = made.revision;
    const run = { name: "sluice/gates", externalId: "promotion" };
    await press("bob", run);
    expect(await memory.load(revision, order)).toEqual(record);
    await press("mona", run);
    expect(await memory.load(revision, order)).toBeNull();
    expect(await memory.load("another", order)).toEqual(record);
  });
});
