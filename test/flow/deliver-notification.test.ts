import { describe, expect, it } from "vitest";

import { Fault } from "#core/error.ts";
import { deliverNotification, type DeliveryRecord } from "#flow/deliver-notification.ts";
import type { Deps } from "#flow/deps.ts";
import type { NotificationJob } from "#ports/job-queue.ts";
import type { CloudEvent, Notifier } from "#ports/notifier.ts";

import { memoryFacts, noMeter, silentLog } from "../adapters/github/support.ts";
import { anArtifact, aStream, noon } from "../builders.ts";

const jobContext = { jobId: "job", attempt: 0, signal: new AbortController().signal };

function aJob(
  change: Partial<NotificationJob["notification"]> = {},
  target: NotificationJob["target"] = { kind: "slack", channel: "releases" },
): NotificationJob {
  return {
    installation: 1,
    repository: "acme/platform",
    web: "https://github.com",
    target,
    notification: {
      id: "one",
      kind: "on-blocked",
      environment: "prod",
      stream: aStream({ environment: "prod" }),
      artifact: anArtifact("v2"),
      promotion: "promotion",
      pull: 12,
      sentence: "Needs an approval.",
      at: noon.toISOString(),
      ...change,
    },
  };
}

function aPlace(notifier: Partial<Notifier> = {}, now = noon) {
  const facts = memoryFacts();
  const sent: { text: string; standing: string | null }[] = [];
  const events: CloudEvent[] = [];
  const deps = {
    facts,
    clock: { now: () => now },
    log: silentLog,
    meter: noMeter,
    notifier: {
      webhook: async (_name: string, event: CloudEvent) => {
        events.push(event);
        return Promise.resolve({ kind: "delivered" } as const);
      },
      slack: async ({ text, standing }: Parameters<Notifier["slack"]>[0]) => {
        sent.push({ text, standing: standing?.ts ?? null });
        const ts = standing?.ts ?? String(sent.length);
        return Promise.resolve({ kind: "delivered", message: { channel: "C1", ts } } as const);
      },
      ...notifier,
    },
  } as unknown as Deps;
  const record = async () => [...(await facts.list<DeliveryRecord>("delivery/")).values()];
  return { deps, sent, events, record, facts };
}

describe("a notification", () => {
  it("of one promotion goes into one message, in the order of what happened, each line once", async () => {
    const { deps, sent, record } = aPlace();
    const later = new Date(noon.getTime() + 60_000).toISOString();
    await deliverNotification(
      deps,
      aJob({ id: "two", kind: "on-promoted", at: later }),
      jobContext,
    );
    await deliverNotification(deps, aJob(), jobContext);
    await deliverNotification(deps, aJob(), jobContext);
    expect(sent.map(({ standing }) => standing)).toEqual([null, "1", "1"]);
    const lines = sent.at(-1)?.text.split("\n").slice(1) ?? [];
    expect(lines.map((line) => line.slice(0, 12))).toEqual(["• *Needs som", "• *Promoted."]);
    await deliverNotification(deps, aJob({ id: "three", promotion: "another" }), jobContext);
    expect(sent.at(-1)?.standing).toBeNull();
    expect((await record()).map(({ result }) => result)).toEqual(Array(3).fill("delivered"));
  });

  it("comes as a new message once nobody knows the old one any more", async () => {
    const first = aPlace();
    await deliverNotification(first.deps, aJob(), jobContext);
    const { deps, sent } = aPlace();
    await deliverNotification(deps, aJob({ id: "two" }), jobContext);
    expect(sent).toMatchObject([{ standing: null }]);
  });

  it("is an event of CloudEvents for an endpoint", async () => {
    const { deps, events } = aPlace();
    await deliverNotification(deps, aJob({}, { kind: "webhook", name: "ops" }), jobContext);
    expect(events).toEqual([
      {
        specversion: "1.0",
        id: "one",
        source: "https://github.com/acme/platform",
        type: "sluice.on-blocked",
        subject: "prod/demo-api/all",
        time: "2026-03-02T12:00:00.000Z",
        datacontenttype: "application/json",
        data: {
          repository: "acme/platform",
          environment: "prod",
          service: "demo-api",
          ring: "all",
          artifact: anArtifact("v2"),
          promotion: "promotion",
          pull: 12,
          sentence: "Needs an approval.",
        },
      },
    ]);
  });

  it("that is refused is written down, and not tried again", async () => {
    const refused = { kind: "refused", sentence: "Invite the bot." } as const;
    const { deps, record } = aPlace({ slack: async () => Promise.resolve(refused) });
    expect(await deliverNotification(deps, aJob(), jobContext)).toEqual({ kind: "done" });
    expect(await record()).toMatchObject([{ result: "refused", sentence: "Invite the bot." }]);
  });

  it("meets an outage as a fault, and is told by the same job later", async () => {
    let away = true;
    const { deps, sent } = aPlace({
      slack: async ({ text }) => {
        if (away) throw new Fault("notification.unavailable", "Away.", { retryable: true });
        sent.push({ text, standing: null });
        return Promise.resolve({ kind: "delivered" });
      },
    });
    const told = deliverNotification(deps, aJob(), jobContext);
    await expect(told).rejects.toMatchObject({ retryable: true });
    away = false;
    await deliverNotification(deps, aJob(), jobContext);
    expect(sent).toHaveLength(1);
  });

  it("is looked for before it is posted once more, where the first answer was lost", async () => {
    let answers = false;
    const asked: Parameters<Notifier["slack"]>[0][] = [];
    const { deps } = aPlace({
      slack: async (message) => {
        asked.push(message);
        if (!answers) throw new Fault("notification.unavailable", "Silence.", { retryable: true });
        return Promise.resolve({ kind: "delivered", message: { channel: "C1", ts: "1" } });
      },
    });
    const first = deliverNotification(deps, aJob(), jobContext);
    await expect(first).rejects.toMatchObject({ retryable: true });
    answers = true;
    await deliverNotification(deps, aJob(), jobContext);
    await deliverNotification(deps, aJob({ id: "two" }), jobContext);
    // By then the channel's id is known, which alone can be looked through.
    answers = false;
    const other = aJob({ id: "three", promotion: "another" });
    await expect(deliverNotification(deps, other, jobContext)).rejects.toMatchObject({});
    answers = true;
    await deliverNotification(deps, other, jobContext);
    expect(asked.map(({ standing, lost }) => standing?.ts ?? lost)).toEqual([
      null,
      { channel: "releases", since: noon },
      "1",
      null,
      { channel: "C1", since: noon },
    ]);
    expect(new Set(asked.map(({ id }) => id)).size).toBe(2);
  });

  it("that was refused was not posted", async () => {
    const asked: unknown[] = [];
    const { deps } = aPlace({
      slack: async ({ lost }) => {
        asked.push(lost);
        return Promise.resolve({ kind: "refused", sentence: "Invite the bot." });
      },
    });
    await deliverNotification(deps, aJob(), jobContext);
    await deliverNotification(deps, aJob({ id: "two" }), jobContext);
    expect(asked).toEqual([null, null]);
  });

  it("is given up after a day", async () => {
    const { deps, sent, record } = aPlace({}, new Date(noon.getTime() + 25 * 3_600_000));
    await deliverNotification(deps, aJob(), jobContext);
    expect(sent).toEqual([]);
    expect(await record()).toMatchObject([{ result: "given-up" }]);
  });
});
