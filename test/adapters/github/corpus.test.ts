import { createRequire } from "node:module";

import { describe, expect, it } from "vitest";

import { handledEvents } from "#adapters/github/handled-events.ts";
import { probotApp } from "#adapters/github/probot-app.ts";
import { readEvent } from "#adapters/github/read-event.ts";

import { newKey, silentLog } from "./support.ts";

type Corpus = readonly { name: string; examples: readonly Record<string, unknown>[] }[];

const require = createRequire(import.meta.url);
const corpus = require("@octokit/webhooks-examples") as Corpus;

describe("every public example payload", () => {
  it("becomes an event, and what Sluice handles is understood or ignored for a reason", () => {
    let count = 0;
    const lacking: string[] = [];
    for (const { name, examples } of corpus) {
      for (const payload of examples) {
        const { event } = readEvent(name, payload, 1);
        count += 1;
        if (!Object.hasOwn(handledEvents, name)) expect(event.kind).toBe("ignored");
        if (event.kind === "ignored" && /lacks/u.test(event.reason)) {
          lacking.push(`${name}: ${event.reason}`);
        }
      }
    }
    expect(count).toBe(329);
    expect(lacking).toEqual([]);
  });

  it("passes through Probot, and exactly the handled ones arrive", async () => {
    const seen: string[] = [];
    const settings = {
      apiUrl: "http://127.0.0.1:9",
      appId: 1,
      privateKey: newKey(),
      log: silentLog,
    };
    const source = probotApp(settings, async (_received, { name }) => {
      seen.push(name);
    });
    let handled = 0;
    for (const { name, examples } of corpus) {
      for (const payload of examples) {
        await source.receive({ id: crypto.randomUUID(), name, payload });
        if (Object.hasOwn(handledEvents, name)) handled += 1;
      }
    }
    expect(seen).toHaveLength(handled);
    expect(handled).toBeGreaterThan(80);
  });
});
