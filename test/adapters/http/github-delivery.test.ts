import { createHmac } from "node:crypto";
import { createRequire } from "node:module";

import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { isSigned, readSignature, githubSignature } from "#adapters/http/signature.ts";

import { anEdge, deliver, hmac, post, secret, signedHeaders } from "./an-edge.ts";
import type { TestEdge } from "./an-edge.ts";

type Corpus = readonly { readonly name: string; readonly examples: readonly object[] }[];
const corpus = createRequire(import.meta.url)("@octokit/webhooks-examples") as Corpus;

const body = '{"zen":"Keep it logically awesome."}';
const path = "/api/github/webhooks";

describe("a delivery of GitHub", () => {
  let edge: TestEdge;
  beforeEach(async () => {
    edge = await anEdge();
  });
  afterEach(async () => {
    await edge.stop();
  });

  it("is stored as it came, then acknowledged", async () => {
    const text = '{ "a" : "\\u00fc 💚",\n"b":[1,{}] }';
    const headers = signedHeaders(text, {
      "x-github-delivery": "72D3162E-cc78-11e3-81ab-4c9367dc0958",
    });
    const id = "72d3162e-cc78-11e3-81ab-4c9367dc0958";
    expect(await post(edge, path, text, headers)).toEqual({ status: 202, body: { accepted: id } });
    expect(edge.stored).toEqual([
      {
        source: "github",
        id,
        event: "push",
        body: text,
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      },
    ]);
    expect(edge.counted).toEqual([
      { name: "webhook_deliveries_total", labels: { event: "push", result: "accepted" } },
    ]);
  });

  const digest = hmac(body);
  it.for([
    ["no signature", {}],
    ["an empty one", { "x-hub-signature-256": "" }],
    ["one under another secret", { "x-hub-signature-256": `sha256=${hmac(body, "other")}` }],
    ["one of another body", { "x-hub-signature-256": `sha256=${hmac(`${body} `)}` }],
    ["a truncated one", { "x-hub-signature-256": `sha256=${digest.slice(0, 63)}` }],
    ["one with a digit more", { "x-hub-signature-256": `sha256=${digest}0` }],
    ["upper case", { "x-hub-signature-256": `sha256=${digest.toUpperCase()}` }],
    ["no prefix", { "x-hub-signature-256": digest }],
    ["two of them", { "x-hub-signature-256": `sha256=${digest}, sha256=${digest}` }],
    [
      "SHA-1 alone",
      { "x-hub-signature": `sha1=${createHmac("sha1", secret).update(body).digest("hex")}` },
    ],
  ] as const)("with %s is refused with 401", async ([, headers]) => {
    const { "x-hub-signature-256": _, ...rest } = signedHeaders(body);
    const answer = await post(edge, path, body, { ...rest, ...headers });
    expect(answer.status).toBe(401);
    expect(answer.body["error"]).toContain("WEBHOOK_SECRET");
    expect(edge.stored).toEqual([]);
    expect(edge.counted[0]?.labels).toEqual({ event: "unverified", result: "unauthorized" });
  });

  it.for([
    ["x-github-event", "", 400],
    ["x-github-event", "pu sh", 400],
    ["x-github-event", "x".repeat(65), 400],
    ["x-github-delivery", "", 400],
    ["x-github-delivery", "72d3162e", 400],
    ["x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958-1", 400],
    ["x-github-delivery", "../../etc/passwd", 400],
    ["content-type", "application/x-www-form-urlencoded", 415],
    ["content-type", "text/plain", 415],
    ["content-type", "application/jsonp", 415],
    ["content-type", "application/json; charset=utf-8", 202],
    ["content-type", "Application/JSON", 202],
    ["x-github-event", "star", 202],
    ["x-github-event", "__proto__", 202],
    ["x-github-event", "constructor", 202],
    ["x-github-event", "toString", 202],
    ["x-github-event", "hasOwnProperty", 202],
  ] as const)("with %s %j is answered %i", async ([name, value, status]) => {
    const answer = await post(edge, path, body, signedHeaders(body, { [name]: value }));
    expect(answer.status).toBe(status);
    if (status !== 202) expect(answer.body["error"]).toMatch(/; (?:send|choose) .+\.$/);
    const isStored = status === 202 && name === "content-type";
    expect(edge.stored).toHaveLength(isStored ? 1 : 0);
    if (status === 202 && !isStored) expect(edge.counted[0]?.labels["event"]).toBe("other");
  });

  it("is good under the current and the previous secret while the secret is changed", async () => {
    const rotating = await anEdge({
      webhookSecret: { current: "the new secret of today", previous: secret },
    });
    for (let n = 0; n < 100; n += 1) {
      const key = n % 2 === 0 ? secret : "the new secret of today";
      const headers = signedHeaders(body, { "x-hub-signature-256": `sha256=${hmac(body, key)}` });
      expect((await post(rotating, path, body, headers)).status).toBe(202);
    }
    expect(rotating.stored).toHaveLength(100);
    await rotating.stop();
    const rotated = await anEdge({
      webhookSecret: { current: "the new secret of today", previous: null },
    });
    expect((await deliver(rotated, body)).status).toBe(401);
    await rotated.stop();
  });

  it("is acknowledged for each of the 329 public examples", async () => {
    const all = corpus.flatMap(({ name, examples }) =>
      examples.map((example) => ({ name, example })),
    );
    expect(all.length).toBeGreaterThanOrEqual(329);
    const events = new Set(all.map(({ name }) => name));
    const open = await anEdge({}, { handledEvents: events });
    for (const { name, example } of all) {
      const text = JSON.stringify(example);
      const answer = await post(open, path, text, signedHeaders(text, { "x-github-event": name }));
      expect({ name, status: answer.status }).toEqual({ name, status: 202 });
    }
    expect(open.stored).toHaveLength(all.length);
    await open.stop();
  });
});

describe("signatures", () => {
  it("accept none of 10,000 random ones", () => {
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.oneof(
          fc.string(),
          fc.stringMatching(/^sha256=[0-9a-f]{64}$/),
          fc.stringMatching(/^sha1=[0-9a-f]{40}$/),
        ),
        (bytes, header) => {
          const claimed = readSignature(header, githubSignature);
          const rotating = { current: secret, previous: "another secret" };
          if (claimed !== null && isSigned(Buffer.from(bytes), claimed, rotating)) accepted += 1;
        },
      ),
      { numRuns: 10_000 },
    );
    expect(accepted).toBe(0);
  });

  it("accept every body under its own", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const claimed = readSignature(`sha256=${hmac(bytes)}`, githubSignature);
        const rotating = { current: secret, previous: null };
        expect(claimed !== null && isSigned(Buffer.from(bytes), claimed, rotating)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
