import { expect } from "vitest";

import { story, type Told } from "../stage/story.ts";

story(
  "who may promote, who may not, and what is answered to what cannot be read",
  {},
  async (told) => {
    const built = await told.stage.build("feat: greet louder");
    const { pull } = await told.opened("prod", built.tag);
    await told.idle();

    for (const user of ["bob", "carol"]) {
      const { id } = await told.comment(user, pull, "/promote");
      await told.reaction(id, "-1");
      const said = await told.answer(pull, `${user} may not do this in prod`);
      expect(
        said.body.split("\n").filter((line) => line !== "" && !line.startsWith("<!--")).length,
      ).toBe(1);
    }
    const silent = [
      await told.comment("alice", pull, "> /promote\n\nI would not."),
      await told.comment("alice", pull, "```\n/promote\n```"),
      await told.comment("alice", pull, "    /promote"),
      await told.comment("alice", pull, "Shall we /promote this?"),
      await told.comment("dependabot[bot]", pull, "/promote"),
      await told.comment("alice", pull, "Nothing yet"),
    ];
    await told.editComment("alice", silent.at(-1)?.id ?? 0, "/promote");
    await told.idle();
    for (const { id } of silent) expect(await told.reactions(id)).toEqual([]);
    expect((await answersOf(told, pull)).length).toBe(2);
    expect((await told.pull(pull)).merged_at).toBeNull();

    const wrong = await told.comment("alice", pull, "/promote prd");
    await told.reaction(wrong.id, "confused");
    await told.answer(pull, "Did you mean `prod`?");
    const typo = await told.comment("alice", pull, "/promot");
    await told.reaction(typo.id, "confused");
    await told.answer(pull, "Did you mean `/promote`?");
    const help = await told.comment("carol", pull, "/help");
    await told.reaction(help.id, "rocket");
    await told.answer(pull, "`/promote [environment] [--service name]");

    await told.push("bob", { "README.md": "# Better\n" }, { branch: "docs" });
    const { number } = await told.openPull("bob", "docs", "docs: better");
    const elsewhere = await told.comment("alice", number, "/promote");
    await told.reaction(elsewhere.id, "-1");
    await told.answer(number, "This is not a promotion");

    const { id } = await told.comment("alice", pull, "/PROMOTE\n\nthank you");
    await told.reaction(id, "rocket");
    await told.settled(["prod"], built.tag);
  },
);

story(
  "/promote before the gates have passed waits for them, and falls when the head moves",
  { policy: { prodSoak: "1m" } },
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: greet louder");
    const { pull } = await told.opened("prod", built.tag);
    const { id } = await told.comment("mona", pull, "/promote");
    await told.reaction(id, "rocket");
    // Somebody changes one of its files on the default branch: the promotion is rebuilt, the consent is gone.
    const { head } = await told.pull(pull);
    const path = "gitops/tenants/tenant-a/prod.yaml";
    const text = (await told.file(path)).replace("replicaCount: 3", "replicaCount: 4");
    await told.push("bob", { [path]: text });
    await told.waitFor("the promotion to be rebuilt", async () => {
      const now = await told.pull(pull);
      return now.head.sha !== head.sha;
    });
    const ready = await told.waitFor("the gates to pass", async () => {
      const { head: now } = await told.pull(pull);
      const [run] = await told.checks("acme/platform", now.sha, "sluice/gates");
      return run?.conclusion === "success" ? run : null;
    });
    expect(ready.output.title).toBe("Ready to merge");
    await told.idle();
    expect((await told.pull(pull)).merged_at).toBeNull();
    await told.comment("mona", pull, "/promote");
    await told.settled(["prod"], built.tag);
    expect(await told.file(path)).toContain("replicaCount: 4");
  },
);

story("/promote on a merged promotion means the environment after it", {}, async (told) => {
  const built = await told.stage.build("feat: greet louder");
  const prod = await told.opened("prod", built.tag);
  const [staging] = await told.promotions("staging");
  const { id } = await told.comment("mona", staging?.number ?? 0, "/promote");
  await told.reaction(id, "rocket");
  await told.settled(["prod"], built.tag);
  const after = await told.comment("mona", prod.pull, "/promote");
  await told.reaction(after.id, "-1");
  await told.answer(prod.pull, "There is nothing after prod");
});

async function answersOf(told: Told, pull: number): Promise<readonly string[]> {
  const all = await told.comments(pull);
  return all.filter(({ user }) => user.login === "sluice[bot]").map(({ body }) => body);
}
