import { afterEach, describe, expect, it } from "vitest";

import { cutBytes } from "#adapters/github/check-runs/cut-bytes.ts";
import type { CheckReport } from "#ports/code-host.ts";

import { aGitHub, type AGitHub, connect, json, type Script } from "./a-github.ts";
import { memoryFacts } from "./support.ts";

type Run = Record<string, unknown> & { id: number; output: Record<string, unknown> };
type Sent = { status?: string; output?: { annotations?: unknown[] } } & Record<string, unknown>;

const revision = "a".repeat(40);
const open: AGitHub[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (github) => github.close()));
});

const report: CheckReport = {
  revision,
  name: "sluice/gates",
  externalId: "p1:1",
  status: "in_progress",
  conclusion: null,
  title: "waiting",
  summary: "soak",
  text: "",
};

/** As much of GitHub's check runs as is needed to see what was written. */
async function start(faults: Record<string, Script> = {}) {
  let now = Date.parse("2026-03-02T12:00:00Z");
  const clock = { now: () => new Date(now) };
  const runs = new Map<number, Run>();
  let count = 0;
  const write = (id: number, body: Sent): Run => {
    const { output, ...rest } = body;
    const before = runs.get(id);
    const annotations =
      Number(before?.output["annotations_count"] ?? 0) + (output?.annotations?.length ?? 0);
    const run: Run = {
      id,
      app: { id: 1 },
      conclusion: null,
      started_at: clock.now().toISOString(),
      completed_at: null,
      ...before,
      ...rest,
      output: {
        title: null,
        summary: null,
        text: null,
        ...before?.output,
        ...output,
        annotations_count: annotations,
      },
    };
    runs.set(id, run);
    return run;
  };
  const github = await aGitHub((asked, response) => {
    const { method, path } = asked;
    const body = asked.body as Sent;
    const fault = faults[method];
    const apply = (): Run | undefined => {
      if (method === "POST") return write((count += 1), body);
      const id = Number(path.split("/").at(-1));
      return runs.has(id) ? write(id, body) : undefined;
    };
    if (method === "GET") {
      const list = [...runs.values()];
      json(response, 200, { total_count: list.length, check_runs: list });
    } else {
      const run = apply();
      if (fault !== undefined) {
        delete faults[method];
        fault(asked, response);
      } else if (run === undefined) json(response, 404, { message: "Not Found" });
      else json(response, 201, run);
    }
  });
  open.push(github);
  const facts = memoryFacts();
  return {
    runs,
    facts,
    github,
    checks: connect(github.url, { facts, clock }).installation(7).checkRuns("acme/platform"),
    forgetful: () => connect(github.url, { clock }).installation(7).checkRuns("acme/platform"),
    passDays: (days: number) => {
      now += days * 24 * 3_600_000;
    },
    methods: () => github.asked.splice(0).map(({ method }) => method),
  };
}

