import { expect } from "vitest";

import { story } from "../stage/story.ts";

const branch = "sluice/prod/demo-api/all";
const ofTenantA = "gitops/tenants/tenant-a/prod.yaml";

story("who asked for a promotion stands in its merge", {}, async (told) => {
  const built = await told.stage.build("feat: greet louder");
  const { pull } = await told.opened("prod", built.tag);
  await told.comment("mona", pull, "/promote");
  await told.settled(["prod"], built.tag);
  const { merge_commit_sha: sha } = await told.pull(pull);
  const { commit } = await told.commit(sha ?? "");
  expect(commit.message).toContain("Sluice-Requested-By: mona");
});

story("a person's merge is counted and told of like one of Sluice's", {}, async (told) => {
  const built = await told.stage.build("feat: greet louder");
  const { pull } = await told.opened("prod", built.tag);
  await told.merge("alice", pull);
  await told.settled(["prod"], built.tag);
  const lines = told.lines("promotion merged").filter((line) => line["pull"] === pull);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ environment: "prod", service: "demo-api", ring: "all" });
  const metrics = await (await fetch(`${told.stage.bot.url}/metrics`)).text();
  expect(metrics).toMatch(/promotions_total\{environment="prod",result="merged"\} 1/);
});

story(
  "a merge that brought something else is held, also after the memory went",
  { needsRedis: true },
  async (told) => {
    const { stage } = told;
    const first = await stage.build("feat: first");
    const { pull } = await told.opened("prod", first.tag);
    const second = await stage.build("feat: second");
    await told.waitFor("it to bring the second", async () =>
      (await told.pull(pull)).title.includes(second.tag),
    );
    const text = (await told.file(ofTenantA)).replace(stage.first.tag, first.tag);
    await told.push("bob", { [ofTenantA]: text }, { branch });
    await told.merge("alice", pull);
    await told.answer(pull, "other than Sluice had computed");

    const third = await stage.build("feat: third");
    await told.settled(["dev", "staging"], third.tag);
    await told.idle();
    expect(await told.promotions("prod")).toHaveLength(1);
    await told.redis.command("FLUSHALL");
    await told.push("bob", { "NOTES.md": "Look again.\n" });
    await told.idle();
    expect(await told.promotions("prod")).toHaveLength(1);
    await told.comment("mona", pull, "/resume");
    await told.opened("prod", third.tag);
  },
);
