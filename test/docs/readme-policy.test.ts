import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { parsePolicy } from "../../bot/core/policy-parse.ts";

describe("README.md", () => {
  const text = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const examples = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, yaml = ""]) => yaml);
  const policies = examples.filter((yaml) => yaml.includes("\nservices:"));

  it("shows a policy that is accepted as it stands", () => {
    expect(policies).toHaveLength(1);
    for (const policy of policies) {
      expect(parsePolicy(policy, { repository: "acme/platform" })).toMatchObject({
        kind: "policy",
        warnings: [],
      });
    }
  });
});
