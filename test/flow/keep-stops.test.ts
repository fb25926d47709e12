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
});
