import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { connectGitHub, type GitHubSettings } from "#adapters/github/connect-github.ts";

import { memoryFacts, newKey, noMeter, noTracer, silentLog, systemClock } from "./support.ts";

type Asked = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
  readonly at: number;
};

/** Answers one request; what it does not answer stays open. */
export type Script = (asked: Asked, response: ServerResponse) => void;

export type AGitHub = {
  readonly url: string;
  /** Everything but tokens. */
  readonly asked: Asked[];
  readonly tokens: () => number;
  /** What each token was asked for: the repositories it opens, or "all". */
  readonly scopes: readonly string[];
  readonly close: () => Promise<void>;
};

/** A server that mints tokens and leaves the rest to a script. Bytes on the wire, not a simulation of GitHub. */
export async function aGitHub(script: Script): Promise<AGitHub> {
  const asked: Asked[] = [];
  const scopes: string[] = [];
  let tokens = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { method = "", url: path = "", headers } = request;
      const text = Buffer.concat(parts).toString("utf8");
      const body: unknown = text === "" ? null : JSON.parse(text);
      if (path.endsWith("/access_tokens")) {
        tokens += 1;
        scopes.push((body as { repositories?: string[] } | null)?.repositories?.join() ?? "all");
        json(response, 201, { token: `ghs_1_token-${tokens}`, permissions: {}, expires_at: "x" });
        return;
      }
      const one = { method, path, headers, body, at: performance.now() };
      asked.push(one);
      if (path === "/app") json(response, 200, { slug: "sluice" });
      else script(one, response);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    tokens: () => tokens,
    scopes,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
  response.end(JSON.stringify(body));
}

/** Settings of a connection to this address, as a test needs them. */
export function settingsFor(url: string, changes: Partial<GitHubSettings> = {}): GitHubSettings {
  return {
    apiUrl: url,
    appId: 1,
    privateKey: newKey(),
    sealSecret: { current: "seal-secret", previous: null },
    facts: memoryFacts(),
    log: silentLog,
    meter: noMeter,
    tracer: noTracer,
    clock: systemClock,
    ...changes,
  };
}

export function connect(url: string, changes: Partial<GitHubSettings> = {}) {
  return connectGitHub(settingsFor(url, changes));
}
