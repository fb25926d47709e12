import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Bench } from "./test-bench.ts";
import { isSettled, startBench } from "./test-bench.ts";

const APPS = "/api/v1/applications";
let bench: Bench;

beforeAll(async () => {
  bench = await startBench({
    accounts: {
      sluice: { rules: [{ action: "get", object: "*" }] },
      reader: { rules: [{ action: "get", object: "dev/*" }] },
    },
  });
  for (const name of ["tenant-a-dev", "tenant-a-staging"]) await bench.until(name, isSettled);
});
afterAll(() => bench.close());

type Item = { metadata: { name: string }; status: Record<string, unknown> };
type List = { items: Item[] | null; metadata: { resourceVersion: string } };

async function list(query: string, token?: string): Promise<string[] | null> {
  const answer = await bench.call("GET", `${APPS}${query}`, token === undefined ? {} : { token });
  const { items } = answer.json as List;
  return items === null ? null : items.map((item) => item.metadata.name);
}

describe("the list", () => {
  it("is null, not empty", async () => {
    expect(await list("?projects=nothing")).toBeNull();
    expect(await list("", bench.simulator.tokenFor("nobody"))).toBeNull();
  });

  it.for([
    ["", ["tenant-a-dev", "tenant-a-prod", "tenant-a-staging"]],
    ["?projects=dev&projects=prod", ["tenant-a-dev", "tenant-a-prod"]],
    ["?name=tenant-a-dev", ["tenant-a-dev"]],
    ["?selector=environment%3Ddev", ["tenant-a-dev"]],
    ["?selector=environment%20in%20(dev,prod),tenant", ["tenant-a-dev", "tenant-a-prod"]],
    ["?selector=environment!%3Ddev", ["tenant-a-prod", "tenant-a-staging"]],
    ["?repo=https://example.com/other.git", null],
    ["?unknown=1&name=tenant-a-dev", ["tenant-a-dev"]],
  ] as const)("filters by %o", async ([query, names]) => {
    expect(await list(query)).toEqual(names);
  });

  it("leaves out what one may not see", async () => {
    expect(await list("", bench.simulator.tokenFor("reader"))).toEqual(["tenant-a-dev"]);
  });

  it("answers a bad selector with 500", async () => {
    const answer = await bench.call("GET", `${APPS}?selector=a%20b%20c`);
    expect(answer).toMatchObject({ status: 500, json: { code: 2 } });
  });

  it("has no kind and no apiVersion, but empty structs", async () => {
    const listed = (await bench.call("GET", APPS)).json as List;
    expect(listed).not.toHaveProperty("kind");
    expect(listed.items![0]).not.toHaveProperty("apiVersion");
    expect(listed.items![0]!.status).toMatchObject({ sourceHydrator: {} });
    expect(Number(listed.metadata.resourceVersion)).toBeGreaterThan(0);
  });

  it("gives resources their health on get, not in the list", async () => {
    const listed = (await bench.call("GET", `${APPS}?name=tenant-a-dev`)).json as List;
    expect(JSON.stringify(listed.items![0]!.status["resources"])).not.toContain("health");
    const got = await bench.app("tenant-a-dev");
    const deployment = got.status.resources!.find((item) => item.kind === "Deployment");
    expect(deployment?.health).toEqual({ status: "Healthy" });
  });

  it("projects to allow-listed fields only", async () => {
    const fields =
      "items.metadata.name,items.status.health,items.status.reconciledAt,items.status.history,items.metadata.deletionTimestamp";
    const answer = await bench.call("GET", `${APPS}?name=tenant-a-dev&fields=${fields}`);
    const item = (answer.json as List).items![0]!;
    expect(Object.keys(item)).toEqual(["metadata", "status"]);
    expect(item.metadata).toEqual({ name: "tenant-a-dev", deletionTimestamp: null });
    expect(Object.keys(item.status)).toEqual(["health"]);
    const without = await bench.call("GET", `${APPS}?name=tenant-a-dev&fields=-items.spec`);
    expect((without.json as List).items![0]).not.toHaveProperty("spec");
    expect((without.json as List).items![0]).toHaveProperty("status.summary");
  });
});

describe("details", () => {
  it("shows the tree down to the pods", async () => {
    const { nodes } = (await bench.call("GET", `${APPS}/tenant-a-dev/resource-tree`)).json as {
      nodes: { kind: string; images?: string[]; health?: { status: string } }[];
    };
    expect(nodes.map((node) => node.kind).sort()).toEqual([
      "ConfigMap",
      "Deployment",
      "Pod",
      "ReplicaSet",
      "Service",
    ]);
    expect(nodes.find((node) => node.kind === "Pod")).toMatchObject({
      images: ["ghcr.io/acme/demo-api:sha-0000001"],
      health: { status: "Healthy" },
    });
  });

  it("shows desired and live manifests as JSON strings", async () => {
    const answer = await bench.call(
      "GET",
      `${APPS}/tenant-a-dev/managed-resources?group=apps&kind=Deployment`,
    );
    const { items } = answer.json as { items: { liveState: string; targetState: string }[] };
    expect(items).toHaveLength(1);
    expect(items[0]!.liveState).toContain("demo-api:sha-0000001");
    expect(items[0]!.targetState).toContain("demo-api:sha-0000001");
  });

  it("fails or hangs on a cache miss", async () => {
    bench.simulator.admin.setFaults([{ kind: "backend", redisMiss: "error" }]);
    expect((await bench.call("GET", `${APPS}/tenant-a-dev/resource-tree`)).status).toBe(500);
    bench.simulator.admin.setFaults([]);
  });

  it("tells a revision's author and message", async () => {
    const path = `${APPS}/tenant-a-dev/revisions/${bench.firstSha}/metadata`;
    expect((await bench.call("GET", path)).json).toMatchObject({
      author: "Someone <someone@example.com>",
      message: "change values",
    });
  });

  it("answers an unknown ApplicationSet with 404", async () => {
    expect((await bench.call("GET", "/api/v1/applicationsets/x")).status).toBe(404);
    expect((await bench.call("GET", "/api/v1/applicationsets")).json).toMatchObject({
      items: null,
    });
  });

  it("lists events of an application", async () => {
    const { items } = (await bench.call("GET", `${APPS}/tenant-a-dev/events`)).json as {
      items: { reason: string }[];
    };
    expect(items.map((item) => item.reason)).toContain("OperationCompleted");
  });
});
