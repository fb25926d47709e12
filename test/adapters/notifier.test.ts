import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import { sendMessage } from "#adapters/slack/send-message.ts";
import { sendEvent } from "#adapters/webhook/send-event.ts";
import type { CloudEvent } from "#ports/notifier.ts";

type Seen = {
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
};
type Reply = {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: object;
};

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server that answers one request after the other; null: it hangs up. */
async function aServer(...replies: (Reply | null)[]) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      seen.push({
        url: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(parts).toString(),
      });
      const reply = replies.shift();
      if (reply === null) request.socket.destroy();
      else {
        response.writeHead(reply?.status ?? 200, reply?.headers);
        response.end(JSON.stringify(reply?.body ?? {}));
      }
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const event: CloudEvent = {
  specversion: "1.0",
  id: "abc",
  source: "https://github.com/acme/platform",
  type: "sluice.on-promoted",
  subject: "prod/demo-api/all",
  time: "2026-03-02T12:00:00.000Z",
  datacontenttype: "application/json",
  data: { sentence: "It holds a secret-token-0123456789." },
};
const redact = (text: string) => text.replaceAll("secret-token-0123456789", "[redacted]");
const secret = "a secret of sixteen";

describe("an endpoint", () => {
  it("is sent a CloudEvent, signed over its very bytes, without secrets", async () => {
    const { url, seen } = await aServer({ status: 202 });
    const told = await sendEvent("ops", { url: `${url}/hook`, secret }, event, { redact });
    expect(told).toEqual({ kind: "delivered" });
    const [request] = seen;
    expect(request?.url).toBe("/hook");
    expect(request?.headers["content-type"]).toBe("application/cloudevents+json; charset=utf-8");
    const signature = createHmac("sha256", secret)
      .update(request?.body ?? "")
      .digest("hex");
    expect(request?.headers["x-sluice-signature-256"]).toBe(signature);
    const sent = JSON.parse(request?.body ?? "{}") as CloudEvent;
    expect(sent).toMatchObject({ ...event, data: { sentence: "It holds a [redacted]." } });
  });

  it.for([400, 401, 404, 410, 302])("that answers %d is not asked again", async (status) => {
    const { url, seen } = await aServer({ status, headers: { location: "http://127.0.0.1:1/" } });
    const told = await sendEvent("ops", { url, secret }, event, { redact });
    expect(told).toMatchObject({ kind: "refused" });
    expect(seen).toHaveLength(1);
  });

  it.for([500, 503, 429, 408, null])("that answers %s is an outage", async (status) => {
    const reply = status === null ? null : { status, headers: { "retry-after": "30" } };
    const { url } = await aServer(reply);
    const told = sendEvent("ops", { url, secret }, event, { redact });
    await expect(told).rejects.toMatchObject({ code: "notification.unavailable", retryable: true });
    if (status !== null)
      await expect(told).rejects.toSatisfy(
        ({ retryAt }: { retryAt: Date }) =>
          Math.abs(retryAt.getTime() - Date.now() - 30_000) < 5_000,
      );
  });

  it("that does not listen is an outage", async () => {
    const told = sendEvent("ops", { url: "http://127.0.0.1:1/", secret }, event, { redact });
    await expect(told).rejects.toMatchObject({ code: "notification.unavailable" });
  });
});

