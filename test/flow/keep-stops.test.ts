import { afterEach, describe, expect, it } from "vitest";

import { dashboardMarker } from "#core/dashboard-text.ts";
import { renderStops } from "#core/stop.ts";
import { addStop, listStops, removeStop } from "#flow/keep-stops.ts";

import { aPlatform } from "./a-platform.ts";

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

const hold = {
  kind: "hold",
  environment: "prod",
  service: "demo-api",
  by: "mona",
  reason: "looks odd",
} as const;

function minutesAgo(minutes: number): Date {
  return new Date(Date.now() - minutes * 60_000);
}

function dashboards({ github }: Platform) {
  return github.world.tables.issues.filter(({ pullId }) => pullId === null);
}

describe("stops", () => {
  it("open the dashboard when they are first needed, and survive an emptied memory", async () => {
    const platform = await start();
    expect(await listStops(await platform.context())).toEqual([]);
    expect(dashboards(platform)).toEqual([]);
    const stop = { ...hold, at: minutesAgo(5) };
    expect(await addStop(await platform.context(), stop)).toEqual({ kind: "kept" });
    expect(await addStop(await platform.context(), stop)).toEqual({ kind: "kept" });
    platform.empty();
    expect(await listStops(await platform.context())).toEqual([stop]);
    expect(dashboards(platform)).toHaveLength(1);
    const context = await platform.context();
    expect(await removeStop(context, { ...hold, at: new Date() })).toEqual(stop);
    expect(await removeStop(context, { ...hold, at: new Date() })).toBeNull();
    platform.empty();
    expect(await listStops(await platform.context())).toEqual([]);
  });

  it("cost one read of the memory where nothing changed", async () => {
    const platform = await start();
    await addStop(await platform.context(), { ...hold, at: minutesAgo(5) });
    platform.asked();
    await listStops(await platform.context());
    expect(platform.asked()).toEqual([]);
  });

  it("that are set at the same time all stand on one issue", async () => {
    const platform = await start();
    const environments = ["dev", "staging", "prod"];
    await Promise.all(
      environments.map(async (environment) =>
        addStop(await platform.context(), { ...hold, environment, at: minutesAgo(5) }),
      ),
    );
    platform.empty();
    const stops = await listStops(await platform.context());
    expect(stops.map(({ environment }) => environment).toSorted()).toEqual(environments.toSorted());
    const opened = dashboards(platform).filter(({ state }) => state === "open");
    expect(opened).toHaveLength(1);
  });

  it("are kept when GitHub's answer to the opening was lost", async () => {
    const platform = await start();
    const route = "/repos/{owner}/{repo}/issues";
    platform.github.faults([{ fault: "apply-then-502", method: "POST", route }]);
    await addStop(await platform.context(), { ...hold, at: minutesAgo(5) });
    expect(dashboards(platform)).toHaveLength(1);
    platform.empty();
    expect(await listStops(await platform.context())).toHaveLength(1);
  });

  it("are read from no issue of anybody else, whatever it holds", async () => {
    const platform = await start();
    const stop = { ...hold, at: minutesAgo(5) };
    const body = `${dashboardMarker}\n\n${renderStops({ stops: [stop], lifted: {} })}`;
    await platform.github.act["open-issue"]({
      repository: "acme/platform",
      user: "bob",
      title: "Sluice dashboard",
      body,
    });
    expect(await listStops(await platform.context())).toEqual([]);
  });

  it("of two dashboards are put together on the older one, and the other is closed", async () => {
    const platform = await start();
    const first = await platform.context();
    await addStop(first, { ...hold, at: minutesAgo(5) });
    const other = { ...hold, environment: "dev", at: minutesAgo(5) };
    const body = `${dashboardMarker}\n\n${renderStops({ stops: [other], lifted: {} })}`;
    const title = "Sluice dashboard";
    const labels = ["sluice-dashboard"];
    const double = await first.issues.open({ title, body, labels, marker: "other" });
    platform.empty();
    expect(await listStops(await platform.context())).toHaveLength(2);
    const [kept, closed] = dashboards(platform);
    expect(closed).toMatchObject({ number: double.number, state: "closed" });
    expect(closed?.body).toContain(`#${kept?.number}`);
    expect(closed?.body).not.toContain(dashboardMarker);
    platform.empty();
    expect(await listStops(await platform.context())).toHaveLength(2);
  });

  it("that somebody else wrote into the record stand, what it says was lifted does not count", async () => {
    const platform = await start();
    await addStop(await platform.context(), { ...hold, at: minutesAgo(5) });
    const future = new Date(Date.now() + 3_600_000);
    const forged = { stops: [{ ...hold, at: future }], lifted: { "freeze/prod": future } };
    for (const row of dashboards(platform))
      row.body = (row.body ?? "").replace(/<!-- sluice:v1 .* -->/u, renderStops(forged));
    platform.empty();
    platform.at(new Date());
    const context = await platform.context();
    expect(await listStops(context)).toEqual([{ ...hold, at: context.now }]);
    const freeze = { kind: "freeze", environment: "prod", until: null, by: "mona" } as const;
    const at = new Date();
    expect(await addStop(context, { ...freeze, at, reason: "sale" })).toEqual({ kind: "kept" });
    expect(await removeStop(context, { ...hold, at })).not.toBeNull();
    platform.empty();
    expect(await listStops(await platform.context())).toMatchObject([{ kind: "freeze" }]);
  });

  it("are found although somebody took the marker out of the issue", async () => {
    const platform = await start();
    await addStop(await platform.context(), { ...hold, at: minutesAgo(5) });
    for (const row of dashboards(platform))
      row.body = (row.body ?? "").replace(dashboardMarker, "");
    for (const row of dashboards(platform))
      row.body = (row.body ?? "").replace(/<!-- sluice:seal .* -->/u, "");
    platform.empty();
    expect(await listStops(await platform.context())).toHaveLength(1);
    const other = { ...hold, environment: "dev", at: minutesAgo(5) };
    await addStop(await platform.context(), other);
    platform.empty();
    expect(await listStops(await platform.context())).toHaveLength(2);
    expect(dashboards(platform)).toHaveLength(1);
  });

  it("that do not stand after all are said so", async () => {
    const platform = await start();
    const context = await platform.context();
    const freeze = { kind: "freeze", environment: "prod", by: "mona", reason: "sale" } as const;
    const until = new Date(Date.now() + 3_600_000);
    await addStop(context, { ...freeze, until: null, at: minutesAgo(5) });
    const shorter = await addStop(context, { ...freeze, by: "bob", until, at: minutesAgo(1) });
    expect(shorter).toMatchObject({ kind: "refused", reason: "longer-freeze" });
    expect(await listStops(context)).toMatchObject([{ until: null, by: "mona" }]);
    await removeStop(context, { ...freeze, at: new Date() });
    const late = await addStop(context, { ...freeze, until, at: minutesAgo(1) });
    expect(late).toMatchObject({ kind: "refused", reason: "lifted-since" });
    expect(await listStops(context)).toEqual([]);
  });

  it("stand on an open issue: one that somebody closed is opened again", async () => {
    const platform = await start();
    await addStop(await platform.context(), { ...hold, at: minutesAgo(5) });
    for (const row of dashboards(platform)) row.state = "closed";
    const other = { ...hold, environment: "dev", at: minutesAgo(5) };
    await addStop(await platform.context(), other);
    expect(dashboards(platform).map(({ state }) => state)).toEqual(["open"]);
  });
});
