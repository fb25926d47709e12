import { createHmac, randomUUID } from "node:crypto";
import { request as httpRequest } from "node:http";

import type { FaultPlan, FaultRule } from "./faults.ts";
import type { OutgoingEvent } from "./http/context.ts";
import type { Contract } from "./openapi/contract.ts";
import { nodeId } from "./render/node-id.ts";
import { covers } from "./state/find.ts";
import type { App, Delivery, Installation } from "./state/records.ts";
import type { World } from "./state/world.ts";

/** GitHub gives up on a receiver after this many milliseconds. */
const DELIVERY_TIMEOUT = 10_000;

/** GitHub sends no payload above this size. */
const LARGEST_PAYLOAD = 25 * 1024 * 1024;

type Held = { after: number; send: () => void };

/** Sends signed deliveries to every App that listens and keeps a record of each, whatever the answer. Never retries. */
export class Deliveries {
  /** A webhook URL for all Apps, over their own. */
  webhookUrl: string | null = null;
  readonly #world: World;
  readonly #faults: FaultPlan;
  readonly #contract: Contract;
  readonly #running = new Set<Promise<void>>();
  #held: Held[] = [];

  constructor(world: World, faults: FaultPlan, contract: Contract) {
    this.#contract = contract;
    this.#world = world;
    this.#faults = faults;
  }

  /** Starts all deliveries of these events; does not wait for them. */
  send(events: OutgoingEvent[]): void {
    for (const outgoing of events) {
      for (const { app, installation } of this.#listeners(outgoing)) {
        this.#dispatch(outgoing, app, installation);
      }
    }
  }

  /** Sends a delivery again under its GUID, as a new delivery. */
  redeliver(id: number): Delivery | undefined {
    const old = this.#world.tables.deliveries.get(id);
    if (old === undefined) return undefined;
    const app = this.#world.tables.apps.need(old.appId);
    const delivery = this.#record(app, { ...old, redelivery: true });
    this.#track(this.#post(app, delivery));
    return delivery;
  }

