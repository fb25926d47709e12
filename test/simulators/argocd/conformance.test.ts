import { writeFile } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Application } from "./application.ts";
import { brokenRules, tuplesOf } from "./conformance-sequence.ts";
import type { Bench } from "./test-bench.ts";
import { isSettled, poll, startBench } from "./test-bench.ts";

/**
 * What holds for the simulator and for a real Argo CD 3.x. Against a real one it only reads, unless
 * ARGOCD_APP names an application without automated sync that may be synced; ARGOCD_RECORD takes the
 * sequence of states of that sync as JSON, to be compared with the simulator's.
 */
const { ARGOCD_URL, ARGOCD_TOKEN, ARGOCD_APP, ARGOCD_RECORD } = process.env;
const servers = ["simulator", ...(ARGOCD_URL && ARGOCD_TOKEN ? [ARGOCD_URL] : [])];

type TreeNode = {
  kind: string;
  uid: string;
  parentRefs?: { uid: string }[];
  info?: { name: string; value?: string }[];
  images?: string[];
  health?: { status: string };
};

const APPS = "/api/v1/applications";
const JSON_TYPE = { "content-type": "application/json" };

describe.each(servers)("%s", (server) => {
  const simulated = server === "simulator";
  let bench: Bench | undefined;
  let url = server;
  let token = ARGOCD_TOKEN ?? "";
  let app: Application;
  let writable: string | undefined = ARGOCD_APP;

  beforeAll(async () => {
    if (simulated) {
      bench = await startBench();
      await bench.until("tenant-a-dev", isSettled);
      await bench.until("tenant-a-prod", (seen) => seen.status.sync.status === "OutOfSync");
      url = bench.simulator.url;
      token = bench.simulator.token;
      writable = "tenant-a-prod";
    }
    const { items } = (await (await call(APPS)).json()) as { items: Application[] };
    const found = items.find((item) => item.status.reconciledAt !== undefined);
    if (found === undefined) throw new Error("the server has no reconciled application");
    app = found;
  });
  afterAll(() => bench?.close());

  function call(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has("authorization")) headers.set("authorization", `Bearer ${token}`);
    return fetch(`${url}${path}`, { ...init, headers });
  }

  it.each(["", "Bearer opaque"])("knows no session from %o", async (authorization) => {
    const answer = await call(APPS, { headers: { authorization } });
    const message = "no session information";
    expect(answer.status).toBe(401);
    expect(await answer.json()).toEqual({ error: message, code: 16, message });
  });

  it("calls a JWT of its own making invalid", async () => {
    const answer = await call(APPS, { headers: { authorization: "Bearer e30.e30.e30" } });
    expect(answer.status).toBe(401);
    expect(((await answer.json()) as { message: string }).message).toMatch(/^invalid session: /);
  });

  it.each(["text/plain", "application/json; charset=utf-8"])("refuses %s", async (type) => {
    const answer = await call(`${APPS}/${app.metadata.name}/operation`, {
      method: "DELETE",
      headers: { "content-type": type },
    });
    expect(answer.status).toBe(415);
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
    expect((await answer.text()).trim()).toBe("Invalid content type");
  });

  it("answers an unknown route in plain text", async () => {
    const answer = await call("/api/v1/no-such-thing");
    expect(answer.status).toBe(404);
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
  });

  it("lists nothing as null", async () => {
    const answer = await call(`${APPS}?projects=no-such-project-here`);
    expect(await answer.json()).toMatchObject({ items: null });
  });

  it("denies an unknown application without a project, and does not find it with one", async () => {
    const name = "no-such-application-here";
    const bare = await call(`${APPS}/${name}`);
    const message = "permission denied";
    expect(bare.status).toBe(403);
    expect(await bare.json()).toEqual({ error: message, code: 7, message });
    const inProject = await call(`${APPS}/${name}?project=${app.spec.project}`);
    expect(inProject.status).toBe(404);
    expect(await inProject.json()).toMatchObject({
      code: 5,
      message: `applications.argoproj.io "${name}" not found`,
    });
  });

  it("prints an application as plain Go JSON", async () => {
    const got = (await (await call(`${APPS}/${app.metadata.name}`)).json()) as Application;
    expect(got).not.toHaveProperty("kind");
    expect(got).not.toHaveProperty("apiVersion");
    expect(got.metadata.resourceVersion).toMatch(/^\d+$/);
    expect(got.status).toHaveProperty("sourceHydrator");
    expect(got.status.reconciledAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    for (const entry of got.status.history ?? []) expect(entry.id).toBeTypeOf("number");
    if (got.spec.sources === undefined) expect(got.status.sync.revision).toBeTypeOf("string");
    else expect(got.status.sync.revisions).toHaveLength(got.spec.sources.length);
  });

  it("gives resources their health on get and not in the list", async () => {
    const got = (await (await call(`${APPS}/${app.metadata.name}`)).json()) as Application;
    const listed = (await (await call(`${APPS}?name=${app.metadata.name}`)).json()) as {
      items: Application[];
    };
    expect(got.status.resources?.some((item) => item.health !== undefined)).toBe(true);
    expect(listed.items[0]?.status.resources?.some((item) => item.health !== undefined)).toBe(
      false,
    );
  });

  it("shows images on pods alone, which name their owner and how they are", async () => {
    const answer = await call(`${APPS}/${app.metadata.name}/resource-tree`);
    const { nodes } = (await answer.json()) as { nodes: TreeNode[] };
    const uids = new Set(nodes.map((node) => node.uid));
    const pods = nodes.filter((node) => node.kind === "Pod");
    expect(pods.length).toBeGreaterThan(0);
    for (const node of nodes) expect(node.images !== undefined).toBe(node.kind === "Pod");
    for (const pod of pods) {
      expect(uids).toContain(pod.parentRefs?.[0]?.uid);
      expect(pod.info?.map((one) => one.name)).toContain("Status Reason");
      expect(pod.health?.status).toBeTypeOf("string");
    }
    const { status } = (await (await call(`${APPS}/${app.metadata.name}`)).json()) as Application;
    const shown = new Set(pods.flatMap((pod) => pod.images ?? []));
    expect([...shown].sort()).toEqual([...(status.summary.images ?? [])].sort());
  });

  it.each(["normal", "false", ""])("refreshes with refresh=%s and waits for it", async (value) => {
    const answer = await call(`${APPS}/${app.metadata.name}?refresh=${value}`);
    const after = (await answer.json()) as Application;
    expect(after.metadata.annotations ?? {}).not.toHaveProperty(["argocd.argoproj.io/refresh"]);
    expect(Number(after.metadata.resourceVersion)).toBeGreaterThan(
      Number(app.metadata.resourceVersion),
    );
    expect(after.status.reconciledAt! >= app.status.reconciledAt!).toBe(true);
  });

  it("has nothing to terminate where nothing runs", async () => {
    const answer = await call(`${APPS}/${app.metadata.name}/operation`, {
      method: "DELETE",
      headers: JSON_TYPE,
    });
    const message = "Unable to terminate operation. No operation is in progress";
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ error: message, code: 3, message });
  });

  it("reads int64 as numbers only", async () => {
    const answer = await call(`${APPS}/${app.metadata.name}/rollback`, {
      method: "POST",
      headers: JSON_TYPE,
      body: '{"id":"3"}',
    });
    expect(answer.status).toBe(400);
  });

  it("says whether the windows let one sync", async () => {
    const answer = await call(`${APPS}/${app.metadata.name}/syncwindows`);
    expect(((await answer.json()) as { canSync: unknown }).canSync).toBeTypeOf("boolean");
  });

  it.each(["application/json", "text/event-stream"])("streams as %s", async (accept) => {
    const stop = new AbortController();
    const answer = await call(`/api/v1/stream/applications?name=${app.metadata.name}`, {
      headers: { accept },
      signal: stop.signal,
    });
    expect(answer.headers.get("content-type")).toMatch(new RegExp(`^${accept}`));
    let text = "";
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.endsWith("\n")) break;
    }
    stop.abort();
    const frame = accept === "application/json" ? /^(\{.*\})\n/s : /^data: (\{.*\}) \n\n\n/s;
    const message = JSON.parse(frame.exec(text)![1]!.split("\n")[0]!) as object;
    expect(message).toMatchObject({
      result: { type: "ADDED", application: { metadata: { name: app.metadata.name } } },
    });
  });

  it.runIf(simulated || ARGOCD_APP !== undefined)(
    "writes the states of a manual sync in order, and refuses a second one meanwhile",
    async () => {
      const stop = new AbortController();
      const seen: Application[] = [];
      const answer = await call(`/api/v1/stream/applications?name=${writable}`, {
        signal: stop.signal,
      });
      const reading = (async () => {
        let rest = "";
        for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
          const lines = `${rest}${chunk}`.split("\n");
          rest = lines.pop() ?? "";
          for (const line of lines) {
            seen.push(
              (JSON.parse(line) as { result: { application: Application } }).result.application,
            );
          }
        }
      })().catch(() => undefined);
      const sync = { method: "POST", headers: JSON_TYPE, body: "{}" };
      const first = await call(`${APPS}/${writable}/sync`, sync);
      expect(first.status).toBe(200);
      const requested = (await first.json()) as Application;
      expect(requested.status).not.toHaveProperty("operationState");
      const { revision, revisions } = requested.operation!.sync!;
      expect(revision ?? revisions?.at(-1)).toMatch(/^[0-9a-f]{40}$|^\d/);
      const again = await call(`${APPS}/${writable}/sync`, sync);
      expect([400, 200]).toContain(again.status);
      if (again.status === 400) {
        expect(await again.json()).toMatchObject({
          code: 9,
          message: "another operation is already in progress",
        });
      }
      await poll(() => seen.at(-1)?.operation === undefined && isReconciled(seen)).toBe(true);
      stop.abort();
      await reading;
      const tuples = tuplesOf(seen);
      expect(brokenRules(tuples)).toEqual([]);
      if (!simulated && ARGOCD_RECORD)
        await writeFile(ARGOCD_RECORD, JSON.stringify(tuples, null, 2));
    },
  );
});

/** The comparison after the operation has been written. */
function isReconciled(seen: Application[]): boolean {
  const last = seen.at(-1)?.status;
  const finishedAt = last?.operationState?.finishedAt;
  return (
    finishedAt !== undefined &&
    last?.reconciledAt !== undefined &&
    last.reconciledAt >= finishedAt &&
    last.sync.status === "Synced"
  );
}
