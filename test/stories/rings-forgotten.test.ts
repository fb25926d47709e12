import { expect } from "vitest";

import { platform, source } from "../stage/seed.ts";
import { story } from "../stage/story.ts";

story(
  "what a ring was verified on, and whom it bears, is found again after everything was forgotten",
  {
    needsRedis: true,
    tenants: 4,
    speed: 200,
    env: { SLUICE_SWEEP_INTERVAL: "20s" },
    policy: {
      prodMerge: "auto",
      rings: [
        "{ name: canary, tenants: [tenant-a, tenant-b], maxFailures: 1 }",
        '{ name: rest, tenants: ["*"], soak: 4m }',
      ],
    },
  },
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: not everybody takes it");
    await stage.argocdControl.post("image-rules", {
      rules: [{ match: built.tag, outcome: "crashLoop", app: "tenant-b-prod" }],
    });
    await told.settled(["prod/canary"], built.tag);
    const rest = await told.opened("prod/rest", built.tag);
    const { head } = await told.pull(rest.pull);
    const soaking = await told.check(platform, head.sha, "sluice/gates");
    expect(soaking.output.summary).toContain("Soaks for 4 minutes");
    expect(soaking.output.summary).toMatch(/but for tenant-b, which failed/);
    const [canary] = await told.promotions("prod", "demo-api", "canary");
    const merge = canary?.merge_commit_sha ?? "";
    const [run] = await told.checks(platform, merge, "sluice/prod");
    expect(run?.conclusion).toBe("success");
    expect(run?.output.title).toContain("the ring bears the rest");

    await told.redis.command("FLUSHALL");
    await told.settled(["prod/rest"], built.tag);
    await told.idle();
    // Nobody has judged the canary anew, and nothing came twice.
    expect(await told.checks(platform, merge, "sluice/prod")).toHaveLength(1);
    expect(await told.promotions("prod", "demo-api", "canary")).toHaveLength(1);
    expect(await told.promotions("prod", "demo-api", "rest")).toHaveLength(1);
    const [whole] = await told.checks(source, built.revision, "sluice/prod");
    expect(whole?.conclusion).toBe("success");
    expect(whole?.output.summary).toMatch(/`canary`.*\n.*`rest`/);
  },
);
