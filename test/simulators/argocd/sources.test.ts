import { createHmac } from "node:crypto";

import { afterEach, describe, expect, it } from "vitest";

import { openGitSource } from "./git-source.ts";
import type { ArgocdSimulatorOptions } from "./server.ts";
import type { Bench } from "./test-bench.ts";
import { isSettled, poll, startBench, values } from "./test-bench.ts";

let bench: Bench;
afterEach(() => bench.close());

const DEV = "gitops/tenants/tenant-a/dev.yaml";
const REPO = "https://git.example.com/acme/gitops.git";

function oneApp(extra: object = {}): ArgocdSimulatorOptions["apps"] {
  return [
    { name: "tenant-a-dev", project: "dev", tenant: "tenant-a", valueFiles: [DEV], ...extra },
  ];
}

describe("rendering", () => {
  it("merges value files in order over the chart's own", async () => {
    bench = await startBench({
      apps: oneApp({ path: "chart", valueFiles: ["../common.yaml", `../${DEV}`] }),
      files: {
        "chart/values.yaml": values("from-chart", "replicaCount: 3\n"),
        "common.yaml": "replicaCount: 2\n",
        [DEV]: "image: { tag: v7 }\n",
      },
    });
    await bench.until("tenant-a-dev", isSettled);
    const { nodes } = (await bench.call("GET", "/api/v1/applications/tenant-a-dev/resource-tree"))
      .json as { nodes: { kind: string; images: string[] }[] };
    const pods = nodes.filter((node) => node.kind === "Pod");
    expect(pods.map((pod) => pod.images)).toEqual([
      ["ghcr.io/acme/demo-api:v7"],
      ["ghcr.io/acme/demo-api:v7"],
    ]);
  });

  it.for([
    ["1234567", "1.234567e+06"],
    ["0123456", "42798"],
    ["1.20", "1.2"],
    ["on", "true"],
    ['"1234567"', "1234567"],
    ["sha-1234567", "sha-1234567"],
  ] as const)("reads the tag %s as Helm does: %s", async ([written, read]) => {
    bench = await startBench({ apps: oneApp(), files: { [DEV]: values(written) } });
    await bench.until("tenant-a-dev", isSettled);
    expect(bench.simulator.admin.apps()[0]?.live).toEqual([`ghcr.io/acme/demo-api:${read}`]);
  });

  it("runs two services of one values file in one application", async () => {
    bench = await startBench({
      apps: oneApp({
        workloads: [
          { name: "api" },
          {
            name: "worker",
            image: { repositoryKey: "worker.image.repository", tagKey: "worker.image.tag" },
          },
        ],
      }),
      files: {
        [DEV]: `${values("v1")}worker:\n  image:\n    repository: ghcr.io/acme/worker\n    tag: w1\n`,
      },
    });
    const app = await bench.until("tenant-a-dev", isSettled);
    expect(app.status.summary.images).toEqual([
      "ghcr.io/acme/demo-api:v1",
      "ghcr.io/acme/worker:w1",
    ]);
  });

  it("has two revisions for `$values`, the chart's version first", async () => {
    bench = await startBench({ apps: oneApp({ multiSource: true }) });
    const app = await bench.until("tenant-a-dev", isSettled);
    expect(app.status.sync.revisions).toEqual(["1.4.2", bench.firstSha]);
    expect(app.status.sync).not.toHaveProperty("revision");
    expect(app.status.sync.comparedTo.source).toEqual({ repoURL: "" });
    expect(app.status.operationState?.syncResult).toMatchObject({
      revision: "",
      revisions: ["1.4.2", bench.firstSha],
    });
  });

  it("says what is wrong with a file, and keeps what runs", async () => {
    bench = await startBench({ apps: oneApp() });
    await bench.until("tenant-a-dev", isSettled);
    const broken = await bench.repository.commit({ [DEV]: "image:\n  tag: [\n" });
    await bench.call("GET", "/api/v1/applications/tenant-a-dev?refresh=normal");
    const app = await bench.app("tenant-a-dev");
    expect(app.status.sync).toMatchObject({ status: "Unknown", revision: "HEAD" });
    expect(app.status.health.status).toBe("Healthy");
    expect(app.status.conditions?.[0]).toMatchObject({ type: "ComparisonError" });
    expect(app.status.conditions?.[0]?.message).toMatch(
      /^Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: /,
    );
    expect(broken).toHaveLength(40);
    const sha = await bench.repository.commit({ [DEV]: null, "other.yaml": "" });
    await bench.call("GET", "/api/v1/applications/tenant-a-dev?refresh=normal");
    expect((await bench.app("tenant-a-dev")).status.conditions?.[0]?.message).toContain(
      "no such file or directory",
    );
    expect(sha).not.toBe(broken);
  });

  it("keeps its revision at a symbolic name and its annotation off when Git cannot be reached", async () => {
    bench = await startBench({ apps: oneApp() });
    await bench.until("tenant-a-dev", isSettled);
    bench.simulator.admin.setFaults([{ kind: "backend", gitDown: true }]);
    await bench.call("GET", "/api/v1/applications/tenant-a-dev?refresh=normal");
    const app = await bench.app("tenant-a-dev");
    expect(app.status.sync).toMatchObject({ status: "Unknown", revision: "HEAD" });
    bench.simulator.admin.setFaults([]);
    await bench.call("GET", "/api/v1/applications/tenant-a-dev?refresh");
    expect((await bench.app("tenant-a-dev")).status.sync.revision).toBe(bench.firstSha);
  });
});

