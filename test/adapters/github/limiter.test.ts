import { afterEach, describe, expect, it } from "vitest";

import { GitHubFault } from "#adapters/github/requests/errors.ts";

import { aGitHub, type AGitHub, connect, json, type Script } from "./a-github.ts";
import { memoryFacts } from "./support.ts";

const sha = "a".repeat(40);
const open: AGitHub[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (github) => github.close()));
});

async function start(script: Script): Promise<AGitHub> {
  const github = await aGitHub(script);
  open.push(github);
  return github;
}

function aClock() {
  let now = Date.parse("2026-11-21T10:00:00Z");
  return { now: () => new Date(now), pass: (ms: number) => (now += ms) };
}

const ref: Script = (_asked, response) => json(response, 200, { object: { sha } });

async function faultOf(work: Promise<unknown>): Promise<GitHubFault> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  if (error instanceof GitHubFault) return error;
  throw new Error("no fault", { cause: error });
}

describe("the limiter", () => {
  it("makes no call inside the window that GitHub named, in any replica, after any restart", async () => {
    let limited = true;
    const github = await start((asked, response) => {
      if (limited)
        json(response, 403, { message: "secondary rate limit" }, { "retry-after": "30" });
      else ref(asked, response);
    });
    const clock = aClock();
    const facts = memoryFacts();
    const repo = () =>
      connect(github.url, { facts, clock }).installation(7).repository("acme/platform");
    await faultOf(repo().branch("main"));
    limited = false;
    const until = new Date(clock.now().getTime() + 30_000);
    for (const step of [0, 10_000, 17_000]) {
      clock.pass(step);
      const fault = await faultOf(repo().branch("main"));
      expect(fault).toMatchObject({ code: "github.limited", retryable: true, retryAt: until });
    }
    expect(github.asked).toHaveLength(1);
    clock.pass(3000);
    expect(await repo().branch("main")).toBe(sha);
  });

  it("leaves other installations alone", async () => {
    const github = await start((asked, response) => {
      if (asked.path.includes("limited")) json(response, 429, { message: "slow down" });
      else ref(asked, response);
    });
    const host = connect(github.url);
    await faultOf(host.installation(7).repository("acme/limited").branch("main"));
    expect(await host.installation(8).repository("acme/platform").branch("main")).toBe(sha);
    const fault = await faultOf(host.installation(7).repository("acme/platform").branch("main"));
    expect(fault.code).toBe("github.limited");
  });

  it("stops before the primary limit refuses, when nothing remains", async () => {
    const clock = aClock();
    const reset = clock.now().getTime() / 1000 + 600;
    const github = await start((_asked, response) =>
      json(
        response,
        200,
        { object: { sha } },
        {
          "x-ratelimit-remaining": "0",
          "x-ratelimit-reset": String(reset),
          date: clock.now().toUTCString(),
        },
      ),
    );
    const repo = connect(github.url, { clock }).installation(7).repository("acme/platform");
    expect(await repo.branch("main")).toBe(sha);
    const fault = await faultOf(repo.branch("main"));
    expect(fault.retryAt).toEqual(new Date(reset * 1000 + 1000));
    expect(github.asked).toHaveLength(1);
  });

  it("spends one budget in two replicas, and says when there is more", async () => {
    const clock = aClock();
    const facts = memoryFacts();
    const github = await start(ref);
    const replicas = [1, 2].map(() =>
      connect(github.url, { clock, facts }).installation(7).repository("acme/platform"),
    );
    const asked = await Promise.allSettled(
      Array.from({ length: 1000 }, async (_, index) => replicas[index % 2]?.branch(`b${index}`)),
    );
    expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(840);
    expect(github.asked).toHaveLength(840);
    const refused = asked.find((each) => each.status === "rejected");
    const retryAt = new Date(Date.parse("2026-11-21T10:01:02Z"));
    expect(refused).toMatchObject({ reason: { code: "github.limited", retryAt } });
    // Whoever wrote a command is heard all the same.
    const conversation = connect(github.url, { clock, facts })
      .installation(7)
      .conversation("acme/platform");
    await conversation.react(1, "eyes");
    expect(github.asked).toHaveLength(841);
    clock.pass(62_000);
    expect(await replicas[0]?.branch("main")).toBe(sha);
  });

  it("has at most ten calls under way", async () => {
    let running = 0;
    let most = 0;
    const github = await start((_asked, response) => {
      running += 1;
      most = Math.max(most, running);
      setTimeout(() => {
        running -= 1;
        json(response, 200, { object: { sha } });
      }, 5);
    });
    const repo = connect(github.url).installation(7).repository("acme/platform");
    await Promise.all(Array.from({ length: 60 }, async (_, index) => repo.branch(`b${index}`)));
    expect(most).toBe(10);
  });

  it("lets a reaction through while all the others wait", async () => {
    const answered = Promise.withResolvers<void>();
    const github = await start((asked, response) => {
      if (asked.path.endsWith("/reactions")) json(response, 201, { id: 1, content: "eyes" });
      else void answered.promise.then(() => json(response, 200, { object: { sha } }));
    });
    const installation = connect(github.url).installation(7);
    const repo = installation.repository("acme/platform");
    const others = Array.from({ length: 30 }, async (_, index) => repo.branch(`b${index}`));
    await installation.conversation("acme/platform").react(1, "eyes");
    expect(github.asked).toHaveLength(11);
    answered.resolve();
    await Promise.all(others);
  });

  it("waits in place when it is short", async () => {
    const github = await start((asked, response) => {
      if (asked.path.includes("first"))
        json(response, 429, { message: "x" }, { "retry-after": "1" });
      else ref(asked, response);
    });
    const repo = connect(github.url).installation(7).repository("acme/platform");
    await faultOf(repo.branch("first"));
    const refusedAt = performance.now();
    expect(await repo.branch("second")).toBe(sha);
    expect(performance.now() - refusedAt).toBeGreaterThan(900);
  });
});
