import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { readEvent } from "#adapters/github/read-event.ts";
import { renderGatesCheck, type GatesReport } from "#core/check-run-gates.ts";
import { loadKey, type LoadRecord } from "#core/load.ts";
import { answerCommand } from "#flow/answer-command.ts";
import { answerPress } from "#flow/answer-press.ts";
import { gitopsIndex } from "#flow/find-gitops-repositories.ts";
import { observePolicy } from "#flow/observe-policy.ts";
import { observePullRequests } from "#flow/observe-pull-requests.ts";
import { recover } from "#flow/recover.ts";
import type { RepositoryContext } from "#flow/repository-context.ts";

import { aVerdict, anArtifact } from "../builders.ts";
import { loadFigures } from "../core/load-figures.ts";
import { demoPolicy } from "../stage/seed.ts";
import { aPlatform, jobContext } from "./a-platform.ts";

const repository = "acme/platform";
const stream = { environment: "prod", service: "demo-api", ring: "all" };
const branch = "sluice/prod/demo-api/all";
const load = "load: { duration: 1s, warmUp: 1s, connections: 2, paths: [/], max: { p95: 0.1 } }";
const policy = demoPolicy().replace("- soak: 3s", `- soak: 3s\n      - ${load}`);
const order = { durationMs: 1000, warmUpMs: 1000, connections: 2, paths: ["/"] };

let platform: Awaited<ReturnType<typeof aPlatform>>;
let context: RepositoryContext;
let head = "";
let number = 0;

beforeEach(async () => {
  platform = await aPlatform({ policy });
  context = await platform.context();
  const parent = (await context.repository.head()).revision;
  const trailers = { Promotion: "a".repeat(16), Service: "demo-api", Environment: "prod" };
  const message = () =>
    Object.entries({ ...trailers, Ring: "all", Artifact: "ghcr.io/acme/demo-api:sha-0000001" })
      .map(([name, value]) => `Sluice-${name}: ${value}`)
      .join("\n");
  const edits = [{ path: "a.txt", text: "a" }];
  const made = await context.repository.createCommit({ parent, edits, message });
  head = made?.revision ?? "";
  await context.repository.moveBranch({ branch, from: null, to: head });
  const base = (await context.repository.head()).branch;
  const opened = await context.repository.openPullRequest({
    head: branch,
    base,
    title: "t",
    body: "",
  });
  if (opened.kind !== "opened") throw new Error(opened.kind);
  ({ number } = opened.pull);
});
afterEach(async () => platform.close());

function aRecord(p95: number, minutesAgo = 1): LoadRecord {
  const figures = { ...loadFigures, p95 };
  const at = new Date(platform.now().getTime() - minutesAgo * 60_000).toISOString();
  return {
    key: loadKey(order),
    environment: "staging",
    tenant: "tenant-a",
    attempt: 1,
    at,
    figures,
  };
}

async function say(user: string) {
  const comment = await platform.comment(user, number, "/retry");
  await answerCommand(platform.deps, platform.job, comment, jobContext);
  const { memory } = context;
  return {
    forgotten: (await memory.load(head, order)) === null,
    reactions: (await platform.reactions(comment.commentId)).at(-1),
    answer: (await platform.answers(number)).at(-1)?.body ?? "",
  };
}

describe("/retry on an open promotion whose load test failed", () => {
  it("drives it once more, for whoever may", async () => {
    await context.memory.setLoad(head, aRecord(0.2));
    expect(await say("bob")).toMatchObject({ forgotten: false, reactions: "-1" });
    const said = await say("mona");
    expect(said).toMatchObject({ forgotten: true, reactions: "rocket" });
    expect(said.answer).toContain("asked to drive `demo-api` once more");
    expect(platform.added.at(-1)).toBe(`reconcile ${repository}`);
  });

  it("leaves alone what was borne, and what came later", async () => {
    await context.memory.setLoad(head, aRecord(0.05));
    expect(await say("mona")).toMatchObject({ forgotten: false, reactions: "-1" });
    await context.memory.setLoad(head, aRecord(0.2, -5));
    expect(await say("mona")).toMatchObject({ forgotten: false, reactions: "-1" });
  });

  it("comes before a rollout that failed there earlier", async () => {
    const failed = aVerdict(anArtifact("sha-0000000"), { result: "failed" });
    await context.memory.addVerdict(stream, failed);
    await context.memory.setLoad(head, aRecord(0.2));
    expect(await say("mona")).toMatchObject({ forgotten: true });
    expect(await context.memory.verdicts(stream)).toEqual([failed]);
    await say("mona");
    expect(await context.memory.verdicts(stream)).toEqual([]);
  });
});

