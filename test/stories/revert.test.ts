import { expect } from "vitest";

import { platform } from "../stage/seed.ts";
import { story, type Told } from "../stage/story.ts";

for (const { how, pullRequest } of [
  { how: "straight on the default branch", pullRequest: false },
  { how: "by a pull request", pullRequest: true },
]) {
  story(`a revert of prod ${how} restores it, and it stays until /resume`, {}, async (told) => {
    const { stage } = told;
    const pull = await promotedEverywhere(told);
    const from = stage.events.length;
    const reverted = await told.revert("alice", pull, pullRequest);
    if (reverted.number !== undefined) await told.merge("alice", reverted.number);
    await told.settled(["prod"], stage.first.tag, from);
    await told.running("prod", stage.first.tag);
    await told.idle();
    expect((await told.promotions("prod")).length).toBe(1);
    expect(await told.file("gitops/tenants/tenant-a/prod.yaml")).toContain(stage.first.tag);

    // Something newer does not move it either.
    const next = await stage.build("feat: later");
    await told.settled(["dev", "staging"], next.tag);
    await told.idle();
    expect((await told.promotions("prod")).length).toBe(1);

    const { id } = await told.comment("mona", pull, "/resume");
    await told.reaction(id, "rocket");
    // What was reverted may come first, and gives way as soon as the newer one has soaked.
    await told.waitFor("a promotion of the newer one", async () =>
      (await told.promotions("prod")).find(
        ({ state, title }) =>
          state === "open" && title.includes(`${stage.first.tag} → ${next.tag}`),
      ),
    );
    await told.running("prod", stage.first.tag);
  });
}

story("a revert of dev, which syncs by itself, holds dev", {}, async (told) => {
  const { stage } = told;
  const built = await stage.build("feat: greet louder");
  await told.settled(["dev", "staging"], built.tag);
  const [pull] = await told.promotions("dev");
  const from = stage.events.length;
  await told.revert("alice", pull?.number ?? 0);
  await told.settled(["dev"], stage.first.tag, from);
  await told.running("dev", stage.first.tag);
  await told.idle();
  expect((await told.promotions("dev")).length).toBe(1);
});

story("a revert that is reverted by hand is rolled out again", {}, async (told) => {
  const { stage } = told;
  const pull = await promotedEverywhere(told);
  const files: Record<string, string> = {};
  for (const tenant of stage.tenants) {
    const path = `gitops/tenants/${tenant}/prod.yaml`;
    files[path] = await told.file(path);
  }
  const tag = /tag: (\S+)/.exec(Object.values(files).join(""))?.[1] ?? "";
  let from = stage.events.length;
  await told.revert("alice", pull);
  await told.settled(["prod"], stage.first.tag, from);
  await told.running("prod", stage.first.tag);
  from = stage.events.length;
  const { sha } = await told.push("alice", files, { message: "Back to the new one" });
  await told.settled(["prod"], tag, from);
  await told.running("prod", tag);
  await told.check(platform, sha, "sluice/prod", ({ conclusion }) => conclusion === "success");
});

async function promotedEverywhere(told: Told): Promise<number> {
  const built = await told.stage.build("feat: greet louder");
  const { pull } = await told.opened("prod", built.tag);
  await told.comment("mona", pull, "/promote");
  await told.settled(["prod"], built.tag);
  await told.running("prod", built.tag);
  return pull;
}
