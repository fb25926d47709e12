import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import { connectPrometheus } from "#adapters/prometheus/connect-prometheus.ts";
import type { Log } from "#ports/log.ts";

import { noTracer, silentLog } from "../github/support.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
type Heard = {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly query: string | null;
};

const running: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});

/** A server on a port of its own that answers every request alike, and what it heard. */
async function serve(answer: Answer) {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      const { method, url, headers } = request;
      const query = new URLSearchParams(body).get("query");
      heard.push({ method, url, authorization: headers.authorization, query });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  running.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { host: `127.0.0.1:${port}`, heard };
}

function json(body: unknown, status = 200): Answer {
  return (_request, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
}

function vector(...values: readonly string[]) {
  const result = values.map((value) => ({ metric: {}, value: [1_700_000_000.123, value] }));
  return { status: "success", data: { resultType: "vector", result } };
}

function connect(url: string | null, change: { deadlineMs?: number; log?: Log } = {}) {
  const redact = (text: string) => text.replaceAll("hunter22", "[redacted]");
  return connectPrometheus({ url, log: silentLog, tracer: noTracer, redact, ...change });
}

async function measure(answer: Answer, query = "up") {
  const { host } = await serve(answer);
  return connect(`http://${host}`).measure(query);
}

describe("an answer that is a number", () => {
  it.for([
    [vector("0.0712"), 0.0712],
    [vector("-1e-05"), -0.00001],
    [vector("0"), 0],
    [{ status: "success", data: { resultType: "scalar", result: [1, "42"] } }, 42],
    [{ ...vector("1"), infos: ["PromQL info: metric might not be a counter"] }, 1],
  ] as const)("%o", async ([body, value]) => {
    expect(await measure(json(body))).toEqual({ kind: "value", value });
  });
});

describe("an answer that is none", () => {
  it.for([
    ["no-data", json(vector())],
    ["several-series", json(vector("1", "2", "3"))],
    ["not-a-number", json(vector("NaN"))],
    ["not-a-number", json(vector("+Inf"))],
    ["not-a-number", json(vector(""))],
    [
      "no-number",
      json({
        status: "success",
        data: { resultType: "matrix", result: [{ metric: {}, values: [] }] },
      }),
    ],
    ["no-number", json({ status: "success", data: { resultType: "string", result: [1, "a"] } })],
    [
      "no-number",
      json({
        status: "success",
        data: { resultType: "vector", result: [{ metric: {}, histogram: [1, {}] }] },
      }),
    ],
    ["not-whole", json({ ...vector("1"), warnings: ["a store does not answer"] })],
    ["query-failed", json({ status: "error", errorType: "bad_data", error: "parse error" }, 400)],
    ["query-failed", json({ status: "error", errorType: "timeout", error: "too slow" }, 503)],
    ["refused", json({}, 401)],
    ["refused", json({}, 403)],
    ["strange-answer", json({ status: "success" })],
    ["strange-answer", json({ ok: true })],
    ["strange-answer", json(vector("1"), 500)],
    ["strange-answer", (_request, response) => void response.end("<html>")],
    [
      "strange-answer",
      (_request, response) =>
        void response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
    ],
    ["too-large", (_request, response) => void response.end(JSON.stringify("x".repeat(1_100_000)))],
    ["unreachable", (request) => void request.socket.destroy()],
  ] satisfies readonly (readonly [string, Answer])[])("%s", async ([reason, answer]) => {
    const measurement = await measure(answer);
    expect(measurement).toMatchObject({ kind: "nothing", reason });
    expect(measurement).toHaveProperty("sentence", expect.stringMatching(/^\S.*\.$/));
    expect(measurement).toHaveProperty("remedy", expect.stringMatching(/^\S.*\.$/));
  });

  it("without a setting, before anything is asked", async () => {
    expect(await connect(null).measure("up")).toMatchObject({ reason: "not-configured" });
  });

  it("once the deadline is over", async () => {
    const { host } = await serve(() => undefined);
    const measurement = await connect(`http://${host}`, { deadlineMs: 50 }).measure("up");
    expect(measurement).toMatchObject({
      reason: "unreachable",
      sentence: "Prometheus did not answer within 0.05 s.",
    });
  });

  it("and is thrown where the job was given up, since then nobody wants to know", async () => {
    const { host } = await serve(() => undefined);
    const job = new AbortController();
    const asking = connect(`http://${host}`).measure("up", job.signal);
    job.abort(new Error("the lock is lost"));
    await expect(asking).rejects.toThrow("the lock is lost");
  });
});

describe("what it asks", () => {
  it("is a form, so that a query may be long", async () => {
    const { host, heard } = await serve(json(vector("1")));
    const query = `sum(up{tenant=~"${"t-1|".repeat(5000)}x"}) / 2 > 1 & "é"`;
    await connect(`http://${host}/prometheus/`).measure(query);
    expect(heard).toEqual([
      { method: "POST", url: "/prometheus/api/v1/query", authorization: undefined, query },
    ]);
  });

  it.for([
    ["sluice:hunter22@", `Basic ${Buffer.from("sluice:hunter22").toString("base64")}`],
    ["a%40b:p%3Aw@", `Basic ${Buffer.from("a@b:p:w").toString("base64")}`],
    [":hunter22@", "Bearer hunter22"],
    ["", undefined],
  ] as const)("carries the credentials of %s in a header", async ([credentials, authorization]) => {
    const { host, heard } = await serve(json(vector("1")));
    await connect(`http://${credentials}${host}`).measure("up");
    expect(heard.map((one) => [one.authorization, one.url])).toEqual([
      [authorization, "/api/v1/query"],
    ]);
  });

  it("and never says them, whatever goes wrong", async () => {
    const lines: string[] = [];
    const log: Log = { ...silentLog, info: (...entry) => void lines.push(JSON.stringify(entry)) };
    const said: unknown[] = [];
    for (const answer of [
      json({ status: "error", errorType: "bad_data", error: "no hunter22 here" }, 400),
      json({ ...vector("1"), warnings: ["hunter22"] }),
      ((request) => void request.socket.destroy()) satisfies Answer,
    ]) {
      const { host } = await serve(answer);
      said.push(await connect(`http://sluice:hunter22@${host}`, { log }).measure("up"));
    }
    expect(lines).toHaveLength(3);
    expect(JSON.stringify([lines, said])).not.toContain("hunter22");
  });
});
