import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { applicationFrom, ApplicationJson } from "#adapters/argocd/application-json.ts";
import {
  liveImagesFrom,
  ManagedResourcesJson,
  TreeJson,
  treeFrom,
} from "#adapters/argocd/cluster-json.ts";

/** As Argo CD prints one that it has never looked at: structs are there and empty. */
const fresh = {
  metadata: { name: "a", namespace: "argocd", resourceVersion: "12" },
  spec: { project: "p", source: { repoURL: "https://example.com/a" }, destination: {} },
  status: {
    health: {},
    summary: {},
    sync: { status: "", comparedTo: { source: { repoURL: "" }, destination: {} } },
    sourceHydrator: {},
  },
};

function read(json: unknown) {
  return applicationFrom(ApplicationJson.parse(json));
}

function withStatus(status: object) {
  return read({ ...fresh, status: { ...fresh.status, ...status } });
}

describe("an application that was never reconciled", () => {
  it("knows nothing, and says so", () => {
    expect(read(fresh)).toEqual({
      name: "a",
      namespace: "argocd",
      project: "p",
      resourceVersion: 12,
      deleting: false,
      automated: false,
      ignored: false,
      owner: null,
      sources: [{ url: "https://example.com/a", ref: null, valueFiles: [] }],
      hydrator: null,
      sync: { status: "Unknown", revisions: [] },
      health: { status: "Unknown", message: "", since: null },
      reconciledAt: null,
      requested: null,
      operation: null,
      conditions: [],
      images: [],
      resources: [],
    });
  });

  it("may have no status at all", () => {
    expect(read({ metadata: { name: "a" }, spec: {} }).health.status).toBe("Unknown");
  });
});

describe("automated", () => {
  it.for([
    { policy: undefined, automated: false },
    { policy: {}, automated: false },
    { policy: { automated: null }, automated: false },
    { policy: { automated: {} }, automated: true },
    { policy: { automated: { enabled: true } }, automated: true },
    { policy: { automated: { enabled: false } }, automated: false },
    { policy: { automated: { prune: true } }, automated: true },
  ])("$policy: $automated", ({ policy, automated }) => {
    const json = { ...fresh, spec: { ...fresh.spec, syncPolicy: policy } };
    expect(read(json).automated).toBe(automated);
  });
});

describe("an operation", () => {
  const state = {
    phase: "Failed",
    message: "no",
    startedAt: "2026-11-21T12:00:00Z",
    finishedAt: "2026-11-21T12:00:04Z",
    retryCount: 2,
    operation: {
      sync: { revisions: ["1", "2"] },
      initiatedBy: { username: "sluice" },
      info: [{ name: "sluice", value: "x" }],
    },
    syncResult: {
      revision: "",
      revisions: ["3", "4"],
      resources: [
        { kind: "Deployment", name: "a", status: "SyncFailed", message: "quota" },
        { kind: "Job", name: "b", hookPhase: "Failed", message: "exit 1" },
        { kind: "Service", name: "c", status: "Synced", message: "fine" },
      ],
    },
  };

  it("has the revisions of its result, its infos and what went wrong", () => {
    expect(withStatus({ operationState: state }).operation).toEqual({
      phase: "Failed",
      message: "no",
      startedAt: new Date("2026-11-21T12:00:00Z"),
      finishedAt: new Date("2026-11-21T12:00:04Z"),
      retries: 2,
      revisions: ["3", "4"],
      infos: [{ name: "sluice", value: "x" }],
      startedBy: "sluice",
      failures: [
        { resource: "Deployment/a", message: "quota" },
        { resource: "Job/b", message: "exit 1" },
      ],
    });
  });

  it("has those that were asked for where there is no result", () => {
    const { syncResult: _, ...without } = state;
    expect(withStatus({ operationState: without }).operation?.revisions).toEqual(["1", "2"]);
  });

  it("that is in a phase of a later Argo CD is not over", () => {
    const later = { ...state, phase: "Pausing" };
    expect(withStatus({ operationState: later }).operation?.phase).toBe("Running");
  });

  it("is requested while it stands in the object itself", () => {
    const json = { ...fresh, operation: { sync: { revision: "1" }, initiatedBy: {}, retry: {} } };
    expect(read(json).requested).toEqual({ revisions: ["1"], infos: [], startedBy: "" });
  });
});

describe("words that are not known", () => {
  it.for(["Healthy", "Degraded", "Progressing", "Missing", "Suspended"])("%s is", (status) => {
    expect(withStatus({ health: { status } }).health.status).toBe(status);
  });

  it.for(["", "healthy", "Fine", "constructor"])("'%s' is Unknown", (status) => {
    expect(withStatus({ health: { status }, sync: { status } })).toMatchObject({
      health: { status: "Unknown" },
      sync: { status: "Unknown" },
    });
  });
});

describe("a hydrated source", () => {
  it("has its dry and its hydrated commit, and why it fails", () => {
    const spec = { ...fresh.spec, sourceHydrator: { drySource: { repoURL: "u" } } };
    const sourceHydrator = {
      lastSuccessfulOperation: { drySHA: "1", hydratedSHA: "2" },
      currentOperation: { phase: "Failed", message: "no path" },
    };
    const json = { ...fresh, spec, status: { ...fresh.status, sourceHydrator } };
    expect(read(json).hydrator).toEqual({
      url: "u",
      drySha: "1",
      hydratedSha: "2",
      failure: "no path",
    });
  });
});

describe("any JSON", () => {
  it("is read or refused as a whole, and never throws", () => {
    const part = fc.jsonValue();
    fc.assert(
      fc.property(part, part, part, (status, spec, operation) => {
        const json = { metadata: { name: "a" }, spec, status, operation };
        const parsed = ApplicationJson.safeParse(json);
        if (parsed.success) expect(applicationFrom(parsed.data).name).toBe("a");
        TreeJson.safeParse(json);
        ManagedResourcesJson.safeParse(json);
      }),
      { numRuns: 500 },
    );
  });
});

describe("what runs in the cluster", () => {
  it("reads pods with their reason and owners", () => {
    const nodes = treeFrom({
      nodes: [
        {
          uid: "1",
          kind: "Pod",
          name: "p",
          parentRefs: [{ uid: "2" }],
          images: ["a:1"],
          info: [{ name: "Status Reason", value: "Completed" }],
          health: { status: "Healthy", message: "" },
        },
      ],
    });
    expect(nodes).toEqual([
      {
        uid: "1",
        kind: "Pod",
        name: "p",
        parents: ["2"],
        images: ["a:1"],
        reason: "Completed",
        health: "Healthy",
        message: "",
      },
    ]);
  });

  it("finds the images of every pod template, whatever it is wrapped in", () => {
    const container = (image: string) => ({ containers: [{ image }] });
    const states = [
      {
        kind: "Deployment",
        spec: {
          template: { spec: { ...container("a:1"), initContainers: [{ image: "init:1" }] } },
        },
      },
      {
        kind: "CronJob",
        spec: { jobTemplate: { spec: { template: { spec: container("b:1") } } } },
      },
      { kind: "Pod", spec: container("c:1") },
      { kind: "ConfigMap", data: container("no:1") },
      null,
    ];
    const items = states.map((state) => ({ liveState: JSON.stringify(state) }));
    expect(liveImagesFrom({ items: [...items, { liveState: "no JSON" }, {}] as never })).toEqual([
      "a:1",
      "init:1",
      "b:1",
      "c:1",
    ]);
  });
});
