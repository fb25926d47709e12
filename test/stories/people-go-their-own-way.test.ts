import { expect } from "vitest";

import { platform, valuesFile } from "../stage/seed.ts";
import { story } from "../stage/story.ts";

story(
  "a person merges prod while gates are open: an override, which is named",
  { policy: { prodSoak: "1h" } },
  async (told) => {
    const built = await told.stage.build("feat: urgent");
    const prod = await told.opened("prod", built.tag);
    const { head } = await told.pull(prod.pull);
    await told.check(platform, head.sha, "sluice/gates", ({ status }) => status === "in_progress");
    await told.merge("alice", prod.pull);

    await told.settled(["prod"], built.tag);
    await told.running("prod", built.tag);
    const sticky = await told.answer(prod.pull, "Merged by hand");
    expect(sticky.body).toContain("**soak**");
    expect(sticky.body).not.toContain("**health**");
    await told.idle();
    expect((await told.comments(prod.pull)).length).toBe(1);
    expect(await told.branches()).toEqual(["main"]);
  },
);

story(
  "a merge that GitHub's answers do not all show yet is not promoted again",
  {},
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: merged at once");
    const prod = await told.opened("prod", built.tag);
    await told.idle();
    const route = "/repos/{owner}/{repo}/git/ref/{ref}";
    await stage.githubControl.post("faults", {
      rules: [{ fault: "stale-read", method: "GET", route, ms: 30_000, times: 2 }],
    });
    await told.merge("alice", prod.pull);
    await told.settled(["prod"], built.tag);
    await told.idle();
    expect((await told.promotions("prod")).length).toBe(1);
  },
);

story(
  "a person pushes the values directly: the rollout runs, nothing is undone",
  {},
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: by hand");
    await told.opened("prod", built.tag);
    const files = Object.fromEntries(
      stage.tenants.map((tenant) => [
        `gitops/tenants/${tenant}/prod.yaml`,
        valuesFile(tenant, "prod", built.tag, built.digest),
      ]),
    );
    const pushed = await told.push("alice", files, { message: "fix: now" });
    await told.settled(["prod"], built.tag);
    await told.running("prod", built.tag);
    const run = await told.check(
      platform,
      pushed.sha,
      "sluice/prod",
      ({ conclusion }) => conclusion === "success",
    );
    expect(run.output.title).toContain(built.tag);
    await told.idle();
    const [pull] = await told.promotions("prod");
    expect(pull?.merged_at).toBeNull();
    expect(pull?.state).toBe("closed");
    const said = await told.comments(pull?.number ?? 0);
    expect(said.map(({ body }) => body).join()).toContain("Sluice closed this promotion");
  },
);

story(
  "the first run on a repository where everything is deployed already",
  { fromTheStart: true },
  async (told) => {
    const { stage } = told;
    await told.settled(["dev", "staging", "prod"], stage.first.tag);
    await told.idle();
    expect(await told.pulls()).toEqual([]);
    const head = await told.head();
    for (const environment of ["dev", "staging", "prod"]) {
      const [run, ...more] = await told.checks(platform, head, `sluice/${environment}`);
      expect(more).toEqual([]);
      expect(run?.conclusion).toBe("success");
    }
  },
);
