import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { settingsTable } from "../../bot/settings-table.ts";
import { root } from "./read-workflows.ts";

type Service = {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile?: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly secrets?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck: { readonly test: readonly string[] };
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
};

const text = readFileSync(join(root, "compose.yaml"), "utf8");
const compose = parse(text, { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, unknown>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};

describe("compose.yaml", () => {
  it("starts Sluice, its Redis and one tenant", () => {
    expect(Object.keys(compose.services)).toEqual(["redis", "sluice", "tenant"]);
  });

  it.for(Object.entries(compose.services))("has a hardened service %s", ([, service]) => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"] });
    expect(service.healthcheck.test[0]).toBe("CMD");
    // What is built here has a tag of its own; what is fetched has a digest.
    expect(service.image).toMatch(
      service.build === undefined ? /@sha256:[0-9a-f]{64}$/ : /^[\w-]+:dev$/,
    );
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it("refers to what there is", () => {
    for (const { depends_on = {}, secrets = [], volumes = [] } of Object.values(compose.services)) {
      for (const name of Object.keys(depends_on)) expect(compose.services).toHaveProperty(name);
      for (const name of secrets) expect(compose.secrets).toHaveProperty(name);
      for (const volume of volumes)
        expect(compose.volumes).toHaveProperty(volume.split(":")[0] ?? "");
    }
  });

  it("gives Sluice settings that it knows", () => {
    const known: readonly string[] = Object.values(settingsTable).map(({ name }) => name);
    const given = Object.keys(compose.services["sluice"]?.environment ?? {});
    expect(given.length).toBeGreaterThan(2);
    expect(given.filter((name) => !known.includes(name))).toEqual([]);
  });
});
