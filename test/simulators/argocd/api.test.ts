import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Bench } from "./test-bench.ts";
import { isSettled, poll, startBench } from "./test-bench.ts";

const APPS = "/api/v1/applications";
let bench: Bench;

beforeAll(async () => {
  bench = await startBench({
    accounts: {
      admin: { rules: [{ action: "*", object: "*" }], password: "secret" },
      sluice: {
        rules: [
          { action: "get", object: "*" },
          { action: "sync", object: "*" },
        ],
      },
      reader: { rules: [{ action: "get", object: "dev/*" }] },
    },
  });
  for (const name of ["tenant-a-dev", "tenant-a-staging"]) await bench.until(name, isSettled);
});
afterAll(() => bench.close());

const denied = { error: "permission denied", code: 7, message: "permission denied" };
const unauthenticated = {
  error: "no session information",
  code: 16,
  message: "no session information",
};

describe("tokens", () => {
  it("wants one", async () => {
    const answer = await bench.call("GET", APPS, { token: null });
    expect(answer).toMatchObject({ status: 401, json: unauthenticated });
  });

  it("ignores a token that does not look like a JWT", async () => {
    const answer = await bench.call("GET", APPS, { token: "opaque-token" });
    expect(answer).toMatchObject({ status: 401, json: unauthenticated });
  });

  it("refuses a JWT of another key, and an expired one", async () => {
    const [head, body] = bench.simulator.token.split(".");
    const forged = await bench.call("GET", APPS, { token: `${head}.${body}.AAAA` });
    expect(forged.status).toBe(401);
    expect(forged.text).toContain("invalid session: ");
    const expired = bench.simulator.tokenFor("sluice", 0.001);
    await poll(async () => (await bench.call("GET", APPS, { token: expired })).status).toBe(401);
  });

  it("logs in, and answers a wrong password with the one message", async () => {
    const good = await bench.call("POST", "/api/v1/session", {
      token: null,
      body: { username: "admin", password: "secret" },
    });
    const { token } = good.json as { token: string };
    expect((await bench.call("GET", APPS, { token })).status).toBe(200);
    const bad = await bench.call("POST", "/api/v1/session", {
      token: null,
      body: { username: "admin", password: "no" },
    });
    expect(bad).toMatchObject({ status: 401, json: { message: "Invalid username or password" } });
  });

  it("tells who one is, and never refuses", async () => {
    const path = "/api/v1/session/userinfo";
    expect((await bench.call("GET", path, { token: null })).json).toEqual({});
    expect((await bench.call("GET", path, { token: "a.b.c" })).json).toEqual({});
    expect((await bench.call("GET", path)).json).toMatchObject({
      loggedIn: true,
      username: "sluice",
    });
  });

  it.for([
    ["get", "dev/tenant-a-dev", "yes"],
    ["get", "prod/tenant-a-prod", "no"],
    ["sync", "dev/tenant-a-dev", "no"],
  ] as const)("can-i %s %s: %s", async ([action, object, value]) => {
    const token = bench.simulator.tokenFor("reader");
    const path = `/api/v1/account/can-i/applications/${action}/${object}`;
    expect((await bench.call("GET", path, { token })).json).toEqual({ value });
  });

  it("shows the version alone to a stranger", async () => {
    const stranger = await bench.call("GET", "/api/version", { token: null });
    expect(stranger.json).toEqual({ Version: "v3.5.1+109ca7c" });
    expect((await bench.call("GET", "/api/version")).json).toHaveProperty("HelmVersion");
  });
});

