import { afterEach, describe, expect, it } from "vitest";

import { documentedLimits } from "./limits.ts";
import { startGitHubSimulator } from "./server.ts";
import type { GitHubSimulator, GitHubSimulatorOptions } from "./server.ts";
import { appJwt, clientOf, closeClean } from "./test-client.ts";
import type { Client } from "./test-client.ts";

const REPO = "/repos/acme/gitops";
const START = Date.parse("2026-06-01T12:00:00Z");

let github: GitHubSimulator;
let now = START;

async function start(limits: GitHubSimulatorOptions["limits"]): Promise<Client> {
  now = START;
  github = await startGitHubSimulator({
    clock: () => now,
    ...(limits === undefined ? {} : { limits }),
    seed: { owner: "acme", repositories: [{ name: "gitops", files: { a: "1" } }] },
  });
  return fresh();
}

/** A client with a token that was made now. */
async function fresh(): Promise<Client> {
  const jwt = clientOf(github.url, appJwt(github, { now: now / 1000 }));
  const reply = await jwt.post(`/app/installations/${github.installationId}/access_tokens`);
  return clientOf(github.url, reply.body.token);
}

afterEach(() => closeClean(github));

describe("the primary limit", () => {
  it("is announced, and a 304 does not count", async () => {
    const client = await start({});
    const first = await client.get(REPO);
    expect(first.headers.get("x-ratelimit-limit")).toBe("5000");
    expect(first.headers.get("x-ratelimit-remaining")).toBe("4999");
    expect(first.headers.get("x-ratelimit-reset")).toBe(String(START / 1000 + 3600));
    const etag = first.headers.get("etag") ?? "";
    const second = await client.get(REPO, { "if-none-match": etag });
    expect([second.status, second.text]).toEqual([304, ""]);
    expect(second.headers.get("x-ratelimit-remaining")).toBe("4999");
    expect((await client.get("/rate_limit")).body.rate).toMatchObject({ used: 1, remaining: 4999 });
  });

  it("refuses with 403 until the window ends", async () => {
    const client = await start({ primary: 3 });
    for (const _ of [1, 2, 3]) expect((await client.get(REPO)).status).toBe(200);
    const refused = await client.get(REPO);
    expect(refused.status).toBe(403);
    expect(refused.body.message).toBe(
      `API rate limit exceeded for installation ID ${github.installationId}.`,
    );
    expect(refused.headers.get("x-ratelimit-remaining")).toBe("0");
    now += 3_600_000 - 1;
    expect((await client.get(REPO)).status).toBe(403);
    now += 1;
    expect((await (await fresh()).get(REPO)).status).toBe(200);
  });
});

describe("the secondary limits", () => {
  it("are GitHub's documented ones", () => {
    expect(documentedLimits).toMatchObject({
      primary: 5_000,
      pointsPerMinute: 900,
      graphqlPointsPerMinute: 2_000,
      contentPerMinute: 80,
      contentPerHour: 500,
      concurrent: 100,
    });
  });

  it("count 1 a read and 5 a write, and block everything for a while", async () => {
    const client = await start({ pointsPerMinute: 12 });
    await client.post(`${REPO}/labels`, { name: "a", color: "ffffff" });
    await client.post(`${REPO}/labels`, { name: "b", color: "ffffff" });
    await client.get(REPO);
    await client.get(REPO);
    const refused = await client.get(REPO);
    expect(refused.status).toBe(403);
    expect(refused.body.message).toContain("secondary rate limit");
    expect(refused.headers.get("retry-after")).toBe("60");
    expect(
      github
        .requests()
        .slice(1)
        .map(({ points }) => points),
    ).toEqual([5, 5, 1, 1, 0]);
    now += 30_000;
    expect((await client.get(REPO)).headers.get("retry-after")).toBe("30");
    now += 31_000;
    expect((await client.get(REPO)).status).toBe(200);
  });

  it("allow so many new comments a minute and an hour", async () => {
    const client = await start({ contentPerMinute: 2, contentPerHour: 3 });
    await client.post(`${REPO}/issues`, { title: "t" });
    const comment = () => client.post(`${REPO}/issues/1/comments`, { body: "x" });
    expect((await comment()).status).toBe(201);
    const refused = await comment();
    expect(refused.status).toBe(403);
    expect(refused.body.message).toContain("temporarily blocked from content creation");
    // Other requests go on.
    expect((await client.get(REPO)).status).toBe(200);
    now += 61_000;
    expect((await comment()).status).toBe(201);
    now += 61_000;
    expect((await comment()).status).toBe(403);
    expect(github.requests().filter((r) => r.contentCreating)).toHaveLength(5);
  });

  it("allow so many requests at once", async () => {
    const client = await start({ concurrent: 5 });
    github.latency(0);
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, i) => client.post(`${REPO}/labels`, { name: `l${i}` })),
    );
    const statuses = replies.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201).length).toBeGreaterThanOrEqual(5);
    for (const { status, body } of replies) {
      if (status !== 201) expect(body.message).toContain("secondary rate limit");
    }
  });

  it("of GraphQL are a pool of their own", async () => {
    const client = await start({ graphqlPointsPerMinute: 2, pointsPerMinute: 900 });
    const query = { query: "{ viewer { login } }" };
    expect((await client.post("/graphql", query)).body.data.viewer.login).toBe("sluice[bot]");
    const second = await client.post("/graphql", query);
    expect(second.headers.get("x-ratelimit-resource")).toBe("graphql");
    expect((await client.post("/graphql", query)).status).toBe(403);
  });
});