describe("an ApplicationSet over the files of the repository", () => {
  const generator: ArgocdSimulatorOptions["apps"] = {
    pattern: "gitops/tenants/{tenant}/{environment}.yaml",
    name: "{tenant}-{environment}",
    project: "{environment}",
    automated: { dev: true, staging: true, prod: false },
    labels: { "promotion-bot": "enabled" },
  };

  it("creates applications from the files, and one more when a tenant comes", async () => {
    bench = await startBench({ apps: generator });
    const app = await bench.until("tenant-a-dev", isSettled);
    expect(app.metadata.labels).toMatchObject({ tenant: "tenant-a", "promotion-bot": "enabled" });
    expect(app.metadata.ownerReferences).toMatchObject([
      { kind: "ApplicationSet", name: "tenants" },
    ]);
    expect((await bench.app("tenant-a-prod")).spec).not.toHaveProperty("syncPolicy");
    const path = "/api/v1/applications/tenant-b-dev?project=dev";
    await bench.repository.commit({ "gitops/tenants/tenant-b/dev.yaml": values("v1") });
    expect((await bench.call("GET", path)).status).toBe(404);
    await fetch(`${bench.simulator.control}/_sim/generate`, { method: "POST" });
    expect((await bench.call("GET", path)).status).toBe(200);
    await bench.repository.commit({ "gitops/tenants/tenant-b/dev.yaml": null });
    await bench.simulator.admin.generate();
    expect((await bench.call("GET", path)).status).toBe(404);
  });

  it("starts the operations itself where it rolls", async () => {
    bench = await startBench({ apps: { ...generator, strategy: "RollingSync" } });
    const app = await bench.until("tenant-a-prod", isSettled);
    expect(app.status.operationState?.operation).toMatchObject({
      sync: {},
      initiatedBy: { username: "applicationset-controller", automated: true },
    });
    expect((await bench.call("GET", "/api/v1/applicationsets/tenants")).json).toMatchObject({
      spec: { strategy: { type: "RollingSync" } },
    });
    const sha = await bench.repository.commit({
      "gitops/tenants/tenant-a/prod.yaml": values("v2"),
    });
    await bench.call("GET", "/api/v1/applications/tenant-a-prod?refresh=normal");
    await bench.until("tenant-a-prod", (seen) => isSettled(seen, sha));
  });

  it("polls by itself", async () => {
    bench = await startBench({ apps: generator, timings: { generatorPoll: 1_000 } });
    await bench.repository.commit({ "gitops/tenants/tenant-b/dev.yaml": values("v1") });
    await poll(() => bench.simulator.admin.apps().map((app) => app.name)).toContain("tenant-b-dev");
  });

  it("leaves files alone that do not fit the pattern", async () => {
    bench = await startBench({
      apps: generator,
      files: {
        "gitops/tenants/tenant-a/dev.yaml": values("v1"),
        "gitops/tenants/tenant-a/sub/dev.yaml": values("v1"),
        "gitops/tenants/Tenant_B/dev.yaml": values("v1"),
        "gitops/tenants/tenant-a/dev.yml": values("v1"),
      },
    });
    await poll(() => bench.simulator.admin.apps().length).toBe(1);
  });
});

