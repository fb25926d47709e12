import { generateKeyPairSync } from "node:crypto";

import type { IEnvVar } from "kubernetes-models/v1/EnvVar";
import { describe, expect, inject, it } from "vitest";

import { settingFamilies } from "../../bot/settings-families.ts";
import { isSetting } from "../../bot/settings-names.ts";
import { settingsTable } from "../../bot/settings-table.ts";
import { readSettings } from "../../bot/settings.ts";
import { readPolicies } from "./network-policies.ts";
import { podOf, renderSluice, type Shape, shapeNames } from "./sluice-releases.ts";

const { helm } = inject("tools");
const processes: Readonly<Record<Shape, readonly string[]>> = {
  least: ["sluice"],
  embedded: ["sluice"],
  postgres: ["sluice"],
  split: ["sluice-receiver", "sluice-worker"],
  everything: ["sluice-receiver", "sluice-worker"],
};
/** Node's own, no settings of Sluice. */
const nodes = ["NODE_EXTRA_CA_CERTS"];

const secretNames = [...Object.values(settingsTable), ...Object.values(settingFamilies)]
  .filter((setting) => "secret" in setting && setting.secret)
  .map(({ name }) => name);

function isSecret(name: string): boolean {
  return secretNames.includes(name.replace(/__.*$/, ""));
}

describe.skipIf(helm === null).for(shapeNames)("settings of Sluice installed as %s", (shape) => {
  it.for(processes[shape])("%s: the bot starts with them", async (name) => {
    const objects = await renderSluice(helm ?? "", shape);
    const { container } = podOf(objects, name);
    const environment = Object.fromEntries(
      (container.env ?? []).map((each) => [each.name, each.value ?? sampleOf(each.name)]),
    );
    for (const each of nodes) delete environment[each];
    const read = readSettings(environment, () => "");
    expect(read).toMatchObject({
      kind: "settings",
      settings: {
        role: name.replace(/^sluice-?/, "") || "all",
        http: { host: "0.0.0.0", port: 3000 },
        github: { appId: 123456, apiUrl: "https://api.github.com" },
        queue: { kind: { embedded: "embedded", postgres: "postgres" }[shape as string] ?? "redis" },
      },
    });
    if (shape === "everything") {
      expect(read).toMatchObject({
        settings: {
          argocd: [
            { name: "default", url: "https://argocd-server.argocd.svc" },
            { name: "eu-1", url: "https://argocd.eu.example.com" },
          ],
          registries: {
            hosts: ["ghcr.io", "registry.example.com:5000"],
            urls: { GHCR_IO: "https://mirror.example.com" },
            auth: { REGISTRY_EXAMPLE_COM_5000: expect.any(String) },
          },
          logLevel: "debug",
          sweepIntervalMs: 600_000,
        },
      });
    }
  });

  it.for(processes[shape])("%s: each is a setting, each secret a reference", async (name) => {
    const objects = await renderSluice(helm ?? "", shape);
    const { container } = podOf(objects, name);
    const env = container.env ?? [];
    expect(env.length).toBeGreaterThan(8);
    expect(env.map((each) => each.name)).toEqual([...new Set(env.map((each) => each.name))]);
    const unknown = env.filter((each) => !isSetting(each.name) && !nodes.includes(each.name));
    expect(unknown).toEqual([]);
    for (const each of env) {
      const secret = isSecret(each.name) && !isHarmless(each);
      expect([each.name, byReference(each)]).toEqual([each.name, secret]);
    }
  });
});

describe.skipIf(helm === null)("the environment", () => {
  it("holds nothing that Kubernetes adds by itself", async () => {
    const objects = await renderSluice(helm ?? "", "least");
    expect(podOf(objects, "sluice").pod.enableServiceLinks).toBe(false);
  });

  it("names the Secrets that exist before", async () => {
    const objects = await renderSluice(helm ?? "", "everything");
    const { container } = podOf(objects, "sluice-worker");
    const references = (container.env ?? []).flatMap(({ name, valueFrom }) =>
      valueFrom?.secretKeyRef === undefined
        ? []
        : [`${name} = ${valueFrom.secretKeyRef.name}/${valueFrom.secretKeyRef.key}`],
    );
    expect(references).toEqual([
      "PRIVATE_KEY = sluice-github/PRIVATE_KEY",
      "WEBHOOK_SECRET = sluice-github/WEBHOOK_SECRET",
      "WEBHOOK_SECRET_PREVIOUS = sluice-github/WEBHOOK_SECRET_PREVIOUS",
      "REDIS_URL = sluice-queue/url",
      "ARGOCD_TOKEN = argocd/token",
      "ARGOCD_TOKEN__EU_1 = argocd-eu/token",
      "ARGOCD_WEBHOOK_TOKEN = argocd/webhook-token",
      "REGISTRY_AUTH__REGISTRY_EXAMPLE_COM_5000 = registry/auth",
      "REGISTRY_WEBHOOK_SECRET = registry/hook",
    ]);
    const optional = (container.env ?? []).filter(
      ({ valueFrom }) => valueFrom?.secretKeyRef?.optional,
    );
    expect(optional.map(({ name }) => name)).toEqual(["WEBHOOK_SECRET_PREVIOUS"]);
    expect(objects.some(({ kind }) => kind === "Secret")).toBe(false);
  });

  it("holds an address with credentials as a secret", async () => {
    const prometheusSecret = { name: "sluice-prometheus" };
    const objects = await renderSluice(helm ?? "", "least", { prometheusSecret });
    const { env } = podOf(objects, "sluice").container;
    expect(env?.find(({ name }) => name === "PROMETHEUS_URL")?.valueFrom).toEqual({
      secretKeyRef: { name: "sluice-prometheus", key: "url" },
    });
    expect(readPolicies(objects)).toHaveProperty("sluice-to-prometheus");
  });
});

/** An address is a secret only with credentials in it, and then the chart refuses it in the open. */
function isHarmless({ name, value }: IEnvVar): boolean {
  return name === "PROMETHEUS_URL" && value !== undefined && !value.includes("@");
}

function byReference({ value, valueFrom }: IEnvVar): boolean {
  return value === undefined && valueFrom?.secretKeyRef !== undefined;
}

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});

/** What could stand in the Secret. */
function sampleOf(name: string): string {
  if (name === "PRIVATE_KEY") return privateKey;
  if (name === "REDIS_URL") return "redis://redis/0";
  if (name === "DATABASE_URL") return "postgres://postgres/sluice";
  return "a-secret-of-many-characters";
}
