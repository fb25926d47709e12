import { describe, expect, it } from "vitest";

import { editValues } from "#core/values.ts";
import { observeTargets, readDesired } from "#flow/observe-targets.ts";
import type { FileEntry } from "#ports/github-things.ts";
import type { GitopsRepo } from "#ports/gitops-repo.ts";

import { aPolicy, aRing, aService, anEnvironment } from "../builders.ts";

const early = aRing("early", { takes: { kind: "label", path: "sluice.ring", is: "early" } });
const policy = aPolicy({
  services: [aService()],
  environments: [anEnvironment("prod", { rings: [early, aRing("rest")] })],
  excluded: [
    { service: null, environment: null, tenants: ["gone-*"], reason: "it is being closed down" },
  ],
});

/** Reads prod's values files, by tenant, and shows `ring tenant tag`, or why it is not moved. */
async function look(texts: Readonly<Record<string, string>>) {
  const paths = Object.entries(texts).map(([tenant, text]) => {
    const path = `tenants/${tenant}/prod.yaml`;
    const entry: FileEntry = { path, sha: `sha-of-${tenant}`, mode: "100644", size: text.length };
    return { entry, text };
  });
  const repository: Pick<GitopsRepo, "files" | "contents"> = {
    files: async () => new Map(paths.map(({ entry }) => [entry.path, entry])),
    contents: async () =>
      new Map(paths.map(({ entry, text }) => [entry.sha, Buffer.from(text, "utf8")])),
  };
  const observed = await observeTargets(repository as GitopsRepo, policy, "head");
  return {
    targets: observed.targets.map(({ target: { ring, tenant }, desired, stays }) => {
      const what =
        desired.kind === "artifact" ? desired.artifact.tag : `refused: ${desired.refusal.sentence}`;
      return `${ring} ${tenant} ${stays?.kind ?? what}`;
    }),
    problems: observed.problems.map(({ sentence }) => sentence),
    without: observed.without.map(({ service, file }) => `${service} ${file}`),
  };
}

const v1 = "image:\n  tag: v1\n";

describe("what Helm reads as another thing than the tag that is written", () => {
  const service = aService();
  const numbers = ["1234567", "1.20", "1e10", "0x12", "on", "~"] as const;
  const file = "tenants/a/prod.yaml";
  const held = (text: string): string | null => {
    const desired = readDesired(service, file, Buffer.from(text, "utf8"));
    return desired?.kind === "artifact" ? desired.artifact.tag : null;
  };

  it.for(numbers)("is no tag: %s", (tag) => {
    expect(held(`image:\n  tag: ${tag}\n`)).toBe("");
  });

  it.for(numbers.slice(0, -1))("is the tag once it is quoted, as an edit writes it: %s", (tag) => {
    expect(held(`image:\n  tag: "${tag}"\n`)).toBe(tag);
    const edits = [{ path: "image.tag", value: tag }];
    const edited = editValues(file, `image:\n  tag: ${tag}\n`, edits);
    const text = edited.kind === "edited" ? edited.text : "";
    expect(held(text)).toBe(tag);
    expect(editValues(file, text, edits)).toEqual({ kind: "unchanged" });
  });

  it("is a label or a pin all the same", async () => {
    const { targets } = await look({
      a: `${v1}sluice:\n  pin: true\n`,
      b: "image: { tag: 1234567 }\nsluice: { ring: early }\n",
    });
    expect(targets).toEqual(["early b ", "rest a pinned"]);
  });
});

describe("what a values file says of its tenant", () => {
  it("is its ring, whether it is pinned, and whether it is excluded", async () => {
    const { targets, without } = await look({
      a: v1,
      b: `${v1}sluice:\n  ring: early\n`,
      c: `${v1}sluice:\n  pin: true\n`,
      d: `${v1}sluice: { exclude: "true", ring: early }\n`,
      e: `${v1}sluice:\n  pin:\n  exclude: false\n  ring: ""\n`,
      f: "replicas: 1\nsluice: { ring: early }\n",
    });
    expect(targets).toEqual([
      "early b v1",
      "early d excluded",
      "rest a v1",
      "rest c pinned",
      "rest e v1",
    ]);
    expect(without).toEqual(["demo-api tenants/f/prod.yaml"]);
  });

  it.for([
    [
      "a label that is a mapping",
      `${v1}sluice:\n  ring: { early: true }\n`,
      "sluice.ring is a map",
    ],
    [
      "a label behind an alias",
      `x: &x early\n${v1}sluice:\n  ring: *x\n`,
      "sluice.ring is an alias",
    ],
    [
      "a pin that is a list",
      `${v1}sluice:\n  pin: [v1]\n`,
      "sluice.pin is a mapping or a sequence",
    ],
  ] as const)("%s is named, and the tenant is not moved", async ([, text, why]) => {
    const { targets } = await look({ a: text });
    expect(targets).toEqual([
      expect.stringContaining(`rest a refused: tenants/a/prod.yaml: ${why}`),
    ]);
  });

  it("who is excluded by the policy is left alone, whatever its file looks like", async () => {
    const { targets, problems } = await look({ "gone-1": "image: [", "gone-2": v1, b: "image: [" });
    expect(targets).toEqual([
      expect.stringContaining("rest b refused: tenants/b/prod.yaml"),
      "rest gone-1 excluded",
      "rest gone-2 excluded",
    ]);
    expect(problems).toEqual([]);
  });
});
