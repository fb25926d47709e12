import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { startGitHubSimulator } from "./server.ts";
import type { GitHubSimulator } from "./server.ts";
import { asInstallation, closeClean } from "./test-client.ts";
import type { Client } from "./test-client.ts";

/** Only a failing test waits so long. */
const WAIT = { timeout: 15_000 };

const REPO = "/repos/acme/gitops";
const PULLS = "/repos/{owner}/{repo}/pulls";

let github: GitHubSimulator;
let client: Client;

beforeAll(async () => {
  github = await startGitHubSimulator({
    seed: { owner: "acme", repositories: [{ name: "gitops", files: { a: "1" } }] },
  });
  client = await asInstallation(github);
});

afterEach(() => github.faults([]));
afterAll(() => closeClean(github));

let count = 0;

async function aBranch(): Promise<string> {
  count += 1;
  const branch = `x${count}`;
  await github.act.push({
    repository: "acme/gitops",
    user: "mona",
    branch,
    files: { [branch]: "1" },
  });
  return branch;
}

const open = (head: string) => client.post(`${REPO}/pulls`, { title: "T", head, base: "main" });
const opened = async (head: string) =>
  (await client.get(`${REPO}/pulls?head=acme:${head}&state=all`)).body.length as number;

/** The plan as the control port shows it to whoever kills a client while its request hangs. */
async function heldBy(simulator: GitHubSimulator): Promise<readonly { held: number }[]> {
  const answer = await fetch(`${simulator.control}/_sim/faults`);
  return (await answer.json()) as { held: number }[];
}

describe("a lost answer", () => {
  it.for([
    ["hang", 0],
    ["apply-then-hang", 1],
  ] as const)("%s: no answer ever, and %i was made", async ([fault, made]) => {
    const head = await aBranch();
    github.faults([
      { fault, method: "POST", route: PULLS, body: "another-branch" },
      { fault, method: "POST", route: PULLS, body: `"${head}"`, ms: 300 },
    ]);
    await expect(open(head)).rejects.toBeInstanceOf(TypeError);
    expect(await opened(head)).toBe(made);
    expect((await heldBy(github)).map(({ held }) => held)).toEqual([0, 1]);
  });

  it.for([
    ["reset-before", "thrown", 0],
    ["apply-then-reset", "thrown", 1],
    ["apply-then-502", 502, 1],
    ["502", 502, 0],
    ["409", 409, 0],
  ] as const)("%s: the client sees %s, and %i was made", async ([fault, seen, made]) => {
    const head = await aBranch();
    github.faults([{ fault, method: "POST", route: PULLS }]);
    const status = await open(head).then(
      (reply) => reply.status,
      () => "thrown",
    );
    expect([status, await opened(head)]).toEqual([seen, made]);
    expect((await open(head)).status).toBe(made === 1 ? 422 : 201);
    expect(github.requests().filter((r) => r.fault === fault)).toHaveLength(1);
  });

  it("can be one of several, by number and by path", async () => {
    github.faults([
      { fault: "503", method: "GET", route: "/repos/*/labels", nth: 2, times: 2 },
      { fault: "404", route: `${REPO}/branches`, times: "always" },
    ]);
    const statuses = [];
    for (const _ of [1, 2, 3, 4]) statuses.push((await client.get(`${REPO}/labels`)).status);
    expect(statuses).toEqual([200, 503, 503, 200]);
    expect((await client.get(`${REPO}/branches`)).status).toBe(404);
    expect((await client.get(`${REPO}/branches/main`)).status).toBe(200);
  });
});

describe("a slow or absent GitHub", () => {
  it("delays and hangs", async () => {
    github.faults([{ fault: "delay", ms: 60, route: REPO }]);
    const started = performance.now();
    expect((await client.get(REPO)).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThanOrEqual(55);
    github.faults([{ fault: "hang", route: REPO }]);
    const signal = AbortSignal.timeout(50);
    const headers = { authorization: `Bearer ${client.token}`, "user-agent": "contract-test" };
    await expect(fetch(github.url + REPO, { signal, headers })).rejects.toThrow("aborted");
    expect((await client.get(REPO)).status).toBe(200);
  });

  it("refuses connections for a while and is back on the same port", async () => {
    github.faults([{ fault: "refuse", ms: 150, route: REPO }]);
    await expect(client.get(REPO)).rejects.toThrow("fetch failed");
    const refused = await client.get(REPO).catch((error: Error) => error.cause);
    expect(refused).toMatchObject({ code: "ECONNREFUSED" });
    await expect
      .poll(async () => (await client.get(REPO).catch(() => undefined))?.status, WAIT)
      .toBe(200);
  });
});

describe("a limit", () => {
  it.for([
    ["403 with retry-after", { fault: "403", retryAfter: 7 }, { "retry-after": "7" }, "secondary"],
    ["429 with retry-after", { fault: "429", retryAfter: 7 }, { "retry-after": "7" }, "secondary"],
    ["403 without", { fault: "403" }, { "retry-after": null }, "secondary"],
    ["403 at the primary limit", { fault: "403", reset: 30 }, { "x-ratelimit-remaining": "0" }, ""],
    [
      "403 in other words",
      { fault: "403", message: "was submitted too quickly" },
      {},
      "too quickly",
    ],
  ] as const)("%s", async ([, rule, headers, message]) => {
    github.faults([{ ...rule, route: REPO }]);
    const reply = await client.get(REPO);
    expect(reply.status).toBe(Number(rule.fault));
    for (const [name, value] of Object.entries(headers)) {
      expect(reply.headers.get(name)).toBe(value);
    }
    expect(reply.body.message).toContain(message);
    expect((await client.get(REPO)).status).toBe(200);
  });
});

describe("an old answer", () => {
  it("shows neither the new pull request nor the new ref", async () => {
    const head = await aBranch();
    await expect.poll(async () => (await open(head)).status, WAIT).toBeLessThan(500);
    github.faults([
      { fault: "stale-read", ms: 60_000, route: PULLS },
      { fault: "stale-read", ms: 60_000, route: `${REPO}/git/ref/heads/${head}` },
    ]);
    expect(await opened(head)).toBe(0);
    expect((await client.get(`${REPO}/git/ref/heads/${head}`)).status).toBe(404);
    expect(await opened(head)).toBe(1);
    expect((await client.get(`${REPO}/git/ref/heads/${head}`)).status).toBe(200);
  });
});

it("keeps `mergeable` null as often as it is told", async () => {
  const { body } = await open(await aBranch());
  github.faults([{ fault: "mergeable-null", times: 30 }]);
  const path = `${REPO}/pulls/${body.number}`;
  for (let i = 0; i < 30; i += 1) expect((await client.get(path)).body.mergeable).toBe(null);
  await expect.poll(async () => (await client.get(path)).body.mergeable, WAIT).toBe(true);
});

it("refuses a plan that it does not understand", () => {
  expect(() => github.faults([{ fault: "explode" as never }])).toThrow('unknown fault "explode"');
});

it("lets a test look in between arrival and answer", async () => {
  const seen: string[] = [];
  github.onRequest((phase, { method, route }) => void seen.push(`${phase} ${method} ${route}`));
  await client.get(REPO);
  expect(seen).toEqual(["received GET /repos/{owner}/{repo}", "applied GET /repos/{owner}/{repo}"]);
});
