import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startGitHubSimulator } from "./server.ts";
import type { GitHubSimulator } from "./server.ts";
import { appJwt, asInstallation, clientOf, closeClean } from "./test-client.ts";
import type { Client } from "./test-client.ts";

const REPO = "/repos/acme/gitops";
const DAY = 24 * 3_600_000;

let github: GitHubSimulator;
let client: Client;
let base: string;
let skew = 0;

beforeAll(async () => {
  github = await startGitHubSimulator({
    clock: () => Date.now() + skew,
    seed: { owner: "acme", repositories: [{ name: "gitops", files: { a: "1" } }] },
  });
  client = await asInstallation(github);
  base = (await client.get(`${REPO}/git/ref/heads/main`)).body.object.sha;
});

afterAll(() => closeClean(github));

let count = 0;
const aCommit = async () => {
  count += 1;
  const files = { [`f${count}`]: "1" };
  return (await github.act.push({ repository: "acme/gitops", user: "mona", files })).sha;
};
const create = (body: object) => client.post(`${REPO}/check-runs`, { name: "c", ...body });
const events = (event: string) =>
  github
    .deliveries()
    .filter((d) => d.event === event)
    .map((d) => d.action);

it("comes from an App that lists where it is installed", async () => {
  const installations = await clientOf(github.url, appJwt(github)).get("/app/installations");
  expect(installations.body).toMatchObject([
    { id: github.installationId, account: { login: "acme" }, suspended_at: null },
  ]);
});

