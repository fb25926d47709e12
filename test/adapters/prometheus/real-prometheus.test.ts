import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { connectPrometheus } from "#adapters/prometheus/connect-prometheus.ts";
import { fillQuery } from "#core/measurement.ts";
import { parsePolicy } from "#core/policy-parse.ts";

import { findOnPath } from "../../setup/find-on-path.ts";
import { noTracer, silentLog } from "../github/support.ts";

const program = await findOnPath("prometheus");

/** The simulated answers of the test beside this one are only worth something if a real one gives the same. */
describe.skipIf(program === null)("a real Prometheus", () => {
  let process_: ChildProcess;
  let folder = "";
  let url = "";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sluice-prometheus-"));
    await writeFile(join(folder, "prometheus.yml"), "scrape_configs: []\n");
    const options = [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      "--web.listen-address=127.0.0.1:0",
    ];
    process_ = spawn(program ?? "", options, { stdio: ["ignore", "ignore", "pipe"] });
    url = await new Promise((resolve, reject) => {
      let said = "";
      process_.stderr?.on("data", (part: Buffer) => {
        said += part.toString();
        const address = /msg="Listening on" address=(127\.0\.0\.1:\d+)/.exec(said)?.[1];
        if (address !== undefined && said.includes("Server is ready to receive web requests"))
          resolve(`http://${address}`);
      });
      process_.on("exit", () => reject(new Error(said)));
      process_.on("error", reject);
    });
  });

  afterAll(async () => {
    const ended = new Promise((resolve) => process_.on("exit", resolve));
    process_.kill();
    await ended;
    await rm(folder, { recursive: true });
  });

  it.for([
    ["0.07", { kind: "value", value: 0.07 }],
    ["vector(0.07)", { kind: "value", value: 0.07 }],
    ["sum(vector(1)) * 1e6", { kind: "value", value: 1_000_000 }],
    ["up", { reason: "no-data" }],
    ["up or vector(0)", { kind: "value", value: 0 }],
    ['vector(1) or label_replace(vector(2), "a", "b", "", "")', { reason: "several-series" }],
    ["vector(0) / vector(0)", { reason: "not-a-number" }],
    ["vector(1) / vector(0)", { reason: "not-a-number" }],
    ["vector(1)[5m:1m]", { reason: "no-number" }],
    ['"text"', { reason: "no-number" }],
    ["sum(", { reason: "query-failed" }],
    ["", { reason: "query-failed" }],
  ] as const)("%s", async ([query, expected]) => {
    const prometheus = connectPrometheus({
      url,
      log: silentLog,
      tracer: noTracer,
      redact: (text) => text,
    });
    expect(await prometheus.measure(query)).toMatchObject(expected);
  });

  it("understands every query of the example policy", async () => {
    const file = new URL("../../fixtures/policy/valid/every-gate.yaml", import.meta.url);
    const parsed = parsePolicy(await readFile(file, "utf8"), { repository: "acme/platform" });
    if (parsed.kind !== "policy") throw new Error("the example is no policy");
    const gates = parsed.policy.environments.flatMap((environment) => environment.gates);
    const queries = gates.flatMap((gate) => ("query" in gate ? [gate.query] : []));
    const values = { environment: "staging", service: "demo-api", tenants: "a|b", window: "30d" };
    const settings = { url, log: silentLog, tracer: noTracer, redact: (text: string) => text };
    const prometheus = connectPrometheus(settings);
    const answers = await Promise.all(
      queries.map((query) => prometheus.measure(fillQuery(query, values))),
    );
    expect(answers).toHaveLength(4);
    expect(answers).toMatchObject(queries.map(() => ({ reason: "no-data" })));
  });

  it("under another path is a strange answer", async () => {
    const settings = { url: `${url}/elsewhere`, log: silentLog, tracer: noTracer };
    const prometheus = connectPrometheus({ ...settings, redact: (text) => text });
    expect(await prometheus.measure("1")).toMatchObject({ reason: "strange-answer" });
  });
});
