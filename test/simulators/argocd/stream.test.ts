import type { IncomingMessage } from "node:http";
import { request } from "node:http";

import { afterEach, describe, expect, it } from "vitest";

import type { Bench } from "./test-bench.ts";
import { isSettled, poll, startBench, values } from "./test-bench.ts";

const STREAM = "/api/v1/stream/applications";
const SSE = { accept: "text/event-stream" };
let bench: Bench;
const open: (() => void)[] = [];

afterEach(async () => {
  for (const close of open.splice(0)) close();
  await bench.close();
});

type Reading = {
  text(): string;
  ended(): boolean;
  /** Undefined until the headers have come. */
  response(): IncomingMessage | undefined;
};

function read(query = "", headers: Record<string, string> = {}): Reading {
  let text = "";
  let ended = false;
  let response: IncomingMessage | undefined;
  const call = request(`${bench.simulator.url}${STREAM}${query}`, {
    headers: { authorization: `Bearer ${bench.simulator.token}`, ...headers },
  });
  call.on("response", (answer) => {
    response = answer;
    answer.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    answer.on("close", () => {
      ended = true;
    });
    answer.on("error", () => undefined);
  });
  call.on("error", () => {
    ended = true;
  });
  call.end();
  open.push(() => call.destroy());
  return { text: () => text, ended: () => ended, response: () => response };
}

type Message = { result: { type: string; application: { metadata: { name: string } } } };

function messages(text: string): Message[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Message);
}

async function settled(options = {}): Promise<void> {
  bench = await startBench(options);
  for (const name of ["tenant-a-dev", "tenant-a-staging"]) await bench.until(name, isSettled);
}

/** Something that makes a MODIFIED event of tenant-a-prod. */
async function touch(text: string): Promise<void> {
  bench.simulator.admin.editApp("tenant-a-prod", { annotations: { note: text } });
}

