import { describe, expect, it } from "vitest";

import { anApplication, at, earlierCommit, judgeNow, promotedCommit } from "./rollout-builders.ts";

const settled = { memory: { settledSince: at(-6).getTime() } };
const synced = (revision: string) => ({ status: "Synced" as const, revisions: [revision] });

describe("several sources", () => {
  const sources = [
    { url: "https://charts.example.com", ref: null, valueFiles: ["$values/tenants/a/dev.yaml"] },
    { url: "git@github.com:acme/platform.git", ref: "values", valueFiles: [] },
  ];

  it("takes the revision at the index of the source that holds the values", () => {
    const revisions = ["1.4.2", promotedCommit];
    const app = anApplication({ sources, sync: { status: "Synced", revisions } });
    expect(judgeNow(app, settled).state).toBe("healthy");
  });

  it("waits where the list of revisions is empty", () => {
    const app = anApplication({ sources, sync: { status: "Synced", revisions: [] } });
    expect(judgeNow(app, settled).state).toBe("waiting");
  });
});

describe("a hydrated source", () => {
  const hydrator = (dry: string, hydrated: string) => ({
    url: "https://github.com/acme/platform",
    drySha: dry,
    hydratedSha: hydrated,
    failure: null,
  });
  const wet = "f".repeat(40);

  it.for([
    {
      name: "dry commit before ours",
      app: { hydrator: hydrator(earlierCommit, wet) },
      state: "waiting",
    },
    {
      name: "hydrated, and not compared with yet",
      app: { hydrator: hydrator(promotedCommit, wet), sync: synced(earlierCommit) },
      state: "waiting",
    },
    {
      name: "hydrated and compared with",
      app: { hydrator: hydrator(promotedCommit, wet), sync: synced(wet) },
      state: "healthy",
    },
    {
      name: "hydrating fails",
      app: { hydrator: { ...hydrator(earlierCommit, wet), failure: "no such path" } },
      state: "blocked",
    },
  ])("$name: $state", ({ app, state }) => {
    expect(judgeNow(anApplication(app), settled).state).toBe(state);
  });

  it("is refreshed and not synced while its second commit is missing, manual or not", () => {
    const app = anApplication({ automated: false, hydrator: hydrator(earlierCommit, wet) });
    expect(judgeNow(app).act).toBe("refresh");
  });
});