describe("a check run", () => {
  it("goes from queued to completed, and its suite with it", async () => {
    const head_sha = await aCommit();
    const before = events("check_run").length;
    const made = await create({ head_sha, external_id: "promotion:1" });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      status: "queued",
      conclusion: null,
      completed_at: null,
      external_id: "promotion:1",
      app: { id: github.appId },
    });
    const path = `${REPO}/check-runs/${made.body.id}`;
    expect((await client.patch(path, { status: "in_progress" })).body.status).toBe("in_progress");
    const done = await client.patch(path, { conclusion: "success" });
    expect(done.body).toMatchObject({ status: "completed", conclusion: "success" });
    expect(done.body.completed_at).not.toBe(null);
    const suites = await client.get(`${REPO}/commits/${head_sha}/check-suites`);
    expect(suites.body.check_suites).toMatchObject([
      { status: "completed", conclusion: "success", latest_check_runs_count: 1 },
    ]);
    expect(events("check_run").slice(before)).toEqual(["created", "completed"]);
    expect(events("check_suite").slice(-1)).toEqual(["completed"]);
  });

  it("is not unique by its name: a repeated POST leaves two, and a list shows the latest", async () => {
    const head_sha = await aCommit();
    const first = await create({ head_sha });
    const second = await create({ head_sha, conclusion: "neutral" });
    const list = async (query = "") =>
      (await client.get(`${REPO}/commits/${head_sha}/check-runs?check_name=c${query}`)).body;
    expect(await list()).toMatchObject({ total_count: 1, check_runs: [{ id: second.body.id }] });
    expect((await list("&filter=all")).check_runs.map((r: { id: number }) => r.id)).toEqual([
      second.body.id,
      first.body.id,
    ]);
    expect((await list(`&app_id=${github.appId}&status=completed`)).total_count).toBe(1);
    expect((await list("&app_id=1")).total_count).toBe(0);
  });

  it("knows the open pull requests of its head", async () => {
    const push = { repository: "acme/gitops", user: "mona", branch: "feature" };
    const { sha } = await github.act.push({ ...push, files: { x: "1" } });
    const opened = await client.post(`${REPO}/pulls`, {
      title: "T",
      head: "feature",
      base: "main",
    });
    const made = await create({ head_sha: sha });
    expect(made.body.pull_requests).toMatchObject([{ number: opened.body.number }]);
  });

  it.for([
    ["an unknown commit", { head_sha: "9".repeat(40) }, "No commit found for SHA"],
    ["completed without a conclusion", { status: "completed" }, '"conclusion" wasn\'t supplied'],
    ["a conclusion that is GitHub's alone", { conclusion: "stale" }, "stale"],
  ] as const)("is refused for %s", async ([, body, message]) => {
    const reply = await create({ head_sha: base, ...body });
    expect(reply.status).toBe(422);
    expect(reply.body.message).toContain(message);
  });

  it("counts bytes, not characters, of summary and text", async () => {
    const title = "t";
    const fits = { title, summary: "é".repeat(32_767), text: "x".repeat(65_535) };
    expect((await create({ head_sha: base, output: fits })).status).toBe(201);
    const summary = "é".repeat(32_768);
    const refused = await create({ head_sha: base, output: { title, summary } });
    expect(refused.status).toBe(422);
    expect(refused.body.errors).toEqual([
      {
        resource: "CheckRun",
        code: "custom",
        field: "summary",
        message: "summary exceeds a maximum bytesize of 65535",
      },
    ]);
  });

  it("takes 50 annotations and 3 actions a request, and adds annotations up", async () => {
    const annotations = (length: number) =>
      Array.from({ length }, (_, i) => ({
        path: "a",
        start_line: i + 1,
        end_line: i + 1,
        annotation_level: "warning",
        message: "m",
      }));
    const output = (length: number) => ({
      title: "t",
      summary: "s",
      annotations: annotations(length),
    });
    const actions = ["a", "b", "c"].map((label) => ({
      label,
      description: "d",
      identifier: label,
    }));
    const made = await create({ head_sha: base, output: output(50), actions });
    expect(made.status).toBe(201);
    const path = `${REPO}/check-runs/${made.body.id}`;
    const more = await client.patch(path, { output: output(10) });
    expect(more.body.output.annotations_count).toBe(60);
    const list = await client.get(`${path}/annotations?per_page=100`);
    expect(list.body).toHaveLength(60);
    const before = github.violations().length;
    expect((await create({ head_sha: base, output: output(51) })).status).toBe(422);
    expect((await create({ head_sha: base, actions: [...actions, ...actions] })).status).toBe(422);
    expect(github.violations().splice(before)).toHaveLength(2);
  });

  it("belongs to its App", async () => {
    const other = await github.act["check-run"]({
      repository: "acme/gitops",
      sha: base,
      name: "ci",
      conclusion: "success",
    });
    const reply = await client.patch(`${REPO}/check-runs/${other.id}`, { name: "mine" });
    expect(reply.status).toBe(403);
    expect(reply.body.message).toContain("can only be modified by the GitHub App that created it");
  });

  it("asked for again tells its App and stays as it is", async () => {
    const actions = [{ label: "Retry", description: "Once more", identifier: "retry" }];
    const made = await create({ head_sha: base, conclusion: "failure", actions });
    const place = { repository: "acme/gitops", checkRun: made.body.id, user: "mona" };
    await expect(github.act["requested-action"]({ ...place, action: "hold" })).rejects.toThrow(
      "no button hold",
    );
    await github.act.rerequest(place);
    await github.act["requested-action"]({ ...place, action: "retry" });
    const [again, action] = github.deliveries().slice(-2);
    expect(again?.action).toBe("rerequested");
    expect(again?.payload["sender"]).toMatchObject({ login: "mona" });
    expect(action?.payload["requested_action"]).toEqual({ identifier: "retry" });
    const run = await client.get(`${REPO}/check-runs/${made.body.id}`);
    expect(run.body.conclusion).toBe("failure");
  });

  it("left incomplete for 14 days is stale", async () => {
    const head_sha = await aCommit();
    await create({ head_sha, status: "in_progress" });
    skew = 14 * DAY + 1_000;
    const now = Math.floor((Date.now() + skew) / 1000);
    const jwt = clientOf(github.url, appJwt(github, { now }));
    const { body } = await jwt.post(`/app/installations/${github.installationId}/access_tokens`);
    client = clientOf(github.url, body.token);
    const list = await client.get(`${REPO}/commits/${head_sha}/check-runs`);
    expect(list.body.check_runs).toMatchObject([{ status: "completed", conclusion: "stale" }]);
  });
});

describe("commit statuses", () => {
  it("combine to pending, failure or success; none at all is pending", async () => {
    const app = { permissions: { contents: "write", statuses: "write" } } as const;
    const repositories = [{ name: "gitops", files: { a: "1" } }];
    const other = await startGitHubSimulator({ seed: { owner: "acme", app, repositories } });
    const writer = await asInstallation(other);
    const sha = (await writer.get(`${REPO}/git/ref/heads/main`)).body.object.sha;
    const state = async () => (await writer.get(`${REPO}/commits/main/status`)).body.state;
    const put = (context: string, state: string) =>
      writer.post(`${REPO}/statuses/${sha}`, { context, state });
    expect(await state()).toBe("pending");
    await put("a", "success");
    expect(await state()).toBe("success");
    await put("b", "failure");
    expect(await state()).toBe("failure");
    await put("b", "success");
    expect(await state()).toBe("success");
    expect((await writer.get(`${REPO}/commits/main/statuses`)).body).toHaveLength(3);
    await closeClean(other);
  });

  it("are not to be written by an App that may only read them", async () => {
    const reply = await client.post(`${REPO}/statuses/${base}`, { state: "success" });
    expect(reply.status).toBe(403);
  });
});