describe("the application stream", () => {
  it("begins with ADDED for every application, by name, as lines of JSON", async () => {
    await settled();
    const stream = read();
    await poll(() => messages(stream.text()).length).toBe(3);
    expect(stream.response()?.headers["content-type"]).toBe("application/json");
    expect(
      messages(stream.text()).map((item) => [
        item.result.type,
        item.result.application.metadata.name,
      ]),
    ).toEqual([
      ["ADDED", "tenant-a-dev"],
      ["ADDED", "tenant-a-prod"],
      ["ADDED", "tenant-a-staging"],
    ]);
  });

  it("frames server-sent events with a space before and three newlines after", async () => {
    await settled();
    const stream = read("?name=tenant-a-dev", SSE);
    await poll(() => stream.text()).toMatch(/^data: \{.*\} \n\n\n$/s);
    expect(stream.response()?.headers["content-type"]).toBe("text/event-stream");
  });

  it("keeps server-sent events alive with comments, lines of JSON with nothing", async () => {
    await settled({ timings: { keepAlive: 200 } });
    const sse = read("?name=tenant-a-dev", SSE);
    const lines = read("?name=tenant-a-dev");
    await poll(() => sse.text()).toMatch(/\n\n\n:\n:\n/);
    expect(lines.text().match(/^:/m)).toBeNull();
  });

  it("sends no headers before the first message, and no keep-alive either", async () => {
    await settled({ timings: { keepAlive: 20 } });
    const nothing = read("?name=nobody", SSE);
    const stream = read("?resourceVersion=1", SSE);
    const first = read();
    await poll(() => messages(first.text()).length).toBe(3);
    expect(nothing.response()).toBeUndefined();
    expect(stream.response()).toBeUndefined();
    await touch("one");
    await poll(() => stream.text()).toMatch(/"type":"MODIFIED"/);
    expect(stream.text()).not.toContain("ADDED");
    expect(nothing.response()).toBeUndefined();
  });

  it("suppresses what looks the same through a projection", async () => {
    await settled();
    const query =
      "?name=tenant-a-prod&fields=result.type,result.application.metadata.name,result.application.status.sync.status";
    const stream = read(query);
    const witness = read("?name=tenant-a-prod");
    await poll(() => messages(stream.text()).length).toBe(1);
    await touch("one");
    await touch("two");
    await poll(() => messages(witness.text()).length).toBeGreaterThanOrEqual(3);
    // ADDED, then one MODIFIED: the second looks like the first.
    await poll(() => messages(stream.text()).length).toBe(2);
    expect(messages(stream.text())[1]).toEqual({
      result: {
        type: "MODIFIED",
        application: {
          metadata: { name: "tenant-a-prod" },
          status: { sync: { status: "OutOfSync" } },
        },
      },
    });
  });

  it("tells an error before the first message with a status and its own shape", async () => {
    await settled();
    const headers = { authorization: "Bearer a.b.c" };
    const stream = read("?name=x", { ...headers, ...SSE });
    await poll(() => stream.ended()).toBe(true);
    expect(stream.response()?.statusCode).toBe(401);
    expect(stream.text()).toMatch(/^data: \{"error":\{"grpc_code":16,"http_code":401,/);
    const filtered = read("?fields=result.type", headers);
    await poll(() => filtered.ended()).toBe(true);
    expect(filtered.text()).toBe("{}");
    expect(filtered.response()?.statusCode).toBe(401);
  });

  it("follows a rollout from the refresh to Healthy", async () => {
    await settled({ imageRules: [{ match: ":sha-0000002", outcome: "slow", ms: 20_000 }] });
    const stream = read("?name=tenant-a-dev");
    await poll(() => messages(stream.text()).length).toBe(1);
    await bench.repository.commit({ "gitops/tenants/tenant-a/dev.yaml": values("sha-0000002") });
    await bench.call("GET", "/api/v1/applications/tenant-a-dev?refresh=normal");
    await bench.until("tenant-a-dev", (app) => isSettled(app) && app.status.history?.length === 2);
    await poll(() => {
      const seen = messages(stream.text()) as unknown as {
        result: { application: { status: { health: { status: string } } } };
      }[];
      return seen.map((item) => item.result.application.status.health.status);
    }).toEqual(expect.arrayContaining(["Progressing", "Healthy"]));
  });
});

describe("a stream that breaks", () => {
  it.for([
    ["end", ""],
    ["reset", ""],
    ["error", '{"error":{"grpc_code":14'],
  ] as const)("%s after one message", async ([effect, tail]) => {
    await settled();
    bench.simulator.admin.setFaults([{ kind: "stream", effect, afterMessages: 1 }]);
    const stream = read();
    await poll(() => stream.ended()).toBe(true);
    const lines = stream.text().split("\n");
    expect(lines[0]).toContain("ADDED");
    expect(lines[1] ?? "").toContain(tail);
    expect(stream.text().endsWith("}")).toBe(effect === "error");
  });

  it("stalls without a word", async () => {
    await settled();
    bench.simulator.admin.setFaults([
      { kind: "stream", effect: "stall", afterMessages: 3, times: 1 },
    ]);
    const stream = read();
    await poll(() => messages(stream.text()).length).toBe(3);
    await touch("one");
    const witness = read();
    await poll(() => messages(witness.text()).length).toBeGreaterThanOrEqual(3);
    await touch("two");
    await poll(() => messages(witness.text()).length).toBeGreaterThanOrEqual(4);
    expect(messages(stream.text())).toHaveLength(3);
    expect(stream.ended()).toBe(false);
  });

  it("drops the next messages, and repeats one", async () => {
    await settled();
    bench.simulator.admin.setFaults([
      { kind: "stream", effect: "drop", count: 1, afterMessages: 0, times: 1 },
      { kind: "stream", effect: "duplicate", afterMessages: 1, times: 1 },
    ]);
    const stream = read();
    await poll(() =>
      messages(stream.text()).map((item) => item.result.application.metadata.name),
    ).toEqual(["tenant-a-prod", "tenant-a-prod", "tenant-a-staging"]);
  });
});