describe("report", () => {
  it("looks once, creates, and then neither looks nor writes while nothing differs", async () => {
    const { checks, methods } = await start();
    await checks.report(report);
    expect(methods()).toEqual(["GET", "POST"]);
    const again = await checks.report(report);
    expect(again).toMatchObject({ id: 1, ours: true, title: "waiting" });
    expect(methods()).toEqual([]);
  });

  it("updates its own run without looking", async () => {
    const { checks, methods, runs } = await start();
    await checks.report(report);
    methods();
    await checks.report({ ...report, title: "ready" });
    expect(methods()).toEqual(["PATCH"]);
    expect([...runs.values()].map(({ output }) => output["title"])).toEqual(["ready"]);
  });

  it("finds its run again when the facts are gone, and writes nothing when it says the same", async () => {
    const { checks, forgetful, methods } = await start();
    await checks.report(report);
    methods();
    await forgetful().report(report);
    expect(methods()).toEqual(["GET"]);
  });

  it("does not reopen a completed run", async () => {
    const { checks, forgetful, runs } = await start();
    const done = { ...report, status: "completed", conclusion: "failure" } as const;
    await checks.report(done);
    await checks.report(report);
    await forgetful().report({ ...done, conclusion: "success" });
    expect([...runs.values()].map(({ status, conclusion }) => [status, conclusion])).toEqual([
      ["completed", "failure"],
      ["completed", "success"],
    ]);
  });

  it("makes a new run when its own is gone", async () => {
    const { checks, runs } = await start();
    await checks.report(report);
    runs.clear();
    await checks.report({ ...report, title: "ready" });
    expect([...runs.keys()]).toEqual([2]);
  });

  it("keeps the older of two that are open, and sets the other aside", async () => {
    const { checks, forgetful, runs } = await start();
    await checks.report(report);
    const [first] = [...runs.values()];
    if (first !== undefined) runs.set(9, { ...first, id: 9 });
    await forgetful().report({ ...report, title: "ready" });
    expect([...runs.values()].map((run) => [run.id, run["status"], run["external_id"]])).toEqual([
      [1, "in_progress", "p1:1"],
      [9, "completed", "double:p1:1"],
    ]);
  });

  it.for(["remembered", "forgotten"])(
    "renews before day 13 what is still open and %s",
    async (how) => {
      const { checks, forgetful, passDays, runs } = await start();
      const look = () => (how === "forgotten" ? forgetful() : checks).report(report);
      await look();
      passDays(12);
      await look();
      expect([...runs.keys()]).toEqual([1]);
      passDays(0.9);
      await look();
      await look();
      const states = [...runs.values()].map((run) => [run.id, run["status"], run["external_id"]]);
      expect(states).toEqual([
        [1, "completed", "double:p1:1"],
        [2, "in_progress", "p1:1"],
      ]);
    },
  );

  it("leaves what is completed as it is, however old", async () => {
    const { checks, passDays, runs, methods } = await start();
    const done = { ...report, status: "completed", conclusion: "success" } as const;
    await checks.report(done);
    methods();
    passDays(13);
    await checks.report(done);
    expect(methods()).toEqual([]);
    expect(runs.size).toBe(1);
  });

  it.for([
    ["502", (_asked, response) => json(response, 502, { message: "Bad Gateway" })],
    ["a reset", (_asked, response) => void response.socket?.destroy()],
  ] as readonly [string, Script][])("adopts what was created before %s", async ([, fault]) => {
    const { checks, runs } = await start({ POST: fault });
    expect(await checks.report(report)).toMatchObject({ id: 1 });
    expect(runs.size).toBe(1);
  });

  it("sends fifty annotations at a time, and each once", async () => {
    const { checks, forgetful, runs, methods } = await start();
    const annotations = Array.from({ length: 120 }, (_, index) => ({
      path: ".github/sluice.yaml",
      line: index + 1,
      level: "failure" as const,
      message: "wrong",
    }));
    await checks.report({ ...report, annotations });
    expect(methods()).toEqual(["GET", "POST", "PATCH", "PATCH"]);
    await checks.report({ ...report, title: "other", annotations });
    await forgetful().report({ ...report, title: "third", annotations });
    expect(runs.get(1)?.output["annotations_count"]).toBe(120);
  });

  it("cuts to GitHub's bytes", async () => {
    const { checks, runs } = await start();
    await checks.report({ ...report, summary: "é".repeat(50_000), text: "🚀".repeat(20_000) });
    for (const field of ["summary", "text"]) {
      const said = String(runs.get(1)?.output[field]);
      expect(Buffer.byteLength(said)).toBeLessThanOrEqual(65_535);
      expect(said).toMatch(/cut here/u);
      expect(said).not.toContain("\uFFFD");
    }
  });
});

describe("cutting", () => {
  it("leaves what fits, and never cuts a character", () => {
    expect(cutBytes("é".repeat(50), 100)).toBe("é".repeat(50));
    for (let limit = 100; limit < 110; limit += 1) {
      const cut = cutBytes("🚀".repeat(60), limit);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(limit);
      expect(cut).not.toContain("\uFFFD");
    }
  });
});
