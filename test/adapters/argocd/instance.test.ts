import { afterEach, describe, expect, it } from "vitest";

import type { Deployer } from "#ports/deployer.ts";

import { values } from "../../simulators/argocd/test-bench.ts";
import { dev, found, prod, settle, startArgocdBench, type ArgocdBench } from "./argocd-bench.ts";

let bench: ArgocdBench;
let deployer: Deployer;
afterEach(() => bench.close());

async function start(options: Parameters<typeof startArgocdBench>[0] = {}): Promise<void> {
  bench = await startArgocdBench(options);
  ({ deployer } = bench);
}

describe("applications", () => {
  it("lists what the account may see, as the judge needs it", async () => {
    await start();
    await settle(bench);
    const listed = await deployer.applications();
    expect(listed.map(({ name }) => name)).toEqual([
      "tenant-a-dev",
      "tenant-a-prod",
      "tenant-a-staging",
    ]);
    expect(listed[0]).toMatchObject({
      namespace: "argocd",
      project: "dev",
      automated: true,
      sync: { status: "Synced", revisions: [bench.firstSha] },
      health: { status: "Healthy" },
      images: ["ghcr.io/acme/demo-api:sha-0000001"],
      operation: { phase: "Succeeded", revisions: [bench.firstSha] },
      requested: null,
    });
    expect(listed[1]?.automated).toBe(false);
  });

  it("is one call for all who ask within two seconds, failures apart", async () => {
    await start();
    bench.simulator.admin.setFaults([
      { kind: "http", path: "applications", times: 3, effect: { type: "status", status: 503 } },
    ]);
    await expect(deployer.applications()).rejects.toThrow("503");
    bench.simulator.admin.clearRequests();
    await Promise.all([deployer.applications(), deployer.applications()]);
    await deployer.applications();
    expect(bench.asked("list")).toBe(1);
  });

  it("is empty where there are none: Argo CD says null then", async () => {
    await start({ apps: [] });
    expect(await deployer.applications()).toEqual([]);
  });

  it("does not end for the others when one gives up", async () => {
    await start();
    bench.simulator.admin.setFaults([
      { kind: "http", path: "applications", effect: { type: "delay", ms: 2_000 } },
    ]);
    const impatient = new AbortController();
    const one = deployer.applications(impatient.signal);
    const other = deployer.applications();
    impatient.abort(new Error("no time"));
    await expect(one).rejects.toThrow("no time");
    expect((await other).length).toBe(3);
  });
});

describe("application", () => {
  it("is absent only where Argo CD says so for that very project", async () => {
    await start();
    expect(await deployer.application({ ...dev, name: "nobody" })).toEqual({
      kind: "absent",
      sentence: "There is no application nobody in project dev of Argo CD instance default.",
    });
    expect((await deployer.application({ ...dev, project: "prod" })).kind).toBe("absent");
    expect((await deployer.application({ ...dev, namespace: "elsewhere" })).kind).toBe("absent");
  });

  it("is forbidden where can-i says no, with the right that is missing", async () => {
    await start({
      accounts: { sluice: { rules: [{ action: "get", object: "prod/*" }] } },
    });
    expect(await deployer.application(dev)).toEqual({
      kind: "forbidden",
      sentence:
        "Argo CD instance default does not allow Sluice 'applications, get, dev/tenant-a-dev': grant it to its account or project role.",
    });
    expect(bench.counted).toEqual(["get 403", "can-i 200"]);
  });

  it("is neither while Kubernetes is down: the same 403 is then a fault to be tried again", async () => {
    await start();
    bench.simulator.admin.setFaults([{ kind: "backend", k8sDown: true }]);
    await expect(deployer.application(dev)).rejects.toMatchObject({
      code: "argocd.denied",
      retryable: true,
    });
  });
});

describe("refresh", () => {
  it("gives the application as the comparison left it", async () => {
    await start();
    await settle(bench);
    const revision = await bench.repository.commit({
      "gitops/tenants/tenant-a/prod.yaml": values("sha-0000002"),
    });
    const application = found(await deployer.refresh(prod, { hard: false }));
    expect(application.sync).toEqual({ status: "OutOfSync", revisions: [revision] });
    expect(bench.counted).toEqual(["refresh 200"]);
  });

  it("gives the application as it is where Argo CD takes too long", async () => {
    await start({ deadlines: { refresh: 150 } });
    await settle(bench);
    bench.simulator.admin.setFaults([{ kind: "backend", controllerDown: true }]);
    expect(found(await deployer.refresh(dev, { hard: true })).name).toBe("tenant-a-dev");
    expect(bench.counted).toEqual(["refresh timeout", "get 200"]);
  });
});

describe("what an application consists of", () => {
  it("shows pods with their images and owners, and the live manifests", async () => {
    await start();
    await settle(bench);
    const tree = await deployer.tree(dev);
    const pod = tree.find(({ kind }) => kind === "Pod");
    expect(pod?.images).toEqual(["ghcr.io/acme/demo-api:sha-0000001"]);
    expect(tree.map(({ uid }) => uid)).toContain(pod?.parents[0]);
    expect(await deployer.manifestImages(dev)).toEqual(["ghcr.io/acme/demo-api:sha-0000001"]);
  });

  it("is a fault while Argo CD has lost its cache", async () => {
    await start();
    bench.simulator.admin.setFaults([{ kind: "backend", redisMiss: "error" }]);
    await expect(deployer.tree(dev)).rejects.toMatchObject({ retryable: true });
  });
});

describe("an ApplicationSet", () => {
  const set = (strategy?: "RollingSync") => ({
    pattern: "gitops/tenants/{tenant}/{environment}.yaml",
    name: "{tenant}-{environment}",
    ...(strategy === undefined ? {} : { strategy }),
  });

  it.for([
    { name: "a plain one", strategy: undefined, kind: "free" },
    { name: "a progressive one", strategy: "RollingSync" as const, kind: "progressive" },
  ])("$name is $kind, and asked for once", async ({ strategy, kind }) => {
    await start({ apps: set(strategy) });
    expect(await deployer.owner("tenants", "argocd")).toBe(kind);
    await deployer.owner("tenants", "argocd");
    expect(bench.counted).toEqual(["application-set 200"]);
  });

  it("that is gone owns nothing any more; one that may not be seen is unknown", async () => {
    await start({ apps: set() });
    expect(await deployer.owner("nobody", "argocd")).toBe("free");
    const path = "applicationsets";
    bench.simulator.admin.setFaults([
      { kind: "http", path, effect: { type: "status", status: 403 } },
    ]);
    expect(await deployer.owner("tenants", "argocd")).toBe("unknown");
  });
});

describe("a sync window", () => {
  const window = { applications: ["*"] };
  it.for([
    { name: "none", windows: [], state: "open" },
    { name: "an active deny", windows: [{ ...window, kind: "deny" as const }], state: "closed" },
    {
      name: "an active deny that lets people sync",
      windows: [{ ...window, kind: "deny" as const, manualSync: true }],
      state: "closed",
    },
    { name: "an active allow", windows: [{ ...window, kind: "allow" as const }], state: "open" },
    {
      name: "an allow that is over",
      windows: [{ ...window, kind: "allow" as const, to: "2020-01-01T00:00:00Z" }],
      state: "closed",
    },
    {
      name: "a deny that is over",
      windows: [{ ...window, kind: "deny" as const, to: "2020-01-01T00:00:00Z" }],
      state: "open",
    },
  ])("$name: $state for Argo CD's own syncs", async ({ windows, state }) => {
    await start({ windows });
    expect(await deployer.syncWindow(dev)).toBe(state);
  });
});
