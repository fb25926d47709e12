import { afterEach, describe, expect, it } from "vitest";

import { readEvent } from "#adapters/github/read-event.ts";
import { renderTick, type Tick } from "#core/dashboard-tick.ts";
import { answerTick } from "#flow/answer-tick.ts";
import { findDashboard } from "#flow/dashboard-issue.ts";
import { jobHandlers } from "#flow/handle-jobs.ts";
import { sayDashboardAnew } from "#flow/keep-dashboard.ts";
import { addStop, listStops } from "#flow/keep-stops.ts";

import { demoPolicy } from "../stage/seed.ts";
import { aPlatform, jobContext } from "./a-platform.ts";

type Platform = Awaited<ReturnType<typeof aPlatform>>;

const open: Platform[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((platform) => platform.close()));
});

async function start(): Promise<Platform> {
  const platform = await aPlatform({ policy: demoPolicy() });
  open.push(platform);
  return platform;
}

function reconcile(platform: Platform) {
  const readers = { github: never, registry: never, argocd: never };
  return jobHandlers(platform.deps, readers).reconcile(platform.job, jobContext);
}

function never(): never {
  throw new Error("no delivery is read here");
}

/** A dashboard that stands there, written by a reconcile. */
async function withDashboard(platform: Platform): Promise<number> {
  const stop = { kind: "hold", environment: "dev", service: null, by: "rita", reason: "" } as const;
  await addStop(await platform.context(), { ...stop, at: new Date(Date.now() - 60_000) });
  await sayDashboardAnew(await platform.context());
  await reconcile(platform);
  return (await findDashboard(await platform.context()))?.number ?? 0;
}

/** Ticks a box as a person, and hears the delivery of it. */
async function tick(platform: Platform, user: string, number: number, wanted: Tick): Promise<void> {
  const { github } = platform;
  const issue = github.world.tables.issues.find((row) => row.number === number);
  const before = issue?.body ?? "";
  const id = /<!--.*-->/.exec(renderTick(wanted, ""))?.[0] ?? "";
  const body = before
    .split("\n")
    .map((line) => (line.includes(id) ? line.replace("[ ]", "[x]") : line))
    .join("\n");
  expect(body).not.toBe(before);
  await github.act["edit-issue"]({ repository: "acme/platform", number, user, body });
  const delivery = github.deliveries().findLast(({ event }) => event === "issues");
  const { event } = readEvent("issues", delivery?.payload, github.appId);
  if (event.kind !== "issue.edited") throw new Error(event.kind);
  await answerTick(platform.deps, platform.job.installation, event, jobContext);
  await answerTick(platform.deps, platform.job.installation, event, jobContext);
}

describe("a box of the dashboard", () => {
  it("does what it says for whoever may, and is written anew without the tick", async () => {
    const platform = await start();
    const number = await withDashboard(platform);
    await tick(platform, "mona", number, { kind: "hold", environment: "prod" });
    await tick(platform, "bob", number, { kind: "lift", key: "hold/dev/*" });
    const stops = await listStops(await platform.context());
    expect(stops).toMatchObject([{ kind: "hold", environment: "prod", by: "mona" }]);
    await reconcile(platform);
    const { body } = (await findDashboard(await platform.context())) ?? { body: "" };
    expect(body).not.toContain("[x]");
    expect(body).toContain("**On hold:** `prod`, by mona");
    platform.empty();
    expect(await listStops(await platform.context())).toEqual(stops);
    expect(await platform.answers(number)).toEqual([]);
  });

  it("does nothing for whoever may not, and says what it takes, once", async () => {
    const platform = await start();
    const number = await withDashboard(platform);
    await tick(platform, "bob", number, { kind: "freeze", environment: "prod" });
    expect(await listStops(await platform.context())).toMatchObject([{ environment: "dev" }]);
    const answers = await platform.answers(number);
    expect(answers).toHaveLength(1);
    expect(answers[0]?.body).toContain("bob may not do this in prod");
    await reconcile(platform);
    expect((await findDashboard(await platform.context()))?.body).not.toContain("[x]");
  });

  it("means nothing on any other issue", async () => {
    const platform = await start();
    await withDashboard(platform);
    const body = renderTick({ kind: "hold", environment: "prod" }, "Hold");
    const { number } = await platform.github.act["open-issue"]({
      repository: "acme/platform",
      user: "mona",
      title: "Mine",
      body,
    });
    await tick(platform, "mona", number, { kind: "hold", environment: "prod" });
    expect(await listStops(await platform.context())).toHaveLength(1);
  });
});

describe("the dashboard issue", () => {
  it("is opened a little later, and written only when what it shows has changed", async () => {
    const platform = await start();
    const writes = () => platform.asked().filter((one) => /^(POST|PATCH) .*\/issues/.test(one));
    await reconcile(platform);
    expect(writes()).toEqual([]);
    expect(platform.added).toContain("wake");
    platform.at(new Date(platform.now().getTime() + 6 * 60_000));
    await reconcile(platform);
    expect(writes()).toEqual(["POST /repos/{owner}/{repo}/issues"]);
    platform.at(new Date(platform.now().getTime() + 60 * 60_000));
    await reconcile(platform);
    platform.empty();
    await reconcile(platform);
    platform.at(new Date(platform.now().getTime() + 6 * 60_000));
    await reconcile(platform);
    expect(writes()).toEqual([]);
  });

  it("that somebody changed or closed is mended, although no delivery told of it", async () => {
    const platform = await start();
    const later = async (minutes: number) => {
      platform.at(new Date(platform.now().getTime() + minutes * 60_000));
      await reconcile(platform);
    };
    await later(0);
    await later(6);
    const row = platform.github.world.tables.issues.find(({ pullId }) => pullId === null);
    const written = row?.body;
    expect(written).toContain("sluice:seal");
    if (row !== undefined) Object.assign(row, { body: "Gone.", state: "closed" });
    await later(16);
    const [issue] = platform.github.world.tables.issues.filter(({ pullId }) => pullId === null);
    expect(issue).toMatchObject({ body: written, state: "open" });
  });

  it("that GitHub does not allow stops nothing else, and is said", async () => {
    const platform = await start();
    const route = "/repos/{owner}/{repo}/issues";
    const message = "Resource not accessible by integration";
    platform.github.faults([{ fault: "403", method: "POST", route, message, times: "always" }]);
    const stop = {
      kind: "hold",
      environment: "dev",
      service: null,
      by: "rita",
      reason: "",
    } as const;
    const added = await addStop(await platform.context(), { ...stop, at: new Date() });
    expect(added).toMatchObject({ kind: "refused", reason: "no-dashboard" });
    expect(await listStops(await platform.context())).toEqual([]);
    platform.at(new Date(platform.now().getTime() + 6 * 60_000));
    await reconcile(platform);
    platform.at(new Date(platform.now().getTime() + 6 * 60_000));
    expect(await reconcile(platform)).toEqual({ kind: "done" });
  });
});
