import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingHttpHeaders, Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { startGitHubSimulator } from "./server.ts";
import type { GitHubSimulator } from "./server.ts";
import { asApp, asInstallation, closeClean } from "./test-client.ts";
import type { Client } from "./test-client.ts";

/** Only a failing test waits so long. */
const WAIT = { timeout: 15_000 };

type Received = { headers: IncomingHttpHeaders; body: string; event: string };

const REPO = "/repos/acme/gitops";
const PUSH = { repository: "acme/gitops", user: "mona", branch: "x", files: { b: "1" } };

let github: GitHubSimulator;
let client: Client;
let receiver: Server;
let received: Received[];
let status = 202;

beforeEach(async () => {
  received = [];
  status = 202;
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { headers } = request;
      const body = Buffer.concat(chunks).toString("utf8");
      received.push({ headers, body, event: String(headers["x-github-event"]) });
      response.writeHead(status).end("thanks");
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", () => resolve()));
  const { port } = receiver.address() as AddressInfo;
  github = await startGitHubSimulator({
    webhookUrl: `http://127.0.0.1:${port}/`,
    seed: { owner: "acme", repositories: [{ name: "gitops", files: { a: "1" } }] },
  });
  client = await asInstallation(github);
});

afterEach(async () => {
  await github.idle();
  await closeClean(github);
  receiver.closeAllConnections();
  receiver.close();
});

const list = async (query = "") => (await asApp(github).get(`/app/hook/deliveries${query}`)).body;

describe("a delivery", () => {
  it("is signed over its body and carries GitHub's headers", async () => {
    await github.act.push(PUSH);
    await github.idle();
    for (const { headers, body, event } of received) {
      const sign = (hash: string) =>
        `${hash}=${createHmac(hash, github.webhookSecret).update(body).digest("hex")}`;
      expect(headers).toMatchObject({
        "content-type": "application/json",
        "user-agent": expect.stringMatching(/^GitHub-Hookshot\//u),
        "x-github-event": event,
        "x-github-hook-installation-target-id": String(github.appId),
        "x-github-hook-installation-target-type": "integration",
        "x-hub-signature": sign("sha1"),
        "x-hub-signature-256": sign("sha256"),
      });
      expect(headers["x-github-delivery"]).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u);
      expect(headers["x-github-hook-id"]).toMatch(/^\d+$/u);
    }
    expect(received.map(({ event }) => event).toSorted()).toEqual([
      "check_suite",
      "create",
      "push",
    ]);
    expect(new Set(received.map((r) => r.headers["x-github-delivery"])).size).toBe(3);
  });

  it("of a push has commits, head commit, pusher and what it was before", async () => {
    const { sha } = await github.act.push(PUSH);
    await github.idle();
    const push = JSON.parse(received.find(({ event }) => event === "push")?.body ?? "{}");
    expect(push).toMatchObject({
      ref: "refs/heads/x",
      before: "0".repeat(40),
      after: sha,
      created: true,
      deleted: false,
      forced: false,
      pusher: { name: "mona" },
      commits: [{ id: sha, added: ["b"], modified: [], removed: [] }],
      head_commit: { id: sha },
    });
    const create = JSON.parse(received.find(({ event }) => event === "create")?.body ?? "{}");
    expect(create).toMatchObject({ ref: "x", ref_type: "branch", master_branch: "main" });
  });

  it("follows each step of a pull request, the merge's push and the branch's end included", async () => {
    await github.act.push(PUSH);
    await client.post(`${REPO}/pulls`, { title: "T", head: "x", base: "main" });
    await github.act.push({ ...PUSH, files: { c: "1" } });
    await github.act.review({ ...PUSH, number: 1, state: "approve" });
    await client.put(`${REPO}/pulls/1/merge`);
    await client.delete(`${REPO}/git/refs/heads/x`);
    await github.idle();
    const told = github
      .deliveries()
      .map((d) => (d.action === null ? d.event : `${d.event}.${d.action}`));
    expect(told).toEqual([
      "create",
      "push",
      "check_suite.requested",
      "pull_request.opened",
      "push",
      "check_suite.requested",
      "pull_request.synchronize",
      "pull_request_review.submitted",
      "push",
      "check_suite.requested",
      "pull_request.closed",
      "delete",
      "push",
    ]);
    const closed = github.deliveries().find((d) => d.action === "closed");
    expect(closed?.payload).toMatchObject({ number: 1, pull_request: { merged: true } });
    const review = github.deliveries().find((d) => d.event === "pull_request_review");
    expect(review?.payload).toMatchObject({ review: { state: "approved" } });
  });

  it("of an image comes once a manifest, most of them untagged", async () => {
    const sha = (await client.get(`${REPO}/git/ref/heads/main`)).body.object.sha;
    const image = { repository: "acme/gitops", image: "ghcr.io/acme/demo-api", tag: "sha-1a2b3c4" };
    await github.act.publish({ ...image, revision: sha });
    await github.act.publish({
      ...image,
      tag: "single",
      revision: sha,
      platforms: ["linux/amd64"],
    });
    await github.idle();
    const versions = received
      .filter(({ event }) => event === "registry_package")
      .map(({ body }) => JSON.parse(body).registry_package.package_version)
      .map((version) => [version.container_metadata.tag.name, version.package_url])
      .toSorted(([, a], [, b]) => String(a).localeCompare(String(b)));
    expect(versions).toEqual([
      ["", "ghcr.io/acme/demo-api:"],
      ["", "ghcr.io/acme/demo-api:"],
      ["sha-1a2b3c4", "ghcr.io/acme/demo-api:sha-1a2b3c4"],
      ["single", "ghcr.io/acme/demo-api:single"],
    ]);
  });

  it("of a workflow run says which commit it was on", async () => {
    const headSha = (await client.get(`${REPO}/git/ref/heads/main`)).body.object.sha;
    const run = {
      repository: "acme/gitops",
      workflow: "ci.yml",
      headSha,
      conclusion: "success",
    } as const;
    await github.act["workflow-run"](run);
    await github.act["workflow-run"]({ ...run, conclusion: "failure" });
    expect(github.deliveries().at(-2)?.payload).toMatchObject({
      workflow_run: { head_sha: headSha, head_branch: "main", conclusion: "success" },
      workflow: { path: ".github/workflows/ci.yml" },
    });
    const path = `${REPO}/actions/workflows/ci.yml/runs`;
    const good = await client.get(`${path}?branch=main&status=success`);
    expect(good.body).toMatchObject({ total_count: 1, workflow_runs: [{ run_number: 1 }] });
    expect((await client.get(`${REPO}/actions/runs?head_sha=${headSha}`)).body.total_count).toBe(2);
    expect((await client.get(`${REPO}/actions/workflows/none.yml/runs`)).status).toBe(404);
  });
});

