import { expect } from "vitest";

import { platform } from "../stage/seed.ts";
import { story, type Told } from "../stage/story.ts";

/** Seconds on the story's clock. */
async function seconds(told: Told, count: number): Promise<void> {
  const end = performance.now() + (count * 1000) / 10;
  await told.waitFor(`${count} seconds to pass`, () => performance.now() > end);
}

async function triesSince(told: Told, request: number): Promise<number> {
  const asked = await told.requests(request);
  return asked.filter(({ route }) => route?.endsWith("/merge")).length;
}

story(
  "a required check that is not there is said, asked for less and less often, and merged when it comes",
  { protection: { requiredChecks: ["ci"] } },
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: greet louder");
    const { pull } = await told.opened("dev", built.tag);
    const { head } = await told.pull(pull);
    const run = await told.check(platform, head.sha, "sluice/gates", ({ output }) =>
      output.title.includes("GitHub does not merge it"),
    );
    expect(run.output.summary).toContain('Required status check "ci" is expected');
    const before = await told.lastRequest();
    await seconds(told, 60);
    expect(await triesSince(told, before)).toBeLessThan(6);
    expect(await told.comments(pull)).toEqual([]);

    await stage.githubControl.post("check-run", {
      repository: platform,
      sha: head.sha,
      name: "ci",
      conclusion: "success",
    });
    await told.settled(["dev"], built.tag);
  },
);

story(
  "what GitHub has refused is tried again by itself, without any event",
  { protection: { requiredApprovals: 1 } },
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: greet louder");
    const { pull } = await told.opened("dev", built.tag);
    const { head } = await told.pull(pull);
    await told.check(platform, head.sha, "sluice/gates", ({ output }) =>
      output.title.includes("GitHub does not merge it"),
    );
    await told.idle();
    const before = await told.lastRequest();
    await seconds(told, 150);
    const tries = await triesSince(told, before);
    expect(tries).toBeGreaterThan(0);
    expect(tries).toBeLessThan(4);
  },
);

story(
  "a review lets it be tried again at once",
  { protection: { requiredApprovals: 1 }, pace: 1 },
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: greet louder");
    const { pull } = await told.opened("dev", built.tag);
    const { head } = await told.pull(pull);
    await told.check(platform, head.sha, "sluice/gates", ({ output }) =>
      output.title.includes("GitHub does not merge it"),
    );
    await told.idle();
    await told.review("bob", pull, "APPROVED");
    // By itself it would be after a minute of this clock: longer than a story waits for anything.
    await told.waitFor("it to be merged", async () => (await told.pull(pull)).merged_at !== null);
  },
);
