import { createHmac, randomUUID } from "node:crypto";
import { connect } from "node:net";
import type { Socket } from "node:net";

import type { Edge, EdgeDeps, EdgeSettings } from "#adapters/http/edge-settings.ts";
import { startEdge } from "#adapters/http/start-edge.ts";
import type { DeliveryJob } from "#ports/job-queue.ts";

export const secret = "correct horse battery staple";
export const registrySecret = "a secret for registries alone";
export const argocdToken = "a token for Argo CD alone";

export type TestEdge = Edge & {
  readonly stored: DeliveryJob[];
  readonly counted: { name: string; labels: Readonly<Record<string, string>> }[];
  readonly logged: object[];
  readonly stop: () => Promise<void>;
};

/** An edge on a free port whose queue is a list. */
export async function anEdge(
  settings: Partial<EdgeSettings> = {},
  deps: Partial<EdgeDeps> = {},
): Promise<TestEdge> {
  const stored: DeliveryJob[] = [];
  const counted: TestEdge["counted"] = [];
  const logged: object[] = [];
  const write = (fields: object, message: string): void => void logged.push({ ...fields, message });
  const log: EdgeDeps["log"] = {
    debug: write,
    info: write,
    warn: write,
    error: write,
    child: () => log,
  };
  const edge = await startEdge(
    {
      host: "127.0.0.1",
      port: 0,
      webhookSecret: { current: secret, previous: null },
      registryWebhookSecret: registrySecret,
      argocdWebhookToken: argocdToken,
      ...settings,
    },
    {
      addDelivery: async (job) => Promise.resolve(void stored.push(job)),
      handledEvents: new Set(["push", "pull_request", "registry_package"]),
      ready: async () => Promise.resolve(),
      metrics: async () => Promise.resolve({ contentType: "text/plain", text: "up 1\n" }),
      log,
      meter: {
        count: (name, labels) => void counted.push({ name, labels }),
        observe: () => undefined,
        set: () => undefined,
        reset: () => undefined,
      },
      tracer: {
        span: (_name, _attributes, work) => work(),
        traceparent: () => "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        continue: (_traceparent, work) => work(),
      },
      ...deps,
    },
  );
  return { ...edge, stored, counted, logged, stop: () => edge.close(200) };
}

export function hmac(body: string | Uint8Array, key = secret): string {
  return createHmac("sha256", key).update(body).digest("hex");
}

/** Headers of a good delivery of this body. */
export function signedHeaders(
  body: string | Uint8Array,
  changes: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    "content-type": "application/json",
    "x-github-event": "push",
    "x-github-delivery": randomUUID(),
    "x-hub-signature-256": `sha256=${hmac(body)}`,
    ...changes,
  };
}

export type Answer = { readonly status: number; readonly body: Record<string, unknown> };

export async function post(
  edge: Edge,
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
): Promise<Answer> {
  const response = await fetch(`${edge.url}${path}`, { method: "POST", body, headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

export async function deliver(edge: Edge, body: string | Uint8Array<ArrayBuffer>): Promise<Answer> {
  return post(edge, "/api/github/webhooks", body, signedHeaders(body));
}

/** A bare connection, and all that came back on it so far. */
export function rawConnection(edge: { port: number }): { socket: Socket; received: () => string } {
  let text = "";
  const socket = connect(edge.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.on("data", (data) => {
    text += data.toString();
  });
  return { socket, received: () => text };
}