  /** Resolves when no delivery is under way and none is held back. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #listeners(outgoing: OutgoingEvent): { app: App; installation: Installation }[] {
    const { repository, onlyApp, event } = outgoing;
    if (outgoing.installation !== undefined) {
      const { installation } = outgoing;
      return [{ installation, app: this.#world.tables.apps.need(installation.appId) }];
    }
    return this.#world.tables.installations
      .filter((row) => row.suspendedAt === null)
      .filter((row) => repository === null || covers(row, repository))
      .filter((row) => onlyApp === undefined || row.appId === onlyApp)
      .map((installation) => ({
        installation,
        app: this.#world.tables.apps.need(installation.appId),
      }))
      .filter(({ app }) => app.events.includes(event));
  }

  #dispatch(outgoing: OutgoingEvent, app: App, installation: Installation): void {
    const { event, action } = outgoing;
    const faults = this.#faults.forDelivery(event, action);
    const named = (name: string): FaultRule | undefined => faults.find((f) => f.fault === name);
    if (named("drop-delivery") !== undefined) return;
    const payload = {
      installation: { id: installation.id, node_id: nodeId("IN", installation.id) },
      ...outgoing.payload,
    };
    this.#contract.checkDelivery(event, action, payload);
    if (JSON.stringify(payload).length > LARGEST_PAYLOAD) return;
    const duplicate = named("duplicate-delivery");
    const copies = 1 + (duplicate === undefined ? 0 : (duplicate.count ?? 1));
    const guid = randomUUID();
    const start = (): void => {
      for (let copy = 0; copy < copies; copy += 1) {
        const delivery = this.#record(app, {
          guid,
          event,
          action,
          payload,
          redelivery: false,
          installationId: installation.id,
          repositoryId: outgoing.repository?.id ?? null,
        });
        this.#track(this.#post(app, delivery));
      }
      this.#releaseHeld();
    };
    const reorder = named("reorder-delivery");
    if (reorder === undefined) start();
    else this.#hold(start, reorder);
  }

  #hold(start: () => void, rule: FaultRule): void {
    const held: Held = { after: (rule.count ?? 1) + 1, send: start };
    this.#held.push(held);
    const timer = setTimeout(() => {
      if (!this.#held.includes(held)) return;
      this.#held = this.#held.filter((other) => other !== held);
      start();
    }, rule.ms ?? 2_000);
    timer.unref();
  }

  #releaseHeld(): void {
    for (const held of this.#held) held.after -= 1;
    const ready = this.#held.filter(({ after }) => after <= 1);
    this.#held = this.#held.filter(({ after }) => after > 1);
    for (const { send } of ready) send();
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  #record(
    app: App,
    what: Pick<
      Delivery,
      "guid" | "event" | "action" | "payload" | "redelivery" | "installationId" | "repositoryId"
    >,
  ): Delivery {
    const url = this.webhookUrl ?? app.webhookUrl;
    const body = JSON.stringify(what.payload);
    const delivery: Delivery = {
      id: this.#world.nextId("delivery"),
      appId: app.id,
      guid: what.guid,
      deliveredAt: new Date(this.#world.now()).toISOString(),
      redelivery: what.redelivery,
      duration: 0,
      status: "pending",
      statusCode: 0,
      event: what.event,
      action: what.action,
      installationId: what.installationId,
      repositoryId: what.repositoryId,
      url: url ?? "",
      requestHeaders: headersOf(app, what, body),
      payload: what.payload,
      responseHeaders: {},
      responseBody: "",
      sent: url !== null,
    };
    return this.#world.tables.deliveries.insert(delivery);
  }

  async #post(app: App, delivery: Delivery): Promise<void> {
    if (!delivery.sent) {
      this.#world.tables.deliveries.update(delivery.id, { status: "no webhook URL" });
      return;
    }
    const body = JSON.stringify(delivery.payload);
    const started = performance.now();
    const answer = await post(delivery.url, { ...headersOf(app, delivery, body) }, body);
    this.#world.tables.deliveries.update(delivery.id, {
      duration: Math.round((performance.now() - started) / 10) / 100,
      ...answer,
    });
  }
}

function headersOf(
  app: App,
  delivery: Pick<Delivery, "guid" | "event">,
  body: string,
): Record<string, string> {
  const hmac = (hash: string): string =>
    createHmac(hash, app.webhookSecret).update(body).digest("hex");
  return {
    Accept: "*/*",
    "Content-Type": "application/json",
    "User-Agent": "GitHub-Hookshot/0000000",
    "X-GitHub-Delivery": delivery.guid,
    "X-GitHub-Event": delivery.event,
    "X-GitHub-Hook-ID": String(app.hookId),
    "X-GitHub-Hook-Installation-Target-ID": String(app.id),
    "X-GitHub-Hook-Installation-Target-Type": "integration",
    "X-Hub-Signature": `sha1=${hmac("sha1")}`,
    "X-Hub-Signature-256": `sha256=${hmac("sha256")}`,
  };
}

type Outcome = Pick<Delivery, "status" | "statusCode" | "responseHeaders" | "responseBody">;

function post(url: string, headers: Record<string, string>, body: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const failed = (status: string): void =>
      resolve({ status, statusCode: 502, responseHeaders: {}, responseBody: "" });
    const length = String(Buffer.byteLength(body));
    const options = { method: "POST", headers: { ...headers, "Content-Length": length } };
    const sent = httpRequest(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", () => failed("connection reset"));
      response.on("end", () => {
        clearTimeout(timer);
        const code = response.statusCode ?? 0;
        resolve({
          status: code >= 200 && code < 300 ? "OK" : (response.statusMessage ?? "failed"),
          statusCode: code,
          responseHeaders: Object.fromEntries(
            Object.entries(response.headers).map(([key, value]) => [key, String(value)]),
          ),
          responseBody: Buffer.concat(chunks).toString("utf8"),
        });
      });
    });
    const timer = setTimeout(() => {
      sent.destroy();
      failed("timed out");
    }, DELIVERY_TIMEOUT);
    timer.unref();
    sent.on("error", () => {
      clearTimeout(timer);
      failed("failed to connect to host");
    });
    sent.end(body);
  });
}