describe("transport", () => {
  it.for(["application/json; charset=utf-8", "text/plain", ""])(
    "refuses the content type %o of a request that is not a GET",
    async (type) => {
      for (const [method, path] of [
        ["POST", `${APPS}/tenant-a-dev/sync`],
        ["DELETE", `${APPS}/tenant-a-dev/operation`],
      ] as const) {
        const answer = await bench.call(method, path, { headers: { "content-type": type } });
        expect(answer.status).toBe(415);
        expect(answer.text).toBe("Invalid content type\n");
        expect(answer.type).toMatch(/^text\/plain/);
      }
    },
  );

  it("answers unknown routes and methods in plain text", async () => {
    const unknown = await bench.call("GET", "/api/v1/nothing");
    expect(unknown).toMatchObject({ status: 404, text: "Not Found\n" });
    const method = await bench.call("DELETE", APPS);
    expect(method).toMatchObject({ status: 405, text: "Method Not Allowed\n" });
    expect(method.type).toMatch(/^text\/plain/);
  });

  it("compresses for those who take it", async () => {
    const response = await fetch(`${bench.simulator.url}${APPS}`, {
      headers: { authorization: `Bearer ${bench.simulator.token}`, "accept-encoding": "gzip" },
    });
    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect(await response.json()).toHaveProperty("items");
  });

  it("refuses a body that is not JSON, and a string where a number belongs", async () => {
    const path = `${APPS}/tenant-a-prod/rollback`;
    expect((await bench.call("POST", path, { body: { id: "3" } })).json).toMatchObject({ code: 3 });
    const response = await fetch(`${bench.simulator.url}${path}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${bench.simulator.token}`,
        "content-type": "application/json",
      },
      body: "nonsense",
    });
    expect(response.status).toBe(400);
  });

  it("answers /healthz", async () => {
    expect(await bench.call("GET", "/healthz", { token: null })).toMatchObject({
      status: 200,
      text: "ok",
    });
  });
});

describe("the four meanings of 403, and 404", () => {
  it.for([
    ["unknown, no project", "sluice", `${APPS}/nobody`, 403],
    ["unknown, in a project with the right", "sluice", `${APPS}/nobody?project=dev`, 404],
    ["unknown, in a project without the right", "reader", `${APPS}/nobody?project=prod`, 403],
    ["no right, no project", "reader", `${APPS}/tenant-a-prod`, 403],
    ["no right, project given", "reader", `${APPS}/tenant-a-prod?project=prod`, 403],
    ["another project's", "sluice", `${APPS}/tenant-a-prod?project=dev`, 404],
    ["another project's, no right there", "reader", `${APPS}/tenant-a-prod?project=dev`, 404],
  ] as const)("%s", async ([, account, path, status]) => {
    const answer = await bench.call("GET", path, { token: bench.simulator.tokenFor(account) });
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.json).toEqual(denied);
    else expect(answer.text).toMatch(/applications.argoproj.io \\"[a-z-]+\\" not found/);
  });

  it("more than one project is a 400", async () => {
    const answer = await bench.call("GET", `${APPS}/tenant-a-dev?projects=dev&projects=prod`);
    expect(answer).toMatchObject({ status: 400, json: { code: 3 } });
  });

  it("says what is missing to someone who may get but not sync", async () => {
    const answer = await bench.call("POST", `${APPS}/tenant-a-dev/sync`, {
      token: bench.simulator.tokenFor("reader"),
    });
    expect(answer.status).toBe(403);
    expect(answer.text).toMatch(
      /permission denied: applications, sync, dev\/tenant-a-dev, sub: reader, iat: /,
    );
  });

  it("says that a window is closed, even to someone who may not sync", async () => {
    bench.simulator.admin.setSyncWindows([{ kind: "deny", applications: ["*"] }]);
    const answer = await bench.call("POST", `${APPS}/tenant-a-dev/sync`, {
      token: bench.simulator.tokenFor("reader"),
    });
    expect(answer).toMatchObject({
      status: 403,
      json: { message: "cannot sync: blocked by sync window" },
    });
    expect((await bench.call("GET", `${APPS}/tenant-a-dev/syncwindows`)).json).toMatchObject({
      activeWindows: [{ kind: "deny" }],
      canSync: false,
    });
    bench.simulator.admin.setSyncWindows([]);
    const open = await bench.call("GET", `${APPS}/tenant-a-dev/syncwindows`);
    expect(open.json).toEqual({ canSync: true });
  });

  it("says permission denied when the Kubernetes API is down, and still lists", async () => {
    bench.simulator.admin.setFaults([{ kind: "backend", k8sDown: true }]);
    expect(await bench.call("GET", `${APPS}/tenant-a-dev?project=dev`)).toMatchObject({
      status: 403,
      json: denied,
    });
    expect((await bench.call("GET", APPS)).status).toBe(200);
    bench.simulator.admin.setFaults([]);
  });
});
