import { expect } from "vitest";

import { story, type Told } from "../stage/story.ts";

story(
  "what people stop stands on the dashboard, survives an emptied queue, and ends with a tick",
  { needsRedis: true },
  async (told) => {
    const built = await told.stage.build("feat: greet louder");
    const { pull } = await told.opened("prod", built.tag);
    const hold = await told.comment("mona", pull, "/hold the launch");
    await told.reaction(hold.id, "rocket");
    const { number } = await dashboard(told, "**On hold:** `demo-api`, by mona");
    await held(told, pull);

    await told.redis.command("FLUSHALL");
    const agreed = await told.comment("alice", pull, "/promote");
    await told.reaction(agreed.id, "rocket");
    await told.idle();
    expect((await told.pull(pull)).merged_at).toBeNull();

    // Bob may not: his tick is taken back, with a word why.
    await tick(told, "bob", "lift hold/prod/demo-api");
    await told.answer(number, "bob may not do this in prod");
    await dashboard(told, "**On hold:** `demo-api`, by mona");
    await tick(told, "mona", "lift hold/prod/demo-api");
    await told.settled(["prod"], built.tag);
    await dashboard(told, "- [ ] Put `prod` on hold");
  },
);

story(
  "a freeze on the dashboard keeps everything out, and buttons hold a promotion and take it back",
  {},
  async (told) => {
    const opened = await told.openIssue("bob", "Sluice dashboard", "mine");
    const built = await told.stage.build("feat: greet louder");
    const { pull } = await told.opened("prod", built.tag);
    const frozen = await told.comment("mona", pull, "/freeze prod until 2099-01-01T00:00Z launch");
    await told.reaction(frozen.id, "rocket");
    const { number } = await dashboard(told, "**Frozen** until 2099-01-01 00:00 UTC, by mona");
    expect(number).not.toBe(opened.number);
    const agreed = await told.comment("alice", pull, "/promote");
    await told.reaction(agreed.id, "rocket");
    await told.idle();
    expect((await told.pull(pull)).merged_at).toBeNull();
    const status = await told.comment("carol", number, "/status prod");
    await told.reaction(status.id, "rocket");

    // The button below the gates holds it as well; then both are lifted where they stand.
    const { head } = await told.pull(pull);
    const gates = await told.check("acme/platform", head.sha, "sluice/gates");
    await told.press("mona", gates.id, "hold");
    await dashboard(told, "**On hold:** `demo-api`, by mona");
    const lifted = await told.comment("mona", number, "/unfreeze");
    await told.reaction(lifted.id, "rocket");
    await held(told, pull);
    const resumed = await told.comment("mona", number, "/resume prod");
    await told.reaction(resumed.id, "rocket");
    await told.settled(["prod"], built.tag);

    // And another one takes it back.
    const { sha } = await told.waitFor("the run on the commit that brought it", async () => {
      const merged = await told.pull(pull);
      for (const commit of [merged.merge_commit_sha ?? "", merged.head.sha])
        if ((await told.checks("acme/platform", commit, "sluice/prod")).length > 0)
          return { sha: commit };
      return null;
    });
    const ended = await told.check(
      "acme/platform",
      sha,
      "sluice/prod",
      ({ conclusion }) => conclusion === "success",
    );
    await told.press("mona", ended.id, "rollback");
    await told.running("prod", told.stage.first.tag);
  },
);

/** The dashboard, once it says this. */
function dashboard(told: Told, text: string) {
  return told.waitFor(`the dashboard to say ${text}`, async () =>
    (await told.issues()).find(
      ({ body, user }) =>
        user.login === "sluice[bot]" && body.includes(text) && !body.includes("[x]"),
    ),
  );
}

async function tick(told: Told, user: string, id: string): Promise<void> {
  const { number, body } = await dashboard(told, `<!-- sluice:tick ${id} -->`);
  const lines = body
    .split("\n")
    .map((line) => (line.includes(`sluice:tick ${id} `) ? line.replace("[ ]", "[x]") : line));
  await told.editIssue(user, number, lines.join("\n"));
}

function held(told: Told, pull: number) {
  return told.waitFor(`#${pull} to be on hold`, async () => {
    const { head } = await told.pull(pull);
    const [run] = await told.checks("acme/platform", head.sha, "sluice/gates");
    return run?.conclusion === "action_required" && run.output.title.includes("on hold");
  });
}
