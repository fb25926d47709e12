import { describe, expect, it } from "vitest";

import { findMisspelt, isSetting } from "../bot/settings-names.ts";
import { readSettings } from "../bot/settings.ts";

function misspelt(...names: string[]): string[] {
  return findMisspelt(new Set(names));
}

describe("findMisspelt", () => {
  it.for<[string, RegExp]>([
    ["SLUICE_SWEEP_INTERVALL", /did you mean "SLUICE_SWEEP_INTERVAL"/],
    ["SLUICE_COLOUR", /^SLUICE_COLOUR is no setting: remove it/],
    ["REDIS_ULR", /^REDIS_ULR is no setting: did you mean "REDIS_URL"/],
    ["REDIS_URI", /did you mean "REDIS_URL"/],
    ["WEBHOOK_SECERT", /did you mean "WEBHOOK_SECRET"/],
    ["ARGOCD_URL_PROD", /did you mean "ARGOCD_URL__PROD"/],
  ])("%s", ([name, expected]) => {
    expect(misspelt(name)).toEqual([expect.stringMatching(expected)]);
  });

  it("takes nothing for misspelt whose right name is set", () => {
    expect(misspelt("REDIS_URI", "REDIS_URL")).toEqual([]);
  });

  it("leaves other programs' variables alone", () => {
    const others = ["HOME", "HOSTNAME", "PATH", "REDIS_PORT", "JAVA_DIR", "ARGOCD_SERVER_PORT"];
    expect(misspelt(...others, "OTEL_SERVICE_NAME", "GITHUB_TOKEN", "npm_config_x")).toEqual([]);
  });

  it("leaves alone what Kubernetes tells of services, and nothing that looks like it", () => {
    const links = ["SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_HTTP", "PORT", "PORT_3000_TCP"];
    const both = ["SLUICE", "SLUICE_REDIS"].flatMap((service) =>
      [...links, "PORT_3000_TCP_ADDR"].map((link) => `${service}_${link}`),
    );
    expect(misspelt(...both)).toEqual([]);
    expect(misspelt("SLUICE_PORT")).toHaveLength(1);
    expect(misspelt(...both, "SLUICE_SWEEP_PORT")).toHaveLength(1);
  });

  it("knows names with a name of somebody's own", () => {
    expect(
      ["PORT", "ARGOCD_URL", "ARGOCD_URL__EU_1", "REGISTRY_AUTH__GHCR_IO"].every(isSetting),
    ).toBe(true);
    expect(["REGISTRY_AUTH", "PORTS", "ARGOCD_URL_X"].some(isSetting)).toBe(false);
  });
});

describe("readSettings", () => {
  it("never shows a value", () => {
    const canary = "canary-0123";
    const names = ["APP_ID", "PRIVATE_KEY", "PORT", "REDIS_URL", "GITHUB_API_URL", "SLUICE_ROLE"];
    names.push("LOG_LEVEL", "SLUICE_X", "ARGOCD_TOKEN", "REGISTRY_AUTH__GHCR_IO", "REGISTRY_HOSTS");
    names.push("HOST", "WEBHOOK_SECRET", "WEBHOOK_SECRET_PREVIOUS_FILE", "DATABASE_URL");
    const everywhere = Object.fromEntries(names.map((name) => [name, `${canary} \u0000`]));
    const read = readSettings(everywhere, (path) => {
      throw new Error(path);
    });
    const shown = read.kind === "invalid" ? read.problems : [];
    expect(shown.length).toBeGreaterThan(10);
    expect(shown.join("\n")).not.toContain(canary);
  });
});
