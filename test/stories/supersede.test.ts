import { expect } from "vitest";

import { demoPolicy, platform } from "../stage/seed.ts";
import { story } from "../stage/story.ts";

function policyWith(supersede: string): string {
  const manual = "merge: manual\n";
  return demoPolicy({ timeout: "30m" }).replace(manual, `${manual}    supersede: ${supersede}\n`);
}

story(
  "with supersede: replace a newer artifact has a pull request of its own",
  { policy: policyWith("replace") },
  async (told) => {
    const { stage } = told;
    const older = await stage.build("feat: the older one");
    const first = await told.opened("prod", older.tag);
    await told.comment("mona", first.pull, "/hold");
    const newer = await stage.build("feat: the newer one");
    await told.settled(["staging"], newer.tag);
    await told.idle();
    // A hold keeps what is open open.
    expect((await told.pull(first.pull)).state).toBe("open");
    await told.comment("mona", first.pull, "/resume");
    const second = await told.opened("prod", newer.tag);
    expect(second.pull).not.toBe(first.pull);
    expect(await told.pull(first.pull)).toMatchObject({ state: "closed", merged_at: null });
    await told.answer(first.pull, "is due instead");

    // What Sluice closed is no veto, and what was said of the older one is not said of the newer.
    const { head } = await told.pull(second.pull);
    const ready = await told.check(
      platform,
      head.sha,
      "sluice/gates",
      ({ conclusion }) => conclusion === "success",
    );
    expect(ready.output.title).toBe("Ready to merge");
    await told.comment("mona", second.pull, "/promote");
    await told.settled(["prod"], newer.tag);
    await told.idle();
    expect((await told.branches()).filter((name) => name.startsWith("sluice"))).toEqual([]);
  },
);

story(
  "with supersede: queue the open promotion is finished first",
  { policy: policyWith("queue") },
  async (told) => {
    const { stage } = told;
    const older = await stage.build("feat: the older one");
    const first = await told.opened("prod", older.tag);
    const newer = await stage.build("feat: the newer one");
    await told.settled(["staging"], newer.tag);
    await told.idle();
    expect((await told.pull(first.pull)).title).toContain(older.tag);
    await told.comment("mona", first.pull, "/promote");
    await told.settled(["prod"], older.tag);
    const second = await told.opened("prod", newer.tag);
    expect(second.pull).not.toBe(first.pull);
  },
);
