import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startGitHubSimulator } from "./server.ts";
import type { GitHubSimulator } from "./server.ts";
import { appJwt, asApp, clientOf, closeClean } from "./test-client.ts";

const REPO = "/repos/acme/gitops";

let github: GitHubSimulator;
let now = Date.parse("2026-06-01T12:00:00Z");

beforeAll(async () => {
  github = await startGitHubSimulator({
    clock: () => now,
    seed: {
      owner: "acme",
      users: [{ login: "rita", token: "ghp_rita" }],
      repositories: [
        { name: "gitops", private: true, files: { a: "1" }, collaborators: { rita: "read" } },
        { name: "other", private: true, files: { a: "1" } },
        { name: "open", files: { a: "1" } },
      ],
      others: [
        { owner: "globex", repositories: [{ name: "secret", private: true, files: { a: "1" } }] },
      ],
    },
  });
});

afterAll(() => closeClean(github));

const seconds = () => Math.floor(now / 1000);
const jwt = (options: Parameters<typeof appJwt>[1] = {}) =>
  clientOf(github.url, appJwt(github, { now: seconds(), ...options }));

async function token(body: object = {}, id = github.installationId) {
  return jwt().post(`/app/installations/${id}/access_tokens`, body);
}

describe("the App's own token", () => {
  it("names the App", async () => {
    const reply = await jwt().get("/app");
    expect(reply.body).toMatchObject({ id: github.appId, slug: "sluice" });
    expect((await jwt({ appId: github.clientId }).get("/app")).status).toBe(200);
  });

  it.for([
    ["expired", { lifetime: -1 }, 401, "'Expiration time' claim ('exp') must be"],
    ["too long-lived", { lifetime: 700 }, 401, "is too far in the future"],
    ["issued in the future", { iat: 99_999_999_999 }, 401, "'Issued at' claim ('iat')"],
    ["of an unknown App", { appId: 42 }, 404, "Integration not found"],
  ] as const)("%s is refused", async ([, options, status, message]) => {
    const reply = await jwt(options).get("/app");
    expect(reply.status).toBe(status);
    expect(reply.body.message).toContain(message);
  });

  it("signed by another key, or opening a repository, is refused", async () => {
    const broken = appJwt(github, { now: seconds() }).replace(/.{20}$/u, "AAAAAAAAAAAAAAAAAAAA");
    expect((await clientOf(github.url, broken).get("/app")).status).toBe(401);
    expect((await jwt().get(REPO)).status).toBe(401);
  });
});

