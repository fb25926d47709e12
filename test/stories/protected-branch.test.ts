import { expect } from "vitest";

import { platform } from "../stage/seed.ts";
import { story } from "../stage/story.ts";

const protection = { requiredChecks: ["sluice/gates"], requiredApprovals: 1 };

story(
  "a protected branch: what GitHub still wants is said, and merged once it is there",
  { protection },
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: greet louder");
    const dev = await told.opened("dev", built.tag);
    const { head } = await told.pull(dev.pull);
    const run = await told.check(platform, head.sha, "sluice/gates", ({ output }) =>
      output.title.includes("GitHub does not merge it"),
    );
    expect(run.conclusion).toBe("success");
    expect(run.output.summary).toMatch(/review/i);
    await told.idle();
    const before = await told.lastRequest();
    await told.push("alice", { "NOTES.md": "x\n" }, { branch: "elsewhere" });
    await told.idle();
    const tries = (await told.requests(before)).filter(({ route }) => route?.endsWith("/merge"));
    expect(tries).toEqual([]);

    await told.review("bob", dev.pull, "APPROVED");
    await told.waitFor(
      "it to be merged",
      async () => (await told.pull(dev.pull)).merged_at !== null,
    );
    await told.settled(["dev"], built.tag);

    // Every other pull request gets an answer as well: the check is required there, too.
    await told.push("bob", { "README.md": "# Better\n" }, { branch: "docs" });
    const { number, sha } = await told.openPull("bob", "docs", "docs: better");
    const answer = await told.check(
      platform,
      sha,
      "sluice/gates",
      ({ status }) => status === "completed",
    );
    expect([answer.conclusion, answer.output.title]).toEqual(["neutral", "Not a promotion"]);
    await told.review("alice", number, "APPROVED");
    await told.merge("bob", number);
    const again = await told.push("bob", { "README.md": "# Best\n" }, { branch: "docs-2" });
    await told.openPull("bob", "docs-2", "docs: best");
    await told.check(
      platform,
      again.sha,
      "sluice/gates",
      ({ conclusion }) => conclusion === "neutral",
    );
  },
);
