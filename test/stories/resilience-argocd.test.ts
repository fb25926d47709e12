import { expect } from "vitest";

import { platform } from "../stage/seed.ts";
import { story } from "../stage/story.ts";

/** `RESILIENCE=all`: every way to fail; else the two that differ most. */
const everything = process.env["RESILIENCE"] === "all";

const applications = "^/api/v1/applications";
const troubles = [
  { name: "is down", rule: { effect: { type: "status", status: 503 } } },
  { name: "cuts connections", rule: { effect: { type: "reset" } } },
  {
    name: "hides behind a proxy's page",
    rule: { effect: { type: "status", status: 502, html: true } },
  },
  { name: "forbids everything", rule: { effect: { type: "status", status: 403 } } },
  { name: "does not answer", rule: { effect: { type: "hang" } } },
];

const chosen = troubles.filter(({ name }) => everything || /is down|forbids/.test(name));

for (const { name, rule } of chosen)
  story(
    `Argo CD ${name}: said on the check run, never a success meanwhile, and made up for`,
    { policy: { timeout: "30m", prodMerge: "auto" } },
    async (told) => {
      const { stage } = told;
      await stage.argocdControl.post("faults", {
        rules: [{ kind: "http", path: applications, ...rule }],
      });
      const built = await stage.build("feat: greet louder");
      const merged = await told.waitFor("dev to be merged", async () => {
        const [pull] = await told.promotions("dev");
        return pull?.merged_at === null ? null : pull;
      });
      const commit = merged.merge_commit_sha ?? "";
      const said = await told.check(platform, commit, "sluice/dev", ({ output }) =>
        output.summary.includes("Not up to date"),
      );
      expect(said.conclusion).not.toBe("success");
      expect(said.output.summary).toContain("Argo CD instance default");
      expect(await told.promotions("staging")).toEqual([]);

      await stage.argocdControl.post("faults", { rules: [] });
      await told.settled(["dev", "staging", "prod"], built.tag);
      const runs = await told.checks(platform, commit, "sluice/dev");
      expect(runs.map(({ conclusion }) => conclusion)).toEqual(["success"]);
      expect(runs[0]?.output.summary).not.toContain("Not up to date");
    },
  );

story(
  "a refresh that hangs twice costs time and nothing else",
  { policy: { timeout: "30m", prodMerge: "auto" } },
  async (told) => {
    const { stage } = told;
    await stage.argocdControl.post("faults", {
      rules: [{ kind: "http", path: "refresh=", times: 2, effect: { type: "hang" } }],
    });
    const built = await stage.build("feat: greet louder");
    await told.settled(["dev", "staging", "prod"], built.tag);
    await told.running("prod", built.tag);
  },
);