describe("GitHub's push webhook", () => {
  const push = {
    ref: "refs/heads/main",
    repository: { html_url: "https://git.example.com:8443/Acme/gitops", default_branch: "main" },
    commits: [{ added: [], modified: [DEV], removed: [] }],
  };

  async function send(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${bench.simulator.url}/api/webhook`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-github-event": "push", ...headers },
      body: JSON.stringify(body),
    });
  }

  it("refreshes the applications of that repository and branch", async () => {
    bench = await startBench({ apps: oneApp(), repoURL: REPO });
    await bench.until("tenant-a-dev", isSettled);
    const sha = await bench.repository.commit({ [DEV]: values("v2") });
    expect((await send(push)).status).toBe(200);
    await bench.until("tenant-a-dev", (app) => isSettled(app, sha));
  });

  it.for([
    [
      "another repository",
      {
        ...push,
        repository: { ...push.repository, html_url: "https://git.example.com/acme/other" },
      },
    ],
    ["another branch", { ...push, ref: "refs/heads/feature" }],
    ["other paths", { ...push, commits: [{ modified: ["docs/a.md"] }] }],
  ] as const)("leaves them alone: %s", async ([, body]) => {
    bench = await startBench({
      apps: oneApp({
        annotations: { "argocd.argoproj.io/manifest-generate-paths": "/gitops/tenants/tenant-a" },
      }),
      repoURL: REPO,
    });
    await bench.until("tenant-a-dev", isSettled);
    expect((await send(body)).status).toBe(200);
    await bench.call("GET", "/api/v1/applications");
    const causes = bench.simulator.admin.timeline("tenant-a-dev").map((step) => step.cause);
    expect(causes).not.toContain("refresh requested by webhook");
    // The same push with a file of this application does refresh it.
    await send(push);
    await poll(() =>
      bench.simulator.admin.timeline("tenant-a-dev").map((step) => step.cause),
    ).toContain("refresh requested by webhook");
  });

  it("checks the signature where a secret is set, and refuses unknown events", async () => {
    bench = await startBench({ apps: oneApp(), repoURL: REPO, webhookSecret: "s3cret" });
    expect((await send(push)).status).toBe(400);
    const mac = createHmac("sha256", "s3cret").update(JSON.stringify(push)).digest("hex");
    expect((await send(push, { "x-hub-signature-256": `sha256=${mac}` })).status).toBe(200);
    expect((await send(push, { "x-hub-signature-256": "sha256=00" })).status).toBe(400);
    expect((await send(push, { "x-github-event": "issues" })).status).toBe(400);
    const nameless = await fetch(`${bench.simulator.url}/api/webhook`, {
      method: "POST",
      body: "{}",
    });
    expect(await nameless.text()).toBe("Unknown webhook event\n");
  });
});

describe("the Git source", () => {
  it("caches a branch, and sees a push at once without the cache", async () => {
    bench = await startBench({ apps: oneApp() });
    const source = await openGitSource(bench.repository.url, { now: () => 0, ttl: () => 1 });
    const first = await source.resolve("HEAD", { noCache: false });
    const second = await bench.repository.commit({ [DEV]: values("v2") });
    expect(await source.resolve("HEAD", { noCache: false })).toBe(first);
    const many = await Promise.all(
      Array.from({ length: 20 }, () => source.resolve("main", { noCache: true })),
    );
    expect(new Set(many)).toEqual(new Set([second]));
    expect(await source.isAncestor(first, second)).toBe(true);
    expect(await source.isAncestor(second, first)).toBe(false);
    expect(await source.changedFiles(first, second)).toEqual([DEV]);
    expect(await source.readFile(second, "nothing.yaml")).toBeUndefined();
    await expect(source.resolve("nowhere", { noCache: true })).rejects.toThrow(/unable to resolve/);
    await source.close();
  });
});