describe("an installation token", () => {
  it("is not 40 characters long, lives an hour, and ends with 401", async () => {
    const reply = await token();
    expect(reply.status).toBe(201);
    expect(reply.body.token).toMatch(/^ghs_\d+_[\w-]+\.[\w-]+\.[\w-]+$/u);
    expect(reply.body.expires_at).toBe("2026-06-01T13:00:00Z");
    const client = clientOf(github.url, reply.body.token);
    expect((await client.get(REPO)).status).toBe(200);
    now += 3_600_000;
    const late = await client.get(REPO);
    expect([late.status, late.body.message]).toEqual([401, "Bad credentials"]);
  });

  it("sees its own installation's repositories only", async () => {
    const client = clientOf(github.url, (await token()).body.token);
    expect((await client.get("/repos/globex/secret")).status).toBe(404);
    expect((await client.post("/repos/globex/secret/issues", { title: "x" })).status).toBe(404);
    const list = await client.get("/installation/repositories");
    expect(list.body.total_count).toBe(3);
    const narrowed = clientOf(github.url, (await token({ repositories: ["gitops"] })).body.token);
    expect((await narrowed.get("/repos/acme/other")).status).toBe(404);
    // What is public anyone may read, and nobody else may write.
    expect((await narrowed.get("/repos/acme/open")).status).toBe(200);
    expect((await narrowed.post("/repos/acme/open/issues", { title: "x" })).status).toBe(403);
    expect((await narrowed.get("/installation/repositories")).body.repositories).toHaveLength(1);
  });

  it("does what its permissions allow, no more", async () => {
    const scope = { permissions: { contents: "read", issues: "write" } };
    const client = clientOf(github.url, (await token(scope)).body.token);
    expect((await client.get(`${REPO}/git/ref/heads/main`)).status).toBe(200);
    const sha = (await client.get(`${REPO}/git/ref/heads/main`)).body.object.sha;
    const refused = await client.post(`${REPO}/git/refs`, { ref: "refs/heads/x", sha });
    expect(refused.status).toBe(403);
    expect(refused.body.message).toBe("Resource not accessible by integration");
    expect(refused.headers.get("x-accepted-github-permissions")).toBe("contents=write");
    expect((await client.get(`${REPO}/pulls`)).status).toBe(403);
    expect((await client.get("/orgs/acme/teams/sre/memberships/rita")).status).toBe(403);
    expect((await client.get(`${REPO}/branches/main/protection`)).status).toBe(403);
  });

  it("cannot be had for more than was granted, nor for a foreign installation", async () => {
    expect((await token({ permissions: { administration: "write" } })).status).toBe(422);
    expect((await token({ repositories: ["secret"] })).status).toBe(422);
    expect((await token({}, 12)).status).toBe(404);
  });

  it("is refused once it was given back, or its installation is suspended", async () => {
    const client = clientOf(github.url, (await token()).body.token);
    expect((await client.delete("/installation/token")).status).toBe(204);
    expect((await client.get(REPO)).status).toBe(401);
    const other = clientOf(github.url, (await token()).body.token);
    const { installationId } = github;
    await github.act.installation({ installationId, action: "suspend" });
    expect((await other.get(REPO)).status).toBe(403);
    expect((await token()).status).toBe(403);
    await github.act.installation({ installationId, action: "unsuspend" });
    expect((await other.get(REPO)).status).toBe(200);
  });

  it("opens nothing that is the App's", async () => {
    const client = clientOf(github.url, (await token()).body.token);
    expect((await client.get("/app")).status).toBe(401);
    expect((await client.get("/app/hook/deliveries")).status).toBe(401);
  });
});

describe("others", () => {
  it.for(["ghs_1300001_a.b.c", "ghp_unknown", "x"])("%s is 401, and never a user", async (bad) => {
    const reply = await clientOf(github.url, bad).get("/repos/acme/open");
    expect([reply.status, reply.body.message]).toEqual([401, "Bad credentials"]);
  });

  it("without a token read what is public and write nothing", async () => {
    const nobody = clientOf(github.url, "");
    expect((await nobody.get("/repos/acme/open")).status).toBe(200);
    expect((await nobody.get(REPO)).status).toBe(404);
    const write = await nobody.post("/repos/acme/open/issues", { title: "x" });
    expect([write.status, write.body.message]).toEqual([401, "Requires authentication"]);
  });

  it("with a person's token do what the person may, and no check runs", async () => {
    const rita = clientOf(github.url, "ghp_rita");
    expect((await rita.get(REPO)).status).toBe(200);
    expect((await rita.get("/repos/acme/other")).status).toBe(404);
    const sha = (await rita.get(`${REPO}/git/ref/heads/main`)).body.object.sha;
    expect((await rita.post(`${REPO}/git/refs`, { ref: "refs/heads/x", sha })).status).toBe(403);
    expect((await rita.post(`${REPO}/check-runs`, { name: "c", head_sha: sha })).status).toBe(403);
  });

  it("without a User-Agent are turned away", async () => {
    const reply = await clientOf(github.url, "").get("/repos/acme/open", { "user-agent": "" });
    expect(reply.status).toBe(403);
    expect(reply.body.message).toContain("User-Agent");
  });

  it("who send no JSON object are told so", async () => {
    const good = clientOf(github.url, (await token()).body.token);
    const send = (body: string) =>
      fetch(`${github.url}${REPO}/issues`, {
        method: "POST",
        body,
        headers: { authorization: `Bearer ${good.token}`, "user-agent": "contract-test" },
      });
    const broken = await send("{");
    expect([broken.status, await broken.json()]).toMatchObject([
      400,
      { message: "Problems parsing JSON" },
    ]);
    expect((await send("[]")).status).toBe(400);
  });
});

it("answers an unknown route with 404 and remembers it", async () => {
  const before = github.violations().length;
  expect((await asApp(github).get("/nope")).status).toBe(401);
  expect((await jwt().get("/nope")).status).toBe(404);
  expect(github.violations().splice(before)).toMatchObject([{ kind: "route", where: "GET /nope" }]);
});
