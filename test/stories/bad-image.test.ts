import { expect } from "vitest";

import { platform, source } from "../stage/seed.ts";
import { story } from "../stage/story.ts";

story("a bad image stops in dev, and a newer good one goes on", { speed: 200 }, async (told) => {
  const { stage } = told;
  const bad = await stage.build("feat: broken", { packageEvents: true });
  await stage.argocdControl.post("image-rules", {
    rules: [{ match: bad.tag, outcome: "crashLoop" }],
  });
  expect((await told.verdict("dev", bad.tag)).result).toBe("failed");
  const [pull] = await told.promotions("dev");
  const run = await told.check(
    platform,
    pull?.merge_commit_sha ?? "",
    "sluice/dev",
    ({ conclusion }) => conclusion === "failure",
  );
  expect(run.output.summary).toContain("/retry");
  await told.check(
    source,
    bad.revision,
    "sluice/dev",
    ({ conclusion }) => conclusion === "failure",
  );
  await told.idle();
  expect((await told.pulls()).length).toBe(1);
  await told.running("staging", stage.first.tag);

  const good = await stage.build("fix: not broken");
  await told.settled(["dev", "staging"], good.tag);
  await told.opened("prod", good.tag);
});

story("/retry judges again once the cause is gone", {}, async (told) => {
  const { stage } = told;
  await stage.argocdControl.post("faults", {
    rules: [{ kind: "sync", app: "tenant-b-prod", outcome: "failAtApply", message: "quota" }],
  });
  const built = await stage.build("feat: unlucky");
  const { pull } = await told.opened("prod", built.tag);
  await told.merge("alice", pull);
  const failed = await told.verdict("prod", built.tag);
  expect(failed.result).toBe("failed");
  await told.idle();

  await stage.argocdControl.post("faults", { rules: [] });
  const from = stage.events.length;
  await told.comment("mona", pull, "/retry");
  await told.answer(pull, "asked to judge");
  expect((await told.verdict("prod", built.tag, from)).result).toBe("verified");
  await told.running("prod", built.tag);
  const { merge_commit_sha: merge } = await told.pull(pull);
  const runs = await told.checks(platform, merge ?? "", "sluice/prod");
  expect(runs.map(({ conclusion }) => conclusion)).toEqual(["success", "failure"]);
});

story(
  "what degrades after it was verified goes no further",
  { policy: { soak: "10m" } },
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: leaks memory");
    await told.settled(["dev"], built.tag);
    const { pull } = await told.opened("staging", built.tag);
    // Somebody syncs what drifted, and its pods do not stay well.
    await stage.argocdControl.post("image-rules", {
      rules: [{ match: built.tag, outcome: "degradeAfter", ms: 0, app: "tenant-a-dev" }],
    });
    await stage.argocdControl.post("drift", { app: "tenant-a-dev", image: "elsewhere:1" });
    await stage.argocdControl.post("operation", { app: "tenant-a-dev" });
    await told.waitFor("tenant-a-dev to degrade", async () => {
      const apps = await stage.argocdControl.get<readonly App[]>("apps");
      return apps.some(({ name, health }) => name === "tenant-a-dev" && health === "Degraded");
    });
    await told.push("bob", { "NOTES.md": "something is wrong\n" });
    const { head } = await told.pull(pull);
    const run = await told.check(
      platform,
      head.sha,
      "sluice/gates",
      ({ conclusion }) => conclusion === "failure",
    );
    expect(run.output.summary).toContain("tenant-a is unhealthy in Argo CD");
    expect((await told.pull(pull)).state).toBe("open");
  },
);

type App = { readonly name: string; readonly health: string };
