import { afterEach, expect, it } from "vitest";

import { createPrometheusMeter } from "#adapters/prometheus/prometheus-meter.ts";
import { measureStreams } from "#flow/measure-streams.ts";

import { aStream, aStreamState } from "../builders.ts";
import { aPlatform } from "./a-platform.ts";

type Platform = Awaited<ReturnType<typeof aPlatform>>;

const open: Platform[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((platform) => platform.close()));
});

it("has every result of promotions at 0 before the first, and takes back none", async () => {
  const platform = await aPlatform();
  open.push(platform);
  const meter = createPrometheusMeter({ version: "1" }, { processMetrics: false });
  const context = { ...(await platform.context()), deps: { ...platform.deps, meter } };
  const states = [aStreamState(aStream({ environment: "prod" }), [])];
  const plan = { streams: [], questions: [], asking: new Set<string>() };
  const counted = async () =>
    (await meter.expose()).text.split("\n").filter((line) => line.startsWith("sluice_promotions_"));
  await measureStreams(context, states, plan, []);
  const results = ["opened", "merged", "verified", "failed", "timed-out", "superseded"];
  expect(await counted()).toEqual(
    results.map((result) => `sluice_promotions_total{environment="prod",result="${result}"} 0`),
  );
  meter.count("promotions_total", { environment: "prod", result: "verified" });
  await measureStreams(context, states, plan, []);
  expect(await counted()).toContain(
    'sluice_promotions_total{environment="prod",result="verified"} 1',
  );
});
