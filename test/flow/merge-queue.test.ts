import { afterEach, describe, expect, it } from "vitest";

import { readEvent } from "#adapters/github/read-event.ts";
import { answerMergeGroups } from "#flow/answer-merge-groups.ts";
import { planRepository } from "#flow/plan-repository.ts";
import { receiveEvent } from "#flow/receive-event.ts";
import { reconcile } from "#flow/reconcile.ts";
import type { Deployer } from "#ports/deployer.ts";

import { aVerdict } from "../builders.ts";
import type { RulesSeed } from "../simulators/github/seed.ts";
import { demoPolicy, image, platform as name, valuesFiles } from "../stage/seed.ts";
import { aPlatform, jobContext } from "./a-platform.ts";

/** The demo's policy, with what one repository alone can answer. */
const policy = demoPolicy({ digest: false })
  .replace(/ {4}source:\n(?: {6}.*\n)+/, "")
  .replace('match: "^sha-[0-9a-f]{7,40}$"', 'match: "^1"')
  .replace("order: ancestry", "order: semver")
  .replace("name: dev\n    merge: auto", "name: dev\n    merge: queue");

const queue: RulesSeed = { mergeQueue: {}, requiredChecks: ["sluice/gates"] };

let platform: Awaited<ReturnType<typeof aPlatform>>;
afterEach(async () => platform.close());

/** A platform on which 1.2.0 is due in dev. */
async function begin(rules: RulesSeed | null = queue, written = policy): Promise<void> {
  const files = { ".github/sluice.yaml": written, ...valuesFiles(["a"], "1.0.0", "") };
  const seed = { files, ...(rules === null ? {} : { rules }) };
  platform = await aPlatform({ policy: written, seed });
  await remember();
}

/** What would be found out again from deliveries and check runs. */
async function remember(): Promise<void> {
  const { memory, repository } = await platform.context();
  const at = platform.now();
  const word = { digest: null, revision: null, seenAt: at.toISOString(), publishedAt: null };
  await memory.addCandidate("demo-api", { ...word, tag: "1.2.0", witness: "github" });
  const artifact = { repository: image, tag: "1.0.0", digest: null, revision: null };
  const { revision } = await repository.head();
  const stream = { environment: "dev", service: "demo-api", ring: "all" };
  await memory.addVerdict(stream, aVerdict(artifact, { at, commit: revision, tenants: ["a"] }));
}

const deployer = { name: "default", applications: async () => [] } as Partial<Deployer>;
const deployers = { names: () => ["default"], instance: () => deployer as Deployer };

async function run(): Promise<void> {
  await reconcile({ ...platform.deps, deployers }, platform.job, jobContext);
}

async function entries() {
  const look = await platform.repo.mergeQueues.look("main");
  return look.kind === "queue" ? look.entries : [];
}

async function gatesOn(revision: string) {
  const { checkRuns } = await platform.context();
  const runs = await checkRuns.list(revision, "sluice/gates");
  return runs.toSorted((one, other) => one.id - other.id).at(-1);
}

async function promotion() {
  const [pull] = await platform.repo.pullRequestsOf("sluice/dev/demo-api/all");
  if (pull === undefined) throw new Error("no promotion was opened");
  return pull;
}

