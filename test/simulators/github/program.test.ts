import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { Contract } from "./openapi/contract.ts";
import { appJwt, clientOf } from "./test-client.ts";

type Line = {
  url: string;
  control: string;
  git: string;
  appId: number;
  privateKeyPath: string;
  webhookSecret: string;
  installationId: number;
};

let folder: string;
let running: ChildProcess | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "github-program-"));
  const seed = { owner: "acme", repositories: [{ name: "gitops", files: { a: "1" } }] };
  writeFileSync(join(folder, "seed.json"), JSON.stringify(seed));
});

afterAll(() => {
  running?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<Line> {
  const args = ["--port", "0", "--control-port", "0", "--data", join(folder, "data")];
  const program = join(import.meta.dirname, "main.ts");
  running = spawn(process.execPath, [program, ...args, "--seed", join(folder, "seed.json")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: running.stdout! });
  const [line] = (await new Promise<string[]>((resolve) =>
    lines.once("line", (l) => resolve([l])),
  )) as [string];
  return JSON.parse(line) as Line;
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  const child = running!;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await ended;
}

async function tokenClient(line: Line) {
  const privateKey = readFileSync(line.privateKeyPath, "utf8");
  const jwt = clientOf(line.url, appJwt({ appId: line.appId, privateKey }));
  const reply = await jwt.post(`/app/installations/${line.installationId}/access_tokens`);
  return clientOf(line.url, reply.body.token);
}

const control = async (line: Line, path: string, body?: object) => {
  const options = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const reply = await fetch(`${line.control}/_sim/${path}`, options);
  return { status: reply.status, body: (await reply.json()) as never };
};

describe("the program", () => {
  it("prints one line, is told what people do, and goes on after a kill where it was", async () => {
    const first = await start();
    expect(Object.keys(first)).toEqual([
      "url",
      "control",
      "git",
      "appId",
      "privateKeyPath",
      "webhookSecret",
      "installationId",
    ]);
    const client = await tokenClient(first);
    const place = { repository: "acme/gitops", user: "mona" };
    const pushed = await control(first, "push", {
      ...place,
      branch: "x",
      files: { b: "1" },
      message: "m",
    });
    const { sha } = pushed.body as { sha: string };
    const pull = { title: "T", head: "x", base: "main" };
    expect((await client.post("/repos/acme/gitops/pulls", pull)).status).toBe(201);
    await control(first, "comment", { ...place, number: 1, body: "hi" });
    const publish = { repository: "acme/gitops", image: "ghcr.io/acme/a", tag: "t", revision: sha };
    expect((await control(first, "publish", publish)).status).toBe(200);
    expect((await control(first, "requests")).body).toMatchObject([
      { method: "POST", route: "/app/installations/{installation_id}/access_tokens" },
      {
        method: "POST",
        route: "/repos/{owner}/{repo}/pulls",
        status: 201,
        points: 5,
        contentCreating: true,
      },
    ]);
    expect((await control(first, "requests?since=1")).body).toHaveLength(1);
    expect((await control(first, "deliveries")).body).toMatchObject([
      { event: "create" },
      {},
      {},
      {},
      {},
      {},
      {},
      {},
    ]);
    expect((await control(first, "violations")).body).toEqual([]);
    expect((await control(first, "faults", { rules: [{ fault: "nope" }] })).status).toBe(400);
    expect((await control(first, "nope", {})).status).toBe(404);
    expect((await control(first, "comment", { ...place, number: 99, body: "x" })).status).toBe(404);
    await stop("SIGKILL");

    const second = await start();
    expect(second).toMatchObject({ appId: first.appId, webhookSecret: first.webhookSecret });
    // Tokens outlive the restart, as GitHub's do.
    const again = clientOf(second.url, client.token);
    const { body } = await again.get("/repos/acme/gitops/pulls/1");
    expect(body).toMatchObject({ title: "T", head: { sha }, comments: 1 });
    const merged = await control(second, "merge", { ...place, user: "acme", number: 1 });
    expect(merged.status).toBe(200);
    await stop("SIGTERM");
  });
});

describe("the contract", () => {
  it("sees an answer and a delivery that do not fit", () => {
    const contract = new Contract(true);
    contract.checkAnswer("GET", "/repos/{owner}/{repo}/git/ref/{ref}", {
      status: 200,
      body: { ref: "refs/heads/main", node_id: 7, url: "http://x", object: {} },
    });
    contract.checkAnswer("POST", "/repos/{owner}/{repo}/pulls", { status: 200, body: {} });
    contract.checkDelivery("push", null, { ref: "refs/heads/main" });
    const [ref, pulls, push] = contract.settle();
    expect(ref?.problems.map((p) => p.path)).toEqual([
      "/node_id",
      "/object/type",
      "/object/sha",
      "/object/url",
    ]);
    expect(pulls).toMatchObject({ status: 200, problems: [{ message: "not documented" }] });
    expect(push?.problems.map((p) => p.path)).toContain("/after");
  });
});