function aReport(record: LoadRecord | null, status: "failed" | "pending"): GatesReport {
  const gate = { gate: "load", status, reason: "r", sentence: "s" } as const;
  return {
    id: "a".repeat(16),
    stream,
    side: null,
    artifact: anArtifact("sha-0000001"),
    from: null,
    tenants: ["tenant-a"],
    holds: [],
    source: null,
    merge: "auto",
    requestedBy: null,
    state: status === "failed" ? "failed" : "waiting",
    sentence: "s",
    targets: [],
    consents: [],
    approvals: [],
    mergeBlocked: null,
    gates: [record === null ? gate : { ...gate, load: record }],
  };
}

const run = { name: "sluice/gates", externalId: "promotion" };

describe("the button Retry on sluice/gates", () => {
  it("is there once a load test failed, and drives it once more", async () => {
    expect(renderGatesCheck(aReport(null, "pending")).actions).toMatchObject([
      { identifier: "hold" },
    ]);
    const record = aRecord(0.2);
    await context.memory.setLoad(head, record);
    const said = renderGatesCheck(aReport(record, "failed"));
    expect(said.actions).toMatchObject([{ identifier: "retry" }, { identifier: "hold" }]);
    expect(renderGatesCheck(aReport(record, "pending")).actions).toEqual(said.actions);
    const { id } = await context.checkRuns.report({ ...said, ...run, revision: head });
    const { github, deps, job } = platform;
    const press = { repository, checkRun: id, user: "mona", action: "retry" };
    await github.act["requested-action"](press);
    const { event } = readEvent("check_run", github.deliveries().at(-1)?.payload, github.appId);
    if (event.kind !== "check-run.pressed") throw new Error(event.kind);
    const { installation } = job;
    const index = await gitopsIndex(deps, deps.host.installation(installation));
    await answerPress({ deps, installation, index, jobContext }, event, platform.now());
    expect(await context.memory.load(head, order)).toBeNull();
  });

  it("leaves alone what came after that run", async () => {
    const later = aRecord(0.2, -5);
    await context.memory.setLoad(head, later);
    const said = renderGatesCheck(aReport(aRecord(0.2), "failed"));
    const { id } = await context.checkRuns.report({ ...said, ...run, revision: head });
    const { github, deps, job } = platform;
    await github.act["requested-action"]({
      repository,
      checkRun: id,
      user: "mona",
      action: "retry",
    });
    const { event } = readEvent("check_run", github.deliveries().at(-1)?.payload, github.appId);
    if (event.kind !== "check-run.pressed") throw new Error(event.kind);
    const { installation } = job;
    const index = await gitopsIndex(deps, deps.host.installation(installation));
    await answerPress({ deps, installation, index, jobContext }, event, platform.now());
    expect(await context.memory.load(head, order)).toEqual(later);
  });
});

it("what was forgotten on purpose is not found again in an older run", async () => {
  const { checkRuns, memory, repository: git } = context;
  const report = (record: LoadRecord | null, status: "failed" | "pending") =>
    checkRuns.report({ ...renderGatesCheck(aReport(record, status)), ...run, revision: head });
  const observed = await observePolicy(git, (await git.head()).revision);
  if (observed.kind !== "policy") throw new Error(observed.kind);
  const recovered = async () => {
    await recover(context, observed.policy, await observePullRequests(context, [branch]));
    return memory.load(head, order);
  };
  const record = aRecord(0.2);
  await report(record, "failed");
  expect(await recovered()).toEqual(record);
  platform.empty();
  await report(null, "pending");
  expect(await recovered()).toBeNull();
});