describe("a promotion in the merge queue", () => {
  it("is answered by the run after the one that put it in, and merged", async () => {
    await begin();
    await run();
    const [entry] = await entries();
    const { number, headRevision: head } = await promotion();
    expect(entry).toMatchObject({ number, head, by: "sluice[bot]" });
    expect(await gatesOn(entry?.group ?? "")).toBeUndefined();
    await run();
    expect((await promotion()).mergeRevision).toBe(entry?.group);
    expect(await gatesOn(entry?.group ?? "")).toMatchObject({ conclusion: "success" });
    await run();
    expect(await platform.answers(number)).toEqual([]);
    expect(await platform.repo.branch("sluice/dev/demo-api/all")).toBeNull();
  });

  it("is answered, with all behind it, although the list of pull requests lags behind", async () => {
    await begin();
    await run();
    const [entry] = await entries();
    const known = await platform.context();
    const context = { ...known, deps: { ...known.deps, deployers } };
    const planned = await planRepository(context);
    if (planned.kind !== "planned") throw new Error("unreachable");
    const pulls = planned.pulls.map((pull) => ({ ...pull, headRevision: "1".repeat(40) }));
    const before = platform.added.length;
    const plan = { ...planned.plan, streams: [] };
    await answerMergeGroups(context, { ...planned, pulls, plan });
    expect(await gatesOn(entry?.group ?? "")).toBeUndefined();
    expect(platform.added.slice(before)).toEqual(["wake"]);
    await answerMergeGroups(context, { ...planned, pulls });
    expect(await gatesOn(entry?.group ?? "")).toMatchObject({ conclusion: "success" });
  });

  it("is not put in a second time once the facts are gone", async () => {
    await begin();
    await run();
    platform.empty();
    await remember();
    await run();
    const asked = platform.github.requests();
    const mutations = asked.filter(({ operation }) => operation?.includes("enqueuePullRequest"));
    expect(mutations).toHaveLength(1);
    expect((await promotion()).mergedAt).not.toBeNull();
  });

  it("is taken out while the policy is broken", async () => {
    await begin();
    await run();
    const files = { ".github/sluice.yaml": policy.replace("version: 1", "version: 7") };
    const push = { repository: name, branch: "main", user: "mona", force: true, files };
    await platform.github.act.push(push);
    await run();
    expect(await entries()).toEqual([]);
    expect(await promotion()).toMatchObject({ state: "open", mergedAt: null });
  });

  it.for([
    [
      "a freeze begins",
      (from: Date) => `freezes:
  - { environments: [dev], from: ${from.toISOString()}, to: 2099-01-01T00:00:00Z, reason: calm }
`,
    ],
    ["somebody's commit is on its branch", () => ""],
  ] as const)("leaves the queue when %s", async ([what, more]) => {
    const soon = new Date(Date.now() + 3_600_000);
    soon.setMilliseconds(0);
    await begin({ ...queue, requiredChecks: ["sluice/gates", "ci"] }, policy + more(soon));
    await run();
    const { number, headRevision: sha } = await promotion();
    const { act } = platform.github;
    await act["check-run"]({ repository: name, sha, name: "ci", conclusion: "success" });
    platform.at(new Date(soon.getTime() - 60_000));
    await run();
    await run();
    const [entry] = await entries();
    expect(entry?.number).toBe(number);
    expect(await gatesOn(entry?.group ?? "")).toMatchObject({ conclusion: "success" });
    expect((await gatesOn(sha))?.title).toBe("Ready to merge, and in the merge queue");

    if (what === "a freeze begins") platform.at(soon);
    else {
      const branch = "sluice/dev/demo-api/all";
      await act.push({ repository: name, user: "bob", branch, files: { "b.txt": "b\n" } });
    }
    await run();
    expect(await entries()).toEqual([]);
    expect(await promotion()).toMatchObject({ state: "open", mergedAt: null });
  });

  it("leaves the queue before a newer artifact takes its place", async () => {
    await begin();
    await run();
    const { headRevision: before } = await promotion();
    const { memory } = await platform.context();
    const seenAt = platform.now().toISOString();
    const word = { digest: null, revision: null, seenAt, publishedAt: null };
    await memory.addCandidate("demo-api", { ...word, tag: "1.3.0", witness: "github" });
    const seen = platform.github.requests().at(-1)?.number ?? 0;
    await run();
    const { headRevision, title } = await promotion();
    expect([headRevision === before, title]).toEqual([false, expect.stringContaining("1.3.0")]);
    const operations = platform.github
      .requests(seen)
      .flatMap(({ operation }) => /\b(\w+)\(input/.exec(operation ?? "")?.[1] ?? []);
    expect(operations).toEqual(["dequeuePullRequest", "updateRefs", "enqueuePullRequest"]);
    expect((await entries()).map(({ head }) => head)).toEqual([headRevision]);
  });

  it("is not put in again at once where a person took it out, until somebody agrees", async () => {
    await begin({ ...queue, requiredChecks: ["sluice/gates", "ci"] });
    await run();
    const { number, headRevision: sha } = await promotion();
    const { act } = platform.github;
    await act["check-run"]({ repository: name, sha, name: "ci", conclusion: "success" });
    platform.at(new Date(Date.now() + 60_000));
    await run();
    await act.dequeue({ repository: name, user: "mona", number });
    platform.at(new Date(Date.now() + 600_000));
    await run();
    expect(await entries()).toEqual([]);
    const said = "mona took it out of the merge queue. Put it in again there, or write /promote.";
    expect((await gatesOn(sha))?.summary).toContain(said);

    const { memory } = await platform.context();
    const at = new Date(Date.now() + 600_001);
    await memory.addConsent(number, { by: "mona", at, head: sha });
    platform.at(new Date(Date.now() + 601_000));
    await run();
    expect((await entries()).map((entry) => entry.number)).toEqual([number]);
  });

  it("is never merged past a queue that is not there", async () => {
    await begin(null);
    await run();
    const { headRevision, state } = await promotion();
    expect(state).toBe("open");
    const said = await gatesOn(headRevision);
    expect(said?.title).toBe("Ready to merge, but GitHub does not merge it");
    expect(said?.summary).toContain('The policy says "merge: queue", and main has no merge queue.');
    const merges = platform.github.requests().filter(({ route }) => route?.endsWith("/merge"));
    expect(merges).toEqual([]);
  });
});

describe("a merge group of another branch", () => {
  it("is answered once GitHub asks: no promotion goes there", async () => {
    await begin(null);
    const { act } = platform.github;
    const at = { repository: name, user: "mona" };
    await act.push({ ...at, branch: "release", files: { "r.txt": "r\n" } });
    await act.push({ ...at, branch: "fix", files: { "f.txt": "f\n" } });
    await act.rules({
      repository: name,
      branch: "release",
      rules: { mergeQueue: {}, requiredChecks: ["ci"] },
    });
    const { number, sha } = await act["pull-request"]({
      ...at,
      head: "fix",
      base: "release",
      title: "fix",
    });
    await act["check-run"]({ repository: name, sha, name: "ci", conclusion: "success" });
    await act.enqueue({ ...at, number });
    const delivery = platform.github.deliveries().findLast((one) => one.event === "merge_group");
    const { event } = readEvent("merge_group", delivery?.payload, platform.github.appId);
    expect(event).toMatchObject({ kind: "merge-group.requested", branch: "release" });
    const { installation } = platform.job;
    const received = { installation, event, witness: "github", at: platform.now() } as const;
    await receiveEvent(platform.deps, received, jobContext);
    expect(platform.added).toContain(`reconcile ${name}`);
    await run();
    const group = "revision" in event ? (event.revision ?? "") : "";
    expect(await gatesOn(group)).toMatchObject({ conclusion: "neutral", title: "Not a promotion" });
  });
});