describe("Slack", () => {
  const token = "xoxb-test";
  const at = { channel: "C1", ts: "17.1" };
  const named = { id: "acme/platform promotion", lost: null };
  const posted = { body: { ok: true, ...at } };
  const error = (name: string) => ({ body: { ok: false, error: name } });

  it("posts a message and says which one it is", async () => {
    const { url, seen } = await aServer(posted);
    const wanted = { channel: "releases", text: "It is there.", standing: null, ...named };
    expect(await sendMessage({ url, token }, wanted, { redact })).toEqual({
      kind: "delivered",
      message: at,
    });
    expect(seen[0]).toMatchObject({
      url: "/chat.postMessage",
      headers: { authorization: "Bearer xoxb-test" },
    });
    expect(JSON.parse(seen[0]?.body ?? "")).toMatchObject({
      channel: "releases",
      text: "It is there.",
      unfurl_links: false,
      link_names: false,
    });
  });

  it("edits the one that stands, and posts a new one where it is gone", async () => {
    const { url, seen } = await aServer(posted, error("message_not_found"), posted);
    const wanted = { channel: "releases", text: "More.", standing: at, ...named };
    expect(await sendMessage({ url, token }, wanted, { redact })).toMatchObject({ message: at });
    expect(await sendMessage({ url, token }, wanted, { redact })).toMatchObject({ message: at });
    expect(seen.map((one) => one.url)).toEqual([
      "/chat.update",
      "/chat.update",
      "/chat.postMessage",
    ]);
    expect(JSON.parse(seen[0]?.body ?? "")).toMatchObject(at);
  });

  describe("after an answer that was lost", () => {
    const since = new Date("2026-03-02T12:00:00Z");
    const lost = { channel: "C1", since };
    const wanted = { channel: "releases", text: "More.", standing: null, id: named.id, lost };
    const metadata = (id: string) => ({
      event_type: "sluice_notification",
      event_payload: { id },
    });
    const history = (...ids: readonly string[]) => ({
      ok: true,
      messages: ids.map((id, n) => ({ ts: `18.${n}`, text: "x", metadata: metadata(id) })),
    });

    it("edits what had arrived, which its metadata names", async () => {
      const people = { ok: true, messages: [{ ts: "16.0", text: "Hello" }], has_more: true };
      const first = { ...people, response_metadata: { next_cursor: "next" } };
      const { url, seen } = await aServer(
        { body: first },
        { body: history("another", named.id) },
        posted,
      );
      const told = await sendMessage({ url, token }, wanted, { redact });
      expect(told).toEqual({ kind: "delivered", message: { channel: "C1", ts: "18.1" } });
      expect(seen.map((one) => one.url)).toEqual([
        "/conversations.history",
        "/conversations.history",
        "/chat.update",
      ]);
      expect(JSON.parse(seen[0]?.body ?? "")).toMatchObject({
        channel: "C1",
        include_all_metadata: true,
        oldest: String(since.getTime() / 1000 - 60),
      });
      expect(JSON.parse(seen[1]?.body ?? "")).toMatchObject({ cursor: "next" });
    });

    it.for([
      ["had not arrived", { body: history("another") }],
      ["may not be looked for", error("missing_scope")],
      ["cannot be found by the channel's name", error("channel_not_found")],
    ] as const)("posts what %s, with the metadata to find it by", async ([, answer]) => {
      const { url, seen } = await aServer(answer, posted);
      const told = await sendMessage({ url, token }, wanted, { redact });
      expect(told).toEqual({ kind: "delivered", message: at });
      expect(seen.map((one) => one.url)).toEqual(["/conversations.history", "/chat.postMessage"]);
      expect(JSON.parse(seen[1]?.body ?? "")).toMatchObject({ metadata: metadata(named.id) });
    });

    it.for([{ status: 500 }, error("ratelimited"), null])(
      "posts nothing while nobody can say whether it arrived: %j",
      async (answer) => {
        const { url, seen } = await aServer(answer, posted);
        const told = sendMessage({ url, token }, wanted, { redact });
        await expect(told).rejects.toMatchObject({ code: "notification.unavailable" });
        expect(seen).toHaveLength(1);
      },
    );
  });

  it.for(["channel_not_found", "invalid_auth", "something_new"])("%s is final", async (name) => {
    const { url, seen } = await aServer(error(name));
    const wanted = { channel: "releases", text: "x", standing: null, ...named };
    const told = await sendMessage({ url, token }, wanted, { redact });
    expect(told).toMatchObject({ kind: "refused" });
    expect(told.kind === "refused" ? told.sentence : "").toContain(name);
    expect(seen).toHaveLength(1);
  });

  it.for([error("ratelimited"), { status: 429 }, { status: 500 }, error("internal_error"), null])(
    "%j is an outage",
    async (reply) => {
      const { url } = await aServer(reply);
      const wanted = { channel: "releases", text: "x", standing: null, ...named };
      const told = sendMessage({ url, token }, wanted, { redact });
      await expect(told).rejects.toMatchObject({ code: "notification.unavailable" });
    },
  );
});
