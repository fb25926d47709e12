import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { parse } from "yaml";

import { anEdge, post, type TestEdge } from "../adapters/http/an-edge.ts";
import { readers } from "./readers.ts";
import { renderTexts } from "./render-template.ts";
import { theObject } from "./tree.ts";

type Webhook = {
  readonly url: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
};
type Template = { readonly webhook: Readonly<Record<string, { method: string; body: string }>> };
type Trigger = readonly { readonly when: string; readonly send: readonly string[] }[];
type Subscription = {
  readonly recipients: readonly string[];
  readonly triggers: readonly string[];
  readonly selector: string;
};

const { helm } = inject("tools");
const data = theObject("ConfigMap", "argocd-notifications-cm").data ?? {};
const service = parse(data["service.webhook.sluice"] ?? "") as Webhook;
const template = parse(data["template.sluice-event"] ?? "") as Template;
const subscriptions = parse(data["subscriptions"] ?? "") as readonly Subscription[];
const triggers = Object.entries(data)
  .filter(([key]) => key.startsWith("trigger."))
  .map(([key, text]) => [key.replace("trigger.", ""), parse(text) as Trigger] as const);

const secret = "a-token-from-the-store";

/** Argo CD puts keys of argocd-notifications-secret in place of `$key`. */
function headers(): Record<string, string> {
  const names = new Map<string, string>([["sluice-token", secret]]);
  return Object.fromEntries(
    service.headers.map(({ name, value }) => [
      name,
      value.replace(/\$([\w-]+)/g, (_whole, key: string) => names.get(key) ?? ""),
    ]),
  );
}

function body(app: object): Promise<string> {
  const text = template.webhook["sluice"]?.body ?? "";
  return renderTexts(helm!, { text }, { app }).then((rendered) => rendered.text);
}

const metadata = { name: "tenant-a-prod", namespace: "argocd", resourceVersion: "4711" };
const spec = { project: "prod" };

describe("a notification", () => {
  let edge: TestEdge;
  beforeAll(async () => {
    edge = await anEdge({ argocdWebhookToken: secret });
  });
  afterAll(() => edge.stop());

  it("goes to the path that Sluice listens on, by POST", () => {
    const url = new URL(service.url);
    expect([url.hostname, url.pathname]).toEqual([
      "sluice.sluice.svc.cluster.local",
      "/webhooks/argocd",
    ]);
    expect(template.webhook["sluice"]?.method).toBe("POST");
    expect(Object.keys(template.webhook)).toEqual(["sluice"]);
  });

  describe.skipIf(helm === null).each([
    ["while it runs", { operationState: { phase: "Running" } }, "Running"],
    ["before its first sync", { health: { status: "Degraded" } }, null],
  ] as const)("%s", (_when, status, phase) => {
    it("is taken, and read as what it is: an application changed", async () => {
      const text = await body({ metadata, spec, status });
      expect(JSON.parse(text)).toEqual({
        v: 1,
        instance: "default",
        app: "tenant-a-prod",
        ns: "argocd",
        project: "prod",
        resourceVersion: "4711",
        phase,
      });
      expect((await post(edge, "/webhooks/argocd", text, headers())).status).toBe(202);
      const stored = edge.stored.at(-1)?.body ?? "";
      expect(readers().argocd(stored)).toEqual({
        kind: "application.changed",
        instance: "default",
        application: "tenant-a-prod",
      });
    });
  });

  it("is refused without the token of the secret", async () => {
    const wrong = { ...headers(), Authorization: "Bearer $sluice-token" };
    expect((await post(edge, "/webhooks/argocd", "{}", wrong)).status).toBe(401);
  });

  it("has its token from the same place as Sluice", () => {
    const [argocd] = theObject("ExternalSecret", "argocd-notifications").spec.data;
    const own = theObject("ExternalSecret", "sluice-argocd").spec.data as readonly {
      secretKey: string;
      remoteRef: object;
    }[];
    expect(argocd.secretKey).toBe("sluice-token");
    expect(own.find(({ secretKey }) => secretKey === "webhook-token")?.remoteRef).toEqual(
      argocd.remoteRef,
    );
  });
});

describe("the triggers", () => {
  it("are all subscribed to, and send what there is", () => {
    expect(triggers.map(([name]) => name)).toEqual(subscriptions.flatMap((each) => each.triggers));
    expect(triggers.flatMap(([, steps]) => steps.flatMap(({ send }) => send))).toEqual(
      triggers.map(() => "sluice-event"),
    );
    expect(subscriptions.flatMap(({ recipients }) => recipients)).toEqual(["sluice"]);
  });

  it("never say oncePer: what failed once would never be sent again", () => {
    const keys = triggers.flatMap(([, steps]) => steps.flatMap((step) => Object.keys(step)));
    expect(new Set(keys)).toEqual(new Set(["when", "send"]));
  });

  it("are for the applications that the ApplicationSet makes", () => {
    const { labels } = theObject("ApplicationSet", "tenants").spec.template.metadata;
    for (const { selector } of subscriptions) {
      const [key = "", value] = selector.split("=");
      expect(labels[key]).toBe(value);
    }
  });

  it.for([
    ["an operation that runs", { operationState: { phase: "Running" } }, ["on-sync-running"]],
    ["one that failed", { operationState: { phase: "Failed" } }, ["on-sync-failed"]],
    ["one that broke", { operationState: { phase: "Error" } }, ["on-sync-failed"]],
    [
      "done and healthy",
      { operationState: { phase: "Succeeded" }, health: { status: "Healthy" } },
      ["on-deployed"],
    ],
    [
      "done, pods still starting",
      { operationState: { phase: "Succeeded" }, health: { status: "Progressing" } },
      [],
    ],
    [
      "unhealthy later",
      { operationState: { phase: "Succeeded" }, health: { status: "Degraded" } },
      ["on-health-degraded"],
    ],
    ["never synced", { health: { status: "Missing" } }, []],
  ] as const)("fire for %s", ([, status, fired]) => {
    const app = { status: { health: { status: "" }, ...status } };
    const firing = triggers.filter(([, steps]) => steps.some(({ when }) => holds(when, app)));
    expect(firing.map(([name]) => name)).toEqual(fired);
  });
});

/** The few words of the expression language that the triggers use: paths, `!= nil`, `==`, `in [...]`, joined by `and`. */
function holds(when: string, app: object): boolean {
  return when.split(" and ").every((part) => {
    const match = /^(app(?:\.\w+)+) (!= nil|== '(\w+)'|in \[([^\]]+)\])$/.exec(part.trim());
    if (match === null) throw new Error(`${part}: not understood`);
    const [, path = "", test = "", equal, list = ""] = match;
    const value = read(path.split(".").slice(1), app);
    if (test === "!= nil") return value !== undefined;
    return equal === undefined ? list.includes(`'${String(value)}'`) : value === equal;
  });
}

function read(path: readonly string[], value: unknown): unknown {
  return path.reduce<unknown>(
    (at, key) => (at === undefined ? undefined : (at as Record<string, unknown>)[key]),
    value,
  );
}
