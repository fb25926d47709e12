import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type ToldEvent = {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
};
export type ToldMessage = {
  readonly ts: string;
  readonly texts: string[];
  readonly metadata: object | undefined;
};

/**
 * Both places that can be told, on one loopback port: an endpoint, which checks signatures, and as much of Slack as a
 * bot uses. `away`: how many requests from now on find nobody at home; `silent`: how many messages from now on are
 * taken without an answer.
 */
export async function startTold(secret: string) {
  const events: ToldEvent[] = [];
  const messages: ToldMessage[] = [];
  const state = { away: 0, silent: 0, unsigned: 0 };

  function hook(request: IncomingMessage, body: string, response: ServerResponse): void {
    const signature = createHmac("sha256", secret).update(body).digest("hex");
    if (request.headers["x-sluice-signature-256"] !== signature) state.unsigned += 1;
    events.push(JSON.parse(body) as ToldEvent);
    response.writeHead(204).end();
  }

  function slack(method: string, body: string, response: ServerResponse): void {
    const wanted = JSON.parse(body) as { ts?: string; text: string; metadata?: object };
    const standing = messages.find(({ ts }) => ts === wanted.ts);
    const answer = (given: object) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(given));
    };
    if (method === "conversations.history") {
      answer({ ok: true, messages: messages.map(({ ts, metadata }) => ({ ts, metadata })) });
      return;
    }
    if (method === "chat.update" && standing === undefined) {
      answer({ ok: false, error: "message_not_found" });
      return;
    }
    const message = standing ?? {
      ts: `${messages.length + 1}.0`,
      texts: [],
      metadata: wanted.metadata,
    };
    if (standing === undefined) messages.push(message);
    message.texts.push(wanted.text);
    if (state.silent > 0) {
      state.silent -= 1;
      response.destroy();
      return;
    }
    answer({ ok: true, channel: "C1", ts: message.ts });
  }

  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts).toString();
      const { url = "" } = request;
      if (state.away > 0) {
        state.away -= 1;
        response.writeHead(503).end();
      } else if (url === "/hook") hook(request, body, response);
      else slack(url.replace("/api/", ""), body, response);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    events,
    messages,
    state,
    env: {
      NOTIFY_WEBHOOK_URL__OPS: `${origin}/hook`,
      NOTIFY_WEBHOOK_SECRET__OPS: secret,
      SLACK_TOKEN: "xoxb-test-token",
      SLACK_API_URL: `${origin}/api`,
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
