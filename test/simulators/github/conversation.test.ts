import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startGitHubSimulator } from "./server.ts";
import type { GitHubSimulator } from "./server.ts";
import { asInstallation, closeClean } from "./test-client.ts";
import type { Client } from "./test-client.ts";

const REPO = "/repos/acme/gitops";
const NAME = { repository: "acme/gitops" };

let github: GitHubSimulator;
let client: Client;

beforeAll(async () => {
  github = await startGitHubSimulator({
    seed: {
      owner: "acme",
      owners: ["olivia"],
      members: ["mia"],
      teams: [
        { slug: "sre", members: ["rita"] },
        { slug: "on-call", members: ["oscar"], parent: "sre" },
      ],
      repositories: [
        {
          name: "gitops",
          private: true,
          files: { a: "1" },
          collaborators: { rita: "maintain", tom: "triage", wanda: "write" },
        },
        { name: "open", files: { a: "1" } },
      ],
      users: [{ login: "stranger" }],
    },
  });
  client = await asInstallation(github);
  await github.act.push({ ...NAME, user: "wanda", branch: "x", files: { b: "1" } });
  await client.post(`${REPO}/pulls`, { title: "T", head: "x", base: "main" });
});

afterAll(() => closeClean(github));

describe("comments", () => {
  it("of a person come as events that say whether it is a pull request", async () => {
    const { id } = await github.act.comment({ ...NAME, number: 1, user: "rita", body: "/promote" });
    const delivery = github.deliveries().at(-1);
    expect(delivery).toMatchObject({ event: "issue_comment", action: "created" });
    expect(delivery?.payload).toMatchObject({
      issue: { number: 1, pull_request: { url: `${github.url}${REPO}/pulls/1` } },
      comment: { id, body: "/promote", user: { login: "rita", type: "User" } },
      repository: { full_name: "acme/gitops", private: true },
      organization: { login: "acme" },
      sender: { login: "rita" },
      installation: { id: github.installationId },
    });
    await github.act["edit-comment"]({ ...NAME, comment: id, user: "rita", body: "/hold" });
    expect(github.deliveries().at(-1)).toMatchObject({
      action: "edited",
      payload: { changes: { body: { from: "/promote" } } },
    });
  });

  it("of the App are edited in place", async () => {
    const made = await client.post(`${REPO}/issues/1/comments`, { body: "one" });
    expect(made.body.performed_via_github_app).toMatchObject({ id: github.appId });
    expect(made.body.user).toMatchObject({ login: "sluice[bot]", type: "Bot" });
    const path = `${REPO}/issues/comments/${made.body.id}`;
    expect((await client.patch(path, { body: "two" })).body.body).toBe("two");
    const list = await client.get(`${REPO}/issues/1/comments`);
    expect(list.body.map((c: { body: string }) => c.body)).toContain("two");
    expect((await client.delete(path)).status).toBe(204);
    expect((await client.get(path)).status).toBe(404);
  });

  it.for([
    ["65,536 characters", "é".repeat(65_536), 201],
    ["more", "é".repeat(65_537), 422],
    ["none", " ", 422],
  ] as const)("of %s: %s", async ([, body, status]) => {
    expect((await client.post(`${REPO}/issues/1/comments`, { body })).status).toBe(status);
  });

  it("take each reaction once, and answer 200 from then on", async () => {
    const { id } = await github.act.comment({ ...NAME, number: 1, user: "rita", body: "hi" });
    const path = `${REPO}/issues/comments/${id}/reactions`;
    const first = await client.post(path, { content: "eyes" });
    const second = await client.post(path, { content: "eyes" });
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body.id).toBe(first.body.id);
    await client.post(path, { content: "-1" });
    expect((await client.get(path)).body).toHaveLength(2);
    const comment = await client.get(`${REPO}/issues/comments/${id}`);
    expect(comment.body.reactions).toMatchObject({ eyes: 1, "-1": 1, total_count: 2 });
    expect((await client.delete(`${path}/${first.body.id}`)).status).toBe(204);
  });
});