describe("the list of deliveries", () => {
  it("keeps what failed; sent again it has the same GUID; nothing is sent again by itself", async () => {
    status = 503;
    await github.act.push(PUSH);
    await github.idle();
    const failed = await list("?status=failure");
    expect(failed).toHaveLength(3);
    expect(failed[0]).toMatchObject({ status_code: 503, redelivery: false });
    expect(received).toHaveLength(3);
    status = 202;
    const { id, guid } = failed[0] as { id: number; guid: string };
    const again = await asApp(github).post(`/app/hook/deliveries/${id}/attempts`);
    expect(again.status).toBe(202);
    await expect.poll(async () => (await list("?status=success")).length, WAIT).toBe(1);
    const [newest] = await list();
    expect(newest).toMatchObject({ guid, redelivery: true, status_code: 202 });
    expect(newest.id).not.toBe(id);
    expect(received.at(-1)?.headers["x-github-delivery"]).toBe(guid);
    const one = await asApp(github).get(`/app/hook/deliveries/${newest.id}`);
    expect(one.body.request.headers["X-GitHub-Delivery"]).toBe(guid);
    expect(one.body.request.payload).toEqual(JSON.parse(received.at(-1)?.body ?? ""));
    expect(one.body.response.payload).toBe("thanks");
  });

  it("says so when nobody is there", async () => {
    github.webhook("http://127.0.0.1:9/");
    await github.act.push(PUSH);
    await github.idle();
    expect((await list())[0]).toMatchObject({
      status_code: 502,
      status: "failed to connect to host",
    });
  });

  it("pages by a cursor, newest first", async () => {
    await github.act.push(PUSH);
    await github.idle();
    const first = await asApp(github).get("/app/hook/deliveries?per_page=2");
    const next = /<([^>]+)>; rel="next"/u.exec(first.headers.get("link") ?? "")?.[1] ?? "";
    const second = await asApp(github).get(next);
    expect([...first.body, ...second.body].map((d: { id: number }) => d.id)).toEqual(
      (await list()).map((d: { id: number }) => d.id),
    );
    expect(second.headers.get("link")).toBe(null);
  });
});

describe("faults of deliveries", () => {
  it("drop, double and reorder them", async () => {
    github.faults([
      { fault: "drop-delivery", event: "create" },
      { fault: "duplicate-delivery", event: "push", count: 2 },
      { fault: "reorder-delivery", event: "check_suite.requested" },
    ]);
    await github.act.push(PUSH);
    await github.act.push({ ...PUSH, files: { d: "1" } });
    await expect.poll(() => received.length, WAIT).toBe(6);
    const events = github.deliveries().map((d) => d.event);
    expect(events).toEqual(["push", "push", "push", "push", "check_suite", "check_suite"]);
    const guids = received
      .filter((r) => r.event === "push")
      .map((r) => r.headers["x-github-delivery"]);
    expect(new Set(guids).size).toBe(2);
  });
});

it("tells an App when its installation is suspended", async () => {
  const { installationId } = github;
  await github.act.installation({ installationId, action: "suspend" });
  await github.act.push(PUSH);
  await github.act.installation({ installationId, action: "unsuspend" });
  expect(github.deliveries().map((d) => `${d.event}.${d.action}`)).toEqual([
    "installation.suspend",
    "installation.unsuspend",
  ]);
});
