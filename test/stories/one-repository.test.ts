import { setTimeout as pause } from "node:timers/promises";

import { expect } from "vitest";

import { demoPolicy, image, platform, source } from "../stage/seed.ts";
import { story } from "../stage/story.ts";

const own = demoPolicy({ soak: "1s", prodSoak: "1s", timeout: "30m", prodMerge: "auto" }).replace(
  `repository: ${source}`,
  `repository: ${platform}`,
);

story(
  "source and GitOps in one repository: what our own merge builds is not promoted",
  {
    policy: own,
    fromTheStart: true,
    files: async ({ build, tenants }) => {
      const start = await build("feat: start", { repository: platform });
      return Object.fromEntries(
        tenants.flatMap((tenant) =>
          ["dev", "staging", "prod"].map((environment) => [
            `gitops/tenants/${tenant}/${environment}.yaml`,
            `image:\n  repository: ${image}\n  tag: ${start.tag}\n  digest: ${start.digest}\n`,
          ]),
        ),
      );
    },
  },
  async (told) => {
    const { stage } = told;
    await told.waitFor("the first rollouts", () => told.lines("rollout settled").length === 3);
    const built = await stage.build("feat: code", { repository: platform });
    await told.settled(["dev"], built.tag);
    // CI builds whatever is pushed to main, Sluice's own merges too.
    const merged = await told.head();
    const echo = await buildOf(merged);
    await told.settled(["staging", "prod"], built.tag);
    const last = await buildOf(await told.head());
    await told.idle();
    await pause(300);
    await told.idle();
    for (const { title } of await told.pulls()) {
      expect(title).not.toContain(`→ ${echo}`);
      expect(title).not.toContain(`→ ${last}`);
    }
    expect(await told.pulls()).toHaveLength(3);

    const next = await stage.build("feat: more code", { repository: platform });
    await told.settled(["dev"], next.tag);

    async function buildOf(revision: string): Promise<string> {
      const tag = `sha-${revision.slice(0, 7)}`;
      await stage.githubControl.post("publish", { repository: platform, image, tag, revision });
      await stage.githubControl.post("workflow-run", {
        repository: platform,
        workflow: "ci.yml",
        headSha: revision,
        conclusion: "success",
      });
      return tag;
    }
  },
);
