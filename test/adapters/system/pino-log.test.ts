import { RequestError } from "@octokit/request-error";
import { describe, expect, it } from "vitest";

import { createPinoLog } from "#adapters/system/pino-log.ts";
import { createRedact } from "#adapters/system/redact.ts";
import { systemClock } from "#adapters/system/system-clock.ts";
import { Fault } from "#core/error.ts";

function aLog(level = "debug", context?: () => Record<string, string>) {
  const lines: Record<string, unknown>[] = [];
  const log = createPinoLog({
    level,
    redact: createRedact(["s3cr3t-value"]),
    ...(context === undefined ? {} : { context }),
    write: (line) => {
      expect(line.endsWith("\n")).toBe(true);
      lines.push(JSON.parse(line) as Record<string, unknown>);
    },
  });
  return { log, lines };
}

describe("the log", () => {
  it("writes one JSON object a line, with the level as a word and the time in ISO form", () => {
    const { log, lines } = aLog();
    log.debug({ a: 1 }, "one");
    log.info({ delivery_id: "x" }, "two");
    log.warn({}, "three");
    log.error({}, "four\nlines");
    expect(lines.map(({ level, message }) => [level, message])).toEqual([
      ["debug", "one"],
      ["info", "two"],
      ["warn", "three"],
      ["error", "four\nlines"],
    ]);
    expect(lines[0]).toEqual({
      level: "debug",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown,
      a: 1,
      message: "one",
    });
  });

  it("leaves out what is below its level", () => {
    const { log, lines } = aLog("warn");
    log.info({}, "no");
    log.child({}).debug({}, "no");
    expect(lines).toEqual([]);
  });

  it("adds the fields of its parents, and of the active span", () => {
    const { log, lines } = aLog("info", () => ({ trace_id: "abc" }));
    log.child({ job_id: "reconcile/1" }).child({ environment: "prod" }).info({ b: 2 }, "hello");
    expect(lines[0]).toMatchObject({
      job_id: "reconcile/1",
      environment: "prod",
      trace_id: "abc",
      b: 2,
    });
  });

  it("shows no secret, in whatever place", () => {
    const { log, lines } = aLog();
    const token = `ghs_${"a1B2".repeat(9)}`;
    log.child({ parent: "s3cr3t-value" }).warn(
      {
        deep: { list: [{ url: "redis://u:s3cr3t-value@h" }, token] },
        ["s3cr3t-value"]: 1,
        password: "anything",
        err: new Error("with s3cr3t-value", { cause: new Error(token) }),
      },
      "and s3cr3t-value in the message",
    );
    const text = JSON.stringify(lines);
    expect(text).not.toContain("s3cr3t-value");
    expect(text).not.toContain(token);
    expect(text).not.toContain("anything");
  });

  it("describes a fault by its code, without a stack", () => {
    const { log, lines } = aLog();
    const retryAt = new Date("2026-11-21T00:00:00Z");
    log.warn(
      {
        err: new Fault("github.limited", "Wait.", {
          retryable: true,
          retryAt,
          cause: new Error("why"),
        }),
      },
      "a fault",
    );
    expect(lines[0]?.["err"]).toMatchObject({
      name: "Fault",
      code: "github.limited",
      message: "Wait.",
      retryable: true,
      retry_at: "2026-11-21T00:00:00.000Z",
      cause: { name: "Error", message: "why" },
    });
    expect(lines[0]?.["err"]).not.toHaveProperty("stack");
  });

  it("describes a request that failed without its headers and body", () => {
    const { log, lines } = aLog();
    const failed = new RequestError("Bad credentials", 401, {
      request: {
        method: "POST",
        url: "https://api.github.com/app/installations/1/access_tokens",
        headers: { authorization: "something that no pattern knows" },
        body: "the body",
      },
      response: {
        status: 401,
        url: "https://api.github.com/",
        data: { hidden: "the data" },
        headers: { "x-github-request-id": "ABCD:1" },
      },
    });
    log.error({ err: failed, reason: failed }, "a request failed");
    expect(lines[0]?.["err"]).toMatchObject({
      name: "HttpError",
      status: 401,
      method: "POST",
      url: "https://api.github.com/app/installations/1/access_tokens",
      request_id: "ABCD:1",
    });
    const text = JSON.stringify(lines);
    for (const hidden of ["no pattern knows", "the body", "the data"]) {
      expect(text).not.toContain(hidden);
    }
  });

  it("ends with an error whose causes go in a circle", () => {
    const { log, lines } = aLog();
    const circle = new Error("round");
    circle.cause = circle;
    log.error({ err: circle }, "round and round");
    expect(lines).toHaveLength(1);
  });
});

describe("the clock", () => {
  it("says what time it is", () => {
    const before = Date.now();
    expect(systemClock.now().getTime()).toBeGreaterThanOrEqual(before);
    expect(systemClock.now().getTime()).toBeLessThanOrEqual(Date.now());
  });
});
