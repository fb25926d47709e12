import { afterEach, describe, expect, it } from "vitest";

import { connectGitHub } from "#adapters/github/connect-github.ts";

import { aGitHub, type AGitHub, connect, json, type Script, settingsFor } from "./a-github.ts";

const open: AGitHub[] = [];
const sha = "a".repeat(40);
const quick = { read: 150, write: 250 };

async function start(script: Script): Promise<AGitHub> {
  const github = await aGitHub(script);
  open.push(github);
  return github;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (github) => github.close()));
});

/** The first calls are answered by these, all others by the last. */
function inTurn(...scripts: readonly Script[]): Script {
  let turn = 0;
  return (asked, response) => scripts[Math.min(turn++, scripts.length - 1)]?.(asked, response);
}

const ref: Script = (_asked, response) => json(response, 200, { object: { sha } });
const bad: Script = (_asked, response) => json(response, 502, { message: "Bad Gateway" });
const reset: Script = (_asked, response) => void response.socket?.destroy();
const silent: Script = () => undefined;
const cut: Script = (_asked, response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
  response.write('{"object":', () => response.socket?.destroy());
};
/** Without a length the end of a broken answer looks like the end of a whole one. */
const cutQuietly: Script = (_asked, response) => {
  response.writeHead(200, { "content-type": "application/json", connection: "close" });
  response.end('{"object":{"sha":"');
};

describe("a read", () => {
  it.for([
    ["502", bad],
    ["a reset", reset],
    ["half an answer", cut],
    ["half an answer without a length", cutQuietly],
  ] as const)("is sent again after %s", async ([, script]) => {
    const github = await start(inTurn(script, script, ref));
    const repo = connect(github.url).installation(7).repository("acme/platform");
    expect(await repo.branch("main")).toBe(sha);
    expect(github.asked).toHaveLength(3);
  });

  it("is given up after three attempts", async () => {
    const github = await start(bad);
    const repo = connect(github.url).installation(7).repository("acme/platform");
    await expect(repo.branch("main")).rejects.toMatchObject({
      code: "github.unavailable",
      status: 502,
    });
    expect(github.asked).toHaveLength(3);
  });

  it("is not sent again when its time is over", async () => {
    const github = await start(silent);
    const repo = connect(github.url, { deadlines: quick })
      .installation(7)
      .repository("acme/platform");
    const error = repo.branch("main");
    await expect(error).rejects.toMatchObject({
      code: "github.unavailable",
      detail: "out of time",
    });
    expect(github.asked).toHaveLength(1);
  });

  it("ends with its job, at once", async () => {
    const github = await start(silent);
    const job = new AbortController();
    const repo = connect(github.url).installation(7, job.signal).repository("acme/platform");
    const asked = repo.branch("main");
    setTimeout(() => job.abort(), 20);
    await expect(asked).rejects.toMatchObject({ code: "github.aborted", retryable: true });
  });

  it("of an aborted job is never sent", async () => {
    const github = await start(ref);
    const repo = connect(github.url)
      .installation(7, AbortSignal.abort())
      .repository("acme/platform");
    await expect(repo.branch("main")).rejects.toMatchObject({ code: "github.aborted" });
    expect(github.asked).toEqual([]);
  });
});

describe("a write", () => {
  it.for([
    ["502", bad],
    ["a reset", reset],
    ["silence", silent],
  ] as const)("is never sent again after %s", async ([, script]) => {
    const github = await start((asked, response) =>
      (asked.method === "POST" ? script : () => json(response, 404, { message: "Not Found" }))(
        asked,
        response,
      ),
    );
    const repo = connect(github.url, { deadlines: quick })
      .installation(7)
      .repository("acme/platform");
    const moved = repo.moveBranch({ branch: "x", from: null, to: sha });
    await expect(moved).rejects.toMatchObject({ code: "github.unavailable", retryable: true });
    expect(github.asked.filter(({ method }) => method === "POST")).toHaveLength(1);
  });
});

describe("a token", () => {
  it("is minted once and again when GitHub refuses it", async () => {
    const refuse: Script = (_asked, response) =>
      json(response, 401, { message: "Bad credentials" });
    const github = await start(inTurn(refuse, ref));
    const repo = connect(github.url).installation(7).repository("acme/platform");
    expect(await repo.branch("main")).toBe(sha);
    expect(await repo.branch("other")).toBe(sha);
    const used = github.asked.map(({ headers }) => headers.authorization);
    expect(github.tokens()).toBeLessThanOrEqual(2);
    expect(used).toHaveLength(3);
  });

  it("opens the one repository that a call is about", async () => {
    const github = await start(ref);
    const installation = connect(github.url).installation(7);
    await installation.repository("acme/platform").branch("main");
    await installation.repository("acme/platform").branch("other");
    await installation.repository("acme/demo-api").branch("main");
    expect(github.scopes).toEqual(["platform", "demo-api"]);
    const together = connect(github.url).installation(8);
    await Promise.all([
      together.repository("acme/platform").branch("main"),
      together.repository("acme/demo-api").branch("main"),
      together.repositories().catch(() => []),
    ]);
    expect(github.scopes.slice(2).toSorted()).toEqual(["all", "demo-api", "platform"]);
  });

  it("of one installation is never another's", async () => {
    const github = await start(ref);
    const host = connect(github.url);
    await host.installation(7).repository("acme/platform").branch("main");
    await host.installation(8).repository("acme/platform").branch("main");
    const [seven, eight] = github.asked.map(({ headers }) => headers.authorization);
    expect(seven).not.toBe(eight);
    expect(github.tokens()).toBe(2);
  });
});

describe("a redirect", () => {
  it("within GitHub is followed: the repository was renamed", async () => {
    const github = await start((asked, response) => {
      if (asked.path.startsWith("/repositories/")) ref(asked, response);
      else response.writeHead(301, { location: "/repositories/1/git/ref" }).end();
    });
    const repo = connect(github.url).installation(7).repository("acme/old");
    expect(await repo.branch("main")).toBe(sha);
  });

  it("to another host is not", async () => {
    const other = await start(ref);
    const github = await start((_asked, response) =>
      response.writeHead(302, { location: `${other.url}/steal` }).end(),
    );
    const repo = connect(github.url).installation(7).repository("acme/platform");
    await repo.branch("main").catch(() => undefined);
    expect(other.asked).toEqual([]);
  });
});

describe("what is asked again", () => {
  it("costs nothing when nothing has changed, and is never older than GitHub's answer", async () => {
    let etag = '"one"';
    let current = sha;
    const github = await start((asked, response) => {
      if (asked.headers["if-none-match"] === etag) response.writeHead(304, { etag }).end();
      else json(response, 200, { object: { sha: current } }, { etag });
    });
    const repo = connect(github.url).installation(7).repository("acme/platform");
    expect(await repo.branch("main")).toBe(sha);
    expect(await repo.branch("main")).toBe(sha);
    etag = '"two"';
    current = "b".repeat(40);
    expect(await repo.branch("main")).toBe(current);
    expect(github.asked.map(({ headers }) => headers["if-none-match"])).toEqual([
      undefined,
      '"one"',
      '"one"',
    ]);
  });

  it("is not shared between installations", async () => {
    const github = await start((_asked, response) =>
      json(response, 200, { object: { sha } }, { etag: '"x"' }),
    );
    const host = connectGitHub(settingsFor(github.url));
    await host.installation(7).repository("acme/platform").branch("main");
    await host.installation(8).repository("acme/platform").branch("main");
    expect(github.asked.every(({ headers }) => headers["if-none-match"] === undefined)).toBe(true);
  });
});
