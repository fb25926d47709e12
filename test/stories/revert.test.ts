import { expect } from "vitest";

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
    const again = await told.opened("prod", next.tag);
    expect((await told.pull(again.pull)).title).toContain(`${stage.first.tag} → ${next.tag}`);
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

async function promotedEverywhere(told: Told): Promise<number> {
  const built = await told.stage.build("feat: greet louder");
  const { pull } = await told.opened("prod", built.tag);
  await told.comment("mona", pull, "/promote");
  await told.settled(["prod"], built.tag);
  await told.running("prod", built.tag);
  return pull;
}