describe("labels", () => {
  it("are made by their first use, and labelling a pull request is its event", async () => {
    const before = github.deliveries().length;
    const added = await client.post(`${REPO}/issues/1/labels`, { labels: ["sluice", "env: prod"] });
    expect(added.body.map((l: { name: string }) => l.name)).toEqual(["sluice", "env: prod"]);
    const told = github.deliveries().slice(before);
    expect(told.map((d) => `${d.event}.${d.action}`)).toEqual([
      "pull_request.labeled",
      "pull_request.labeled",
    ]);
    expect(told[0]?.payload).toMatchObject({ number: 1, label: { name: "sluice" } });
    const again = await client.post(`${REPO}/labels`, { name: "SLUICE", color: "ededed" });
    expect(again.body.errors).toEqual([
      { resource: "Label", code: "already_exists", field: "name" },
    ]);
    const left = await client.delete(`${REPO}/issues/1/labels/env%3A%20prod`);
    expect(left.body).toHaveLength(1);
    expect((await client.delete(`${REPO}/issues/1/labels/none`)).status).toBe(404);
    const issues = await client.get(`${REPO}/issues?labels=sluice`);
    expect(issues.body.map((i: { number: number }) => i.number)).toEqual([1]);
  });
});

describe("who may what", () => {
  it.for([
    ["olivia", "admin", "admin"],
    ["rita", "write", "maintain"],
    ["wanda", "write", "write"],
    ["tom", "read", "triage"],
    ["mia", "read", "read"],
    ["stranger", "none", "none"],
  ] as const)("%s has %s (%s)", async ([login, permission, role]) => {
    const { status, body } = await client.get(`${REPO}/collaborators/${login}/permission`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ permission, role_name: role, user: { login } });
  });

  it("is read for strangers where all is public, and 404 for bots and nobody", async () => {
    const open = await client.get("/repos/acme/open/collaborators/stranger/permission");
    expect(open.body.permission).toBe("read");
    for (const login of ["sluice%5Bbot%5D", "no-such-user"]) {
      expect((await client.get(`${REPO}/collaborators/${login}/permission`)).status).toBe(404);
    }
  });

  it("counts members of teams below a team", async () => {
    const path = "/orgs/acme/teams/sre/memberships";
    expect((await client.get(`${path}/rita`)).body).toMatchObject({ state: "active" });
    expect((await client.get(`${path}/oscar`)).status).toBe(200);
    expect((await client.get(`${path}/olivia`)).status).toBe(404);
    expect((await client.get("/orgs/acme/teams/none/memberships/rita")).status).toBe(404);
    expect((await client.get("/orgs/acme/teams/sre/members")).body).toHaveLength(2);
  });
});

describe("issues", () => {
  it("count with pull requests, open and close", async () => {
    const made = await client.post(`${REPO}/issues`, { title: "Board", labels: ["board"] });
    expect(made.status).toBe(201);
    expect(made.body.number).toBeGreaterThan(1);
    const path = `${REPO}/issues/${made.body.number}`;
    const closed = await client.patch(path, { state: "closed", body: "b" });
    expect(closed.body).toMatchObject({ state: "closed", closed_by: { login: "sluice[bot]" } });
    await client.patch(`${REPO}/issues/1`, { state: "closed" });
    const pull = await client.get(`${REPO}/pulls/1`);
    expect(pull.body).toMatchObject({ state: "closed", merged: false });
    // Who closed it stands on the issue alone.
    expect(pull.body).not.toHaveProperty("closed_by");
    const issue = await client.get(`${REPO}/issues/1`);
    expect(issue.body.closed_by).toMatchObject({ login: "sluice[bot]" });
  });

  it("of people are edited by people, which the App hears with the text before", async () => {
    const at = { ...NAME, user: "wanda" };
    const { number } = await github.act["open-issue"]({ ...at, title: "List", body: "- [ ] one" });
    await github.act["edit-issue"]({ ...at, number, body: "- [x] one" });
    const delivery = github.deliveries().at(-1);
    expect(delivery).toMatchObject({ event: "issues", action: "edited" });
    expect(delivery?.payload).toMatchObject({
      issue: { number, body: "- [x] one", user: { login: "wanda" } },
      changes: { body: { from: "- [ ] one" } },
      sender: { login: "wanda", type: "User" },
    });
    const before = github.deliveries().length;
    await github.act["edit-issue"]({ ...at, number, body: "- [x] one" });
    expect(github.deliveries()).toHaveLength(before);
    const list = (creator: string) => client.get(`${REPO}/issues?state=all&creator=${creator}`);
    const numbers = (body: { number: number }[]) => body.map((issue) => issue.number);
    expect(numbers((await list("wanda")).body)).toContain(number);
    expect(numbers((await list("sluice%5Bbot%5D")).body)).not.toContain(number);
  });
});
