import { describe, expect, it } from "vitest";

import { gitopsRevisions } from "#core/application.ts";

import { anApplication, promotedCommit } from "./rollout-builders.ts";

describe("gitopsRevisions", () => {
  it.for([
    { url: "https://github.com/acme/platform", found: true },
    { url: "https://github.com/acme/platform.git", found: true },
    { url: "https://github.com/acme/platform.git/", found: true },
    { url: "https://GitHub.com/Acme/Platform", found: true },
    { url: "git@github.com:acme/platform.git", found: true },
    { url: "ssh://git@github.com/acme/platform.git", found: true },
    { url: "http://127.0.0.1:3000/git/acme/platform.git", found: true },
    { url: "https://github.com/acme/platform-two", found: false },
    { url: "https://github.com/other-acme/platform", found: false },
    { url: "https://github.com/acme/other", found: false },
    { url: "", found: false },
  ])("$url: $found", ({ url, found }) => {
    const app = anApplication({ sources: [{ url, ref: null, valueFiles: [] }] });
    expect(gitopsRevisions(app, "acme/platform")).toEqual(found ? [promotedCommit] : []);
  });

  const here = "https://github.com/acme/platform";
  const chart = { url: here, ref: null, valueFiles: ["$values/a/dev.yaml"] };
  const values = { url: here, ref: "values", valueFiles: [] };

  it("counts only the source of the values where both are in one repository", () => {
    const sync = { status: "Synced" as const, revisions: ["1".repeat(40), "2".repeat(40)] };
    const app = anApplication({ sources: [chart, values], sync });
    expect(gitopsRevisions(app, "acme/platform")).toEqual(["2".repeat(40)]);
  });

  it("counts every source where none is read by name, equal ones once", () => {
    const plain = { url: here, ref: null, valueFiles: ["values.yaml"] };
    const revisions = ["1".repeat(40), "1".repeat(40), "2".repeat(40)];
    const app = anApplication({
      sources: [plain, plain, plain],
      sync: { status: "Synced", revisions },
    });
    expect(gitopsRevisions(app, "acme/platform")).toEqual(["1".repeat(40), "2".repeat(40)]);
  });

  it("gives an untrustworthy revision where Argo CD names fewer than there are sources", () => {
    const app = anApplication({
      sources: [chart, values],
      sync: { status: "Synced", revisions: ["1".repeat(40)] },
    });
    expect(gitopsRevisions(app, "acme/platform")).toEqual([""]);
  });
});
