import { afterEach, describe, expect, it } from "vitest";

import { readEvent } from "#adapters/github/read-event.ts";
import { renderTick, type Tick } from "#core/dashboard-tick.ts";
import { answerTick } from "#flow/answer-tick.ts";
import { findDashboard } from "#flow/dashboard-issue.ts";
import { jobHandlers } from "#flow/handle-jobs.ts";
import { listStops } from "#flow/keep-stops.ts";

import { aPlatform, jobContext } from "./a-platform.ts";

type Platform = Awaited<ReturnType<typeof aPlatform>>;

const open: Platform[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((platform) => platform.close()));
});

/** A platform whose dashboard stands there. */
async function start(): Promise<Platform> {
  const platform = await aPlatform();
  open.push(platform);
  await later(platform, 0);
  await later(platform, 6);
  expect(await bodyOf(platform)).toContain("Put `prod` on hold");
  return platform;
}

/** Reconciles some minutes later. */
async function later(platform: Platform, minutes: number): Promise<void> {
  platform.at(new Date(platform.now().getTime() + minutes * 60_000));
  const readers = { github: never, registry: never, argocd: never };
  await jobHandlers(platform.deps, readers).reconcile(platform.job, jobContext);
}

function never(): never {
  throw new Error("no delivery is read here");
}

async function bodyOf(platform: Platform): Promise<string> {
  return (await findDashboard(await platform.context()))?.body ?? "";
}

/** Ticks a box as a person; `hear` brings the delivery of it. */
async function tick(platform: Platform, user: string, wanted: Tick) {
  const { github, deps, job } = platform;
  const { number = 0, body: before = "" } = (await findDashboard(await platform.context())) ?? {};
  const id = renderTick(wanted, "").slice("- [ ] ".length).trim();
  const lines = before.split("\n");
  const body = lines.map((line) => (line.endsWith(id) ? line.replace("[ ]", "[x]") : line));
  expect(body).not.toEqual(lines);
  const edited = { repository: "acme/platform", number, user, body: body.join("\n") };
  await github.act["edit-issue"](edited);
  const delivery = github.deliveries().findLast(({ event }) => event === "issues");
  const { event } = readEvent("issues", delivery?.payload, github.appId);
  if (event.kind !== "issue.edited") throw new Error(event.kind);
  return { hear: async () => answerTick(deps, job.installation, event, jobContext) };
}

const hold = { kind: "hold", environment: "prod" } as const;
const freeze = { kind: "freeze", environment: "dev" } as const;
const note = "**Not heard:**";

describe("a tick whose delivery was lost", () => {
  it("is done for nobody, and said on the dashboard until it is ticked again", async () => {
    const platform = await start();
    await tick(platform, "mona", hold);
    await later(platform, 16);
    const body = await bodyOf(platform);
    expect(body).not.toContain("[x]");
    expect(body).toContain(note);
    expect(body).toContain("put `prod` on hold");
    expect(await listStops(await platform.context())).toEqual([]);
    platform.asked();
    await later(platform, 1);
    expect(platform.asked().filter((one) => one.startsWith("PATCH"))).toEqual([]);

    const { hear } = await tick(platform, "mona", hold);
    await hear();
    await later(platform, 0);
    const after = await bodyOf(platform);
    expect(after).toContain("**On hold:** `prod`, by mona");
    expect(after).not.toContain(note);
  });

  it("is done after all where the delivery was only late", async () => {
    const platform = await start();
    const { hear } = await tick(platform, "mona", hold);
    await later(platform, 16);
    expect(await bodyOf(platform)).toContain(note);
    await hear();
    await later(platform, 0);
    expect(await listStops(await platform.context())).toMatchObject([{ by: "mona" }]);
    expect(await bodyOf(platform)).not.toContain(note);
  });

  it("is named beside another one that was heard", async () => {
    const platform = await start();
    await tick(platform, "mona", freeze);
    const { hear } = await tick(platform, "mona", hold);
    await hear();
    await later(platform, 0);
    const body = await bodyOf(platform);
    expect(body).toContain("**On hold:** `prod`, by mona");
    expect(/\*\*Not heard:\*\*.*/.exec(body)?.[0]).toContain("freeze `dev`");
    expect(/\*\*Not heard:\*\*.*/.exec(body)?.[0]).not.toContain("prod");
  });

  it("is said for a day", async () => {
    const platform = await start();
    await tick(platform, "mona", hold);
    await later(platform, 16);
    await later(platform, 23 * 60);
    expect(await bodyOf(platform)).toContain(note);
    await later(platform, 2 * 60);
    expect(await bodyOf(platform)).not.toContain(note);
  });
});

it("a tick that was heard is said by what it did, and one that was refused by the answer", async () => {
  const platform = await start();
  for (const user of ["bob", "mona"]) {
    const { hear } = await tick(platform, user, hold);
    await hear();
    await later(platform, 0);
    expect(await bodyOf(platform)).not.toContain(note);
  }
  expect(await listStops(await platform.context())).toMatchObject([{ by: "mona" }]);
});

it("a tick that was heard stays so when the dashboard could not be written", async () => {
  const platform = await start();
  const { hear } = await tick(platform, "mona", hold);
  await hear();
  const route = "/repos/{owner}/{repo}/issues/{issue_number}";
  platform.github.faults([{ fault: "503", method: "PATCH", route, times: 1 }]);
  await expect(later(platform, 0)).rejects.toMatchObject({ code: "github.unavailable" });
  expect(await bodyOf(platform)).toContain("[x]");
  await later(platform, 0);
  expect(await bodyOf(platform)).not.toContain("[x]");
  expect(await bodyOf(platform)).not.toContain(note);
});
