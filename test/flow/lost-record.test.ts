import { afterEach, describe, expect, it } from "vitest";

import { readEvent } from "#adapters/github/read-event.ts";
import { heldForLoss } from "#core/lost-record.ts";
import { answerTick } from "#flow/answer-tick.ts";
import { addStop, liftHolds, recallStops } from "#flow/keep-stops.ts";
import { reconcile } from "#flow/reconcile.ts";

import { demoPolicy, platform as repository, valuesFiles } from "../stage/seed.ts";
import { aPlatform, jobContext } from "./a-platform.ts";

type Platform = Awaited<ReturnType<typeof aPlatform>>;

let platform: Platform | null = null;
afterEach(async () => platform?.close());

/** The demo's policy, with what one repository alone can answer. */
const policy = demoPolicy({ digest: false })
  .replace(/ {4}source:\n(?: {6}.*\n)+/, "")
  .replace('match: "^sha-[0-9a-f]{7,40}$"', 'match: "^1"')
  .replace("order: ancestry", "order: semver")
  .replace("name: dev\n    merge: auto", "name: dev\n    merge: manual");
const everywhere = ["dev", "staging", "prod"];

async function start(): Promise<Platform> {
  const files = { ".github/sluice.yaml": policy, ...valuesFiles(["a"], "1.0.0", "") };
  platform = await aPlatform({ policy, seed: { files } });
  return platform;
}

function look({ deps, job }: Platform) {
  return reconcile(deps, job, jobContext);
}

function later(world: Platform, minutes: number): void {
  world.at(new Date(world.now().getTime() + minutes * 60_000));
}

async function held(world: Platform): Promise<readonly string[]> {
  return heldForLoss(await recallStops(await world.context())).toSorted(
    (one, other) => everywhere.indexOf(one) - everywhere.indexOf(other),
  );
}

function dashboard({ github }: Platform) {
  const [row] = github.world.tables.issues.filter(({ pullId }) => pullId === null);
  if (row === undefined) throw new Error("there is no dashboard");
  return row;
}

/** A dashboard with a hold of somebody on it, and its whole text. */
async function withHold(world: Platform): Promise<string> {
  const stop = { kind: "hold", environment: "prod", service: "demo-api", by: "mona" } as const;
  const at = new Date(Date.now() - 60_000);
  await addStop(await world.context(), { ...stop, at, reason: "looks odd" });
  await look(world);
  return dashboard(world).body ?? "";
}

/** Somebody edits the dashboard, and the delivery of it is heard. */
async function edit(world: Platform, user: string, body: string): Promise<void> {
  const { github, deps, job } = world;
  const { number } = dashboard(world);
  await github.act["edit-issue"]({ repository, number, user, body });
  const delivery = github.deliveries().findLast(({ event }) => event === "issues");
  const { event } = readEvent("issues", delivery?.payload, github.appId);
  if (event.kind !== "issue.edited") throw new Error(event.kind);
  await answerTick(deps, job.installation, event, jobContext);
}

/** The promotion into dev that waits for somebody. */
async function promoted(world: Platform): Promise<void> {
  const { memory } = await world.context();
  const seenAt = new Date().toISOString();
  const word = { tag: "1.1.0", digest: null, revision: null, seenAt, publishedAt: seenAt };
  await memory.addCandidate("demo-api", { ...word, witness: "github" });
  await look(world);
}

describe("what people stopped, after everything was forgotten", () => {
  it("is nothing where there never was a dashboard", async () => {
    const world = await start();
    await look(world);
    expect(await held(world)).toEqual([]);
    await promoted(world);
    world.empty();
    await look(world);
    expect(await held(world)).toEqual([]);
  });

  it("is what an untouched dashboard says, closed or not", async () => {
    const world = await start();
    await withHold(world);
    dashboard(world).state = "closed";
    world.empty();
    await look(world);
    expect(await held(world)).toEqual([]);
    expect((await recallStops(await world.context())).stops).toHaveLength(1);
  });

  it("is not known where its record was cut: everything waits, until somebody says otherwise", async () => {
    const world = await start();
    await withHold(world);
    const row = dashboard(world);
    row.body = (row.body ?? "").replace(/<!-- sluice:v1 .* -->/u, "");
    world.empty();
    await look(world);
    expect(await held(world)).toEqual(everywhere);
    expect(dashboard(world).body).toContain("Sluice put");
    world.empty();
    await look(world);
    expect(await held(world)).toEqual(everywhere);

    const said = { environment: "dev", services: ["demo-api"], everything: true };
    await liftHolds(await world.context(), { ...said, at: new Date(Date.now() + 1_000) });
    expect(await held(world)).toEqual(["staging", "prod"]);
    world.empty();
    await look(world);
    expect(await held(world)).toEqual(["staging", "prod"]);
  });

  it.for([
    [
      "it was taken away",
      (world: Platform) => world.github.world.tables.issues.delete(dashboard(world).id),
    ],
    [
      "nobody could tell any more that it was one",
      (world: Platform) => Object.assign(dashboard(world), { body: "Gone.", labelIds: [] }),
    ],
  ] as const)("is not known where %s, and no promotion is merged", async ([, take]) => {
    const world = await start();
    await promoted(world);
    later(world, 6);
    await withHold(world);
    take(world);
    later(world, 120);
    world.empty();
    await look(world);
    expect(await held(world)).toEqual(everywhere);
    const { repository: repo, checkRuns } = await world.context();
    const { pulls } = await repo.pullRequests({ updatedSince: null, atMost: 1 });
    const [newest] = (await checkRuns.list(pulls[0]?.headRevision ?? "", "sluice/gates")).toSorted(
      (one, other) => other.id - one.id,
    );
    expect(newest).toMatchObject({ conclusion: "action_required" });
    expect(newest?.summary).toContain("the dashboard issue was taken away");
  });

  it("is nothing where GitHub lets nobody keep a dashboard", async () => {
    const world = await start();
    await promoted(world);
    later(world, 120);
    const route = "/repos/{owner}/{repo}/issues";
    const message = "Resource not accessible by integration";
    world.github.faults([{ fault: "403", method: "POST", route, message, times: "always" }]);
    world.empty();
    await look(world);
    expect(await held(world)).toEqual([]);
  });

  it("is known again where somebody put the record back who may promote, and nowhere else", async () => {
    const world = await start();
    const whole = await withHold(world);
    dashboard(world).body = "Gone.";
    world.empty();
    await look(world);
    await edit(world, "bob", whole);
    expect(await held(world)).toEqual(["prod"]);
    await look(world);
    expect(dashboard(world).body).not.toBe(whole);
    // What Sluice wrote itself since brings nothing back.
    await edit(world, "mona", `${dashboard(world).body ?? ""}\n`);
    expect(await held(world)).toEqual(["prod"]);
    await edit(world, "mona", whole);
    expect(await held(world)).toEqual([]);
    const { stops } = await recallStops(await world.context());
    expect(stops).toMatchObject([{ environment: "prod", service: "demo-api", by: "mona" }]);
  });
});
