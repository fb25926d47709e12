import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

import { describe, expect, it } from "vitest";

import { checks } from "../../cluster/checks.ts";
import { createRun, type Ran, type Run, shown, words } from "../../cluster/run.ts";
import { verify } from "../../cluster/verify.ts";

const root = resolve(import.meta.dirname, "../..");
const ready = { conditions: [{ type: "Ready", status: "True" }] };
const unready = { phase: "Pending", conditions: [{ type: "Ready", status: "False" }] };

function named(name: string, status: object, namespace?: string): object {
  return { metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, status };
}
function list(...items: object[]): string {
  return JSON.stringify({ items });
}
function application(sync: string, health: string): object {
  return named("tenant-a-dev", { sync: { status: sync }, health: { status: health } });
}
function targets(...found: readonly [namespace: string, health: string][]): string {
  const activeTargets = found.map(([namespace, health]) => ({
    labels: { namespace, job: "a-job", instance: "10.0.0.1:8000" },
    health,
    lastError: health === "up" ? "" : "connection refused",
  }));
  return JSON.stringify({ data: { activeTargets } });
}
function datasource(type: string, isDefault: boolean): object {
  return { name: type, type, isDefault };
}

const grafana = [
  datasource("prometheus", true),
  datasource("loki", false),
  datasource("tempo", false),
];
/** What each check gets from a cluster that is well. */
const well: Readonly<Record<string, string>> = {
  nodes: list(named("a", ready), named("b", ready), named("c", ready)),
  pods: list(named("a", { phase: "Running", ...ready }), named("job", { phase: "Succeeded" })),
  "applications in sync and healthy": list(application("Synced", "Healthy")),
  "/metrics of a tenant": "# HELP x\nhttp_requests_total{} 1\n",
  "/metrics of Sluice": 'sluice_build_info{version="0.1.0"} 1\n',
  "Prometheus' targets": targets(["tenant-a-dev", "up"], ["sluice", "up"]),
  "logs in Loki": JSON.stringify({ status: "success", data: ["sluice", "tenant-a-dev"] }),
  "Grafana's datasources": JSON.stringify(grafana),
};

/** A cluster in which each check gets this answer. */
function aCluster(answers: Readonly<Record<string, string | Partial<Ran>>>): Run {
  return (command) => {
    const name = checks.find((check) => check.command === command)?.name ?? "";
    const answer = answers[name] ?? { code: 1, err: "not found" };
    const ran = typeof answer === "string" ? { out: answer } : answer;
    return Promise.resolve({ code: 0, out: "", err: "", ...ran });
  };
}

describe("verify", () => {
  it("is content with a cluster that is well", async () => {
    const said: string[] = [];
    expect(await verify(aCluster(well), (line) => said.push(line))).toBe(true);
    expect(said).toEqual(Object.keys(well).map((name) => `✓ ${name}`));
  });

  it.for([
    ["nodes", list(named("a", ready)), ["1 nodes, not 3"]],
    ["nodes", list(named("a", ready), named("b", ready), named("c", unready)), ["c is not ready"]],
    ["pods", list(), ["there are no pods"]],
    ["pods", list(named("b", unready, "a")), ["a/b is Pending and not ready"]],
    ["pods", list(named("b", {}, "a")), ["a/b is unknown and not ready"]],
    ["applications in sync and healthy", list(), ["there are no applications"]],
    [
      "applications in sync and healthy",
      list(application("OutOfSync", "Healthy")),
      ["tenant-a-dev is OutOfSync and Healthy"],
    ],
    ["applications in sync and healthy", list(named("new", {})), ["new is unknown and unknown"]],
    [
      "/metrics of a tenant",
      "# http_requests_total is not here\n",
      ["no http_requests_total in it"],
    ],
    ["/metrics of Sluice", "", ["no sluice_build_info in it"]],
    ["Prometheus' targets", targets(), ["no target in tenant-a-dev", "no target in sluice"]],
    [
      "Prometheus' targets",
      targets(["tenant-a-dev", "up"], ["sluice", "down"]),
      ["a-job at 10.0.0.1:8000 is down: connection refused"],
    ],
    ["Prometheus' targets", "{}", ["no target in tenant-a-dev", "no target in sluice"]],
    ["logs in Loki", '{"data":["sluice"]}', ["no lines of tenant-a-dev"]],
    ["logs in Loki", '{"status":"success"}', ["no lines of tenant-a-dev", "no lines of sluice"]],
    [
      "Grafana's datasources",
      "[]",
      ["no prometheus", "no loki", "no tempo", "0 default datasources, not one"],
    ],
    [
      "Grafana's datasources",
      JSON.stringify([...grafana, datasource("other", true)]),
      ["2 default datasources, not one"],
    ],
    [
      "Grafana's datasources",
      '{"message":"Unauthorized"}',
      ['Grafana answers {"message":"Unauthorized"}'],
    ],
    ["pods", "<html>", ["the answer cannot be read: <html>"]],
    ["pods", { code: 1, err: "forbidden\n" }, ["forbidden"]],
    ["pods", { code: 3 }, ["it ended with 3"]],
  ] as const)("finds of %s: %j", async ([name, answer, problems]) => {
    const said: string[] = [];
    expect(await verify(aCluster({ ...well, [name]: answer }), (line) => said.push(line))).toBe(
      false,
    );
    const at = said.indexOf(`✗ ${name}`);
    expect(said.slice(at + 1, at + 1 + problems.length)).toEqual(
      problems.map((each) => `    ${each}`),
    );
    expect(said[at + 1 + problems.length]).toMatch(/^ {4}asked by: kubectl --context kind-sluice /);
    // And goes on: the others are well.
    expect(said.filter((line) => line.startsWith("✓"))).toHaveLength(checks.length - 1);
  });

  it("asks what cluster/README.md prints, command by command", () => {
    const page = readFileSync(join(root, "cluster/README.md"), "utf8");
    const printed = [...page.matchAll(/^kubectl .+$/gm)].map(([line]) => line);
    expect(printed).toEqual(checks.map(({ command }) => shown(command)));
  });
});

describe("a program", () => {
  const run = createRun(root);

  it("gets its input, and gives code and both outputs", async () => {
    const script = 'process.stdin.pipe(process.stdout); console.error("e"); process.exitCode = 3';
    expect(await run([process.execPath, "-e", script], { input: "in" })).toEqual({
      code: 3,
      out: "in",
      err: "e\n",
    });
  });

  it("that is not there ends with 127", async () => {
    expect(await run(words("sluice-has-no-such-program"))).toMatchObject({ code: 127 });
  });

  it("that takes too long is ended", async () => {
    const ran = await run([process.execPath, "-e", "setInterval(() => {}, 1000)"], { within: 0.2 });
    expect(ran).toMatchObject({ code: 1, err: "\nended after 0.2 s" });
  });
});

it.for([[[]], [["sideways"]], [["up", "now"]], [["toString"]]] as const)(
  "npm run cluster with %j says how it is used",
  async ([args]) => {
    const asked = promisify(execFile)(process.execPath, ["cluster/cluster.ts", ...args], {
      cwd: root,
    });
    await expect(asked).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Usage:"),
    });
  },
);
