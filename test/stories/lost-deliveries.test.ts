import { expect } from "vitest";

import { story } from "../stage/story.ts";

story("what was delivered while the bot was down is read back", {}, async (told) => {
  const { stage } = told;
  await told.idle();
  await stage.bot.stop();
  const built = await stage.build("feat: nobody listens");
  await told.waitFor("the deliveries to fail", async () => {
    const sent = await stage.githubControl.get<readonly Sent[]>("deliveries");
    const lost = sent.filter(
      ({ event, statusCode }) => event === "workflow_run" && statusCode !== 202,
    );
    return lost.length > 0;
  });
  await stage.bot.start();
  await told.settled(["dev", "staging"], built.tag);
  await told.opened("prod", built.tag);
});

type Sent = { readonly event: string; readonly statusCode: number };

story(
  "the periodic sweep finds what no delivery ever told",
  { env: { SLUICE_SWEEP_INTERVAL: "15s" }, policy: { soak: "1s", prodSoak: "1s" } },
  async (told) => {
    const { stage } = told;
    await stage.githubControl.post("faults", {
      rules: [{ fault: "drop-delivery", times: "always" }],
    });
    const built = await stage.build("feat: every webhook is lost");
    await told.settled(["dev", "staging"], built.tag);
    const prod = await told.opened("prod", built.tag);
    await told.merge("alice", prod.pull);
    await told.settled(["prod"], built.tag);
    await told.running("prod", built.tag);
    expect((await told.pulls()).length).toBe(3);
  },
);
