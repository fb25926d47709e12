import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { isDigest, isTag } from "../../bot/core/artifact.ts";
import { findTargets } from "../../bot/core/find-targets.ts";
import { parsePolicy, policyPath } from "../../bot/core/policy-parse.ts";
import type { Policy } from "../../bot/core/policy.ts";
import { assignRings } from "../../bot/core/ring.ts";
import { decodeValues, editValues, readValues } from "../../bot/core/values.ts";

const root = resolve(import.meta.dirname, "../..");
const repository = "acme/sluice";
const files = globSync("gitops/**/*.yaml", { cwd: root }).sort();
const ofTenants = files.filter((file) => file.startsWith("gitops/tenants/"));

function policy(): Policy {
  const parsed = parsePolicy(readFileSync(join(root, policyPath), "utf8"), { repository });
  if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.problems));
  expect(parsed.warnings).toEqual([]);
  return parsed.policy;
}

describe(policyPath, () => {
  it("is one that Sluice follows", () => {
    const { services, environments, freezes } = policy();
    expect(services.map(({ name }) => name)).toEqual(["tenant-service"]);
    expect(services[0]?.source?.repository).toBe(repository);
    expect(environments.map(({ name, merge }) => [name, merge])).toEqual([
      ["dev", "auto"],
      ["staging", "auto"],
      ["prod", "manual"],
    ]);
    expect(freezes).toEqual([]);
  });

  it("tries prod on one tenant, then on all others, whoever comes later too", () => {
    const named = ["tenant-a", "tenant-b", "tenant-c", "tenant-of-tomorrow"].map((tenant) => ({
      tenant,
      labels: new Map<string, ReadonlySet<string>>(),
      stays: false,
    }));
    const rings = policy().environments.map(
      (environment) => [...new Set(assignRings(environment, named))] as const,
    );
    const together = named.map(({ tenant }) => [tenant, "all"]);
    expect(rings).toEqual([
      together,
      together,
      named.map(({ tenant }) => [tenant, tenant === "tenant-a" ? "canary" : "rest"]),
    ]);
  });

  it("finds a target for each file of the tenants, and nothing that is in the way", () => {
    const { targets, problems } = findTargets(
      policy(),
      files.map((path) => ({ path, mode: "100644" })),
    );
    expect(problems).toEqual([]);
    expect(Object.fromEntries(targets.map(({ file, application }) => [file, application]))).toEqual(
      Object.fromEntries(
        ofTenants.map((file) => {
          const [, tenant, environment] =
            /^gitops\/tenants\/([^/]+)\/([^/]+)\.yaml$/.exec(file) ?? [];
          return [file, `${tenant}-${environment}`];
        }),
      ),
    );
    expect(targets).toHaveLength(ofTenants.length);
  });

  it("has tenants' files leave alone what is the platform's: the most, the table, what is watched", () => {
    const platforms = ["environments", "most", "name", "monitoring"];
    const found = ofTenants
      .flatMap((file) => Object.keys(parse(read(file)) as object).map((key) => ({ file, key })))
      .filter(({ key }) => platforms.includes(key));
    expect(found).toEqual([]);
  });

  it("counts every file of the tenants", () => {
    expect(ofTenants.length).toBeGreaterThanOrEqual(9);
  });

  describe.each(ofTenants)("%s", (file) => {
    const text = read(file);

    it("holds a tag that is promoted, and a digest", () => {
      const [service] = policy().services;
      const { tag, digest } = service!.values;
      const [first, second] = readValues(file, text, [tag, digest!]);
      expect(first).toMatchObject({ kind: "string", readAs: "string" });
      expect(second).toMatchObject({ kind: "string", readAs: "string" });
      if (first?.kind !== "string" || second?.kind !== "string") return;
      expect(isTag(first.value) && service!.match.test(first.value)).toBe(true);
      expect(isDigest(second.value)).toBe(true);
    });

    it("changes in these two lines, and in no other byte", () => {
      const { tag, digest } = policy().services[0]!.values;
      const next = { tag: "sha-1234567", digest: `sha256:${"0123456789abcdef".repeat(4)}` };
      const edited = editValues(file, text, [
        { path: tag, value: next.tag },
        { path: digest!, value: next.digest },
      ]);
      if (edited.kind !== "edited") throw new Error(JSON.stringify(edited));
      const before = text.split("\n");
      const after = edited.text.split("\n");
      expect(after).toHaveLength(before.length);
      const changed = after.filter((line, index) => line !== before[index]);
      expect(changed).toEqual([`  tag: ${next.tag}`, `  digest: ${next.digest}`]);
    });
  });
});

function read(file: string): string {
  const decoded = decodeValues(file, readFileSync(join(root, file)));
  if (decoded.kind === "refused") throw new Error(JSON.stringify(decoded.refusal));
  return decoded.text;
}
