import { expect } from "vitest";

import { parseBody } from "#core/promotion-body.ts";

import { story } from "../stage/story.ts";

const reopened: string[] = [];

story(
  "closing a promotion unmerged keeps it out; what is newer passes",
  { policy: { prodSoak: "1s" } },
  async (told) => {
    const { stage } = told;
    const vetoed = await stage.build("feat: not wanted");
    const { pull } = await told.opened("prod", vetoed.tag);
    await told.close("carol", pull);
    await told.idle();
    expect((await told.promotions("prod")).length).toBe(1);

    const newer = await stage.build("feat: wanted");
    const next = await told.opened("prod", newer.tag);
    expect(next.pull).not.toBe(pull);
  },
);

story(
  "/resume lets a closed promotion come again",
  { policy: { prodSoak: "1s" }, reopened },
  async (told) => {
    const built = await told.stage.build("feat: not yet");
    const { pull } = await told.opened("prod", built.tag);
    reopened.push(parseBody((await told.pull(pull)).body)?.id ?? "");
    await told.close("alice", pull);
    await told.idle();
    expect((await told.promotions("prod")).length).toBe(1);

    const { id } = await told.comment("mona", pull, "/resume");
    await told.reaction(id, "rocket");
    await told.waitFor("the promotion to come again", async () => {
      const [newest] = await told.promotions("prod");
      return newest !== undefined && newest.number !== pull && newest.state === "open";
    });
  },
);
