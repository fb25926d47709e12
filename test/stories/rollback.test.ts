import { expect } from "vitest";

import { parseBody } from "#core/promotion-body.ts";

import { demoPolicy, platform } from "../stage/seed.ts";
import { story, type Told } from "../stage/story.ts";

const path = ".github/sluice.yaml";
/** What `/resume` lets come again. */
const reopened: string[] = [];

story("/rollback takes prod back at once and holds it, until /resume", {}, async (told) => {
  const { stage } = told;
  const built = await stage.build("feat: greet louder");
  const { pull } = await told.opened("prod", built.tag);
  await told.comment("mona", pull, "/promote");
  await told.settled(["prod"], built.tag);

  const stranger = await told.comment("bob", pull, "/rollback");
  await told.reaction(stranger.id, "-1");
  const wrong = await told.comment("mona", pull, "/rollback --to sha-0000000");
  await told.reaction(wrong.id, "-1");
  await told.answer(pull, `What could be named: ${stage.first.tag}.`);
  const nobody = await told.comment("mona", pull, "/rollback --tenants tenant-x");
  await told.reaction(nobody.id, "confused");
  await told.answer(pull, "Did you mean `tenant-a`?");
  const dry = await told.comment("mona", pull, "/rollback --dry-run");
  await told.reaction(dry.id, "rocket");
  await told.answer(pull, "Nothing was done.");
  await told.push("bob", { "README.md": "# Better\n" }, { branch: "docs" });
  const elsewhere = await told.openPull("bob", "docs", "docs: better");
  await told.comment("mona", elsewhere.number, "/rollback");
  await told.answer(elsewhere.number, "Here nothing says what to take back");
  await told.comment("mona", elsewhere.number, "/rollback prod --dry-run");
  await told.answer(elsewhere.number, "Nothing was done.");
  expect(await rollbacks(told)).toEqual([]);

  const from = stage.events.length;
  const { id } = await told.comment("mona", pull, "/rollback");
  await told.reaction(id, "rocket");
  await told.settled(["prod"], stage.first.tag, from);
  await told.running("prod", stage.first.tag);
  const [back] = await rollbacks(told);
  expect(back?.title).toContain(`rollback(prod): demo-api ${built.tag} → ${stage.first.tag}`);
  expect(back?.body).toContain("`mona` asked for it");
  expect((await told.commit(back?.head.sha ?? "")).commit.message).toContain(
    "Sluice-Requested-By: mona",
  );
  expect((await told.branches()).filter((name) => name.startsWith("sluice-"))).toEqual([]);

  const again = await told.comment("mona", back?.number ?? 0, "/rollback");
  await told.reaction(again.id, "-1");
  await told.answer(back?.number ?? 0, "There is nothing to go back to in prod.");
  const next = await stage.build("feat: greet politely");
  await told.settled(["dev", "staging"], next.tag);
  await told.idle();
  expect((await told.promotions("prod")).length).toBe(1);

  await told.comment("mona", back?.number ?? 0, "/resume");
  await told.waitFor("the next one to come", async () =>
    (await told.promotions("prod")).some(
      ({ state, title }) => state === "open" && title.includes(`→ ${next.tag}`),
    ),
  );
});

story(
  "a rollback that GitHub holds outlives everything that Sluice remembers",
  {
    protection: { requiredApprovals: 1 },
    needsRedis: true,
  },
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: greet louder");
    const { pull } = await told.opened("dev", built.tag);
    await told.review("bob", pull, "APPROVED");
    await told.settled(["dev"], built.tag);
    await told.idle();
    // What was verified before stands nowhere but in the check runs of the first commits by now.
    await told.redis.command("FLUSHALL");
    await told.comment("mona", pull, "/rollback");
    const back = await told.waitFor("the rollback", async () => (await rollbacks(told))[0]);
    const said = await told.check(platform, back.head.sha, "sluice/gates", ({ output }) =>
      output.title.includes("GitHub does not merge it"),
    );
    expect(said.output.text).toContain("`mona` asked for it");
    await told.idle();

    await told.redis.command("FLUSHALL");
    const from = stage.events.length;
    await told.review("bob", back.number, "APPROVED");
    await told.settled(["dev"], stage.first.tag, from);
    expect((await rollbacks(told)).map(({ number }) => number)).toEqual([back.number]);
  },
);

story(
  "one tenant goes back, then the other: both stay there, whatever is forgotten",
  { needsRedis: true },
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: greet louder");
    const { pull } = await told.opened("prod", built.tag);
    await told.comment("mona", pull, "/promote");
    await told.settled(["prod"], built.tag);
    for (const tenant of ["tenant-b", "tenant-a"]) {
      const from = stage.events.length;
      await told.comment("mona", pull, `/rollback --tenants ${tenant}`);
      await told.settled(["prod"], stage.first.tag, from);
      await told.idle();
    }
    await told.running("prod", stage.first.tag);
    expect((await rollbacks(told)).length).toBe(2);

    await told.redis.command("FLUSHALL");
    await told.push("bob", { "NOTES.md": "look again\n" });
    await told.idle();
    expect((await told.promotions("prod")).map(({ state }) => state)).toEqual(["closed"]);
    expect(await told.pulls()).toHaveLength(5);
  },
);

story("while the policy is broken, the way back is open by the last one", {}, async (told) => {
  const { stage } = told;
  const built = await stage.build("feat: greet louder");
  const { pull } = await told.opened("prod", built.tag);
  await told.comment("mona", pull, "/promote");
  await told.settled(["prod"], built.tag);
  const good = await told.file(path);
  await told.push("bob", { [path]: good.replace("merge: auto", "merges: auto") });
  const from = stage.events.length;
  await told.comment("mona", pull, "/rollback prod");
  await told.settled(["prod"], stage.first.tag, from);
  await told.push("bob", { [path]: `${good}# mended\n` });
});

story(
  "every ring goes back by a pull request of its own, and all of them are held",
  {
    tenants: 3,
    reopened,
    policy: {
      prodMerge: "auto",
      rings: ["{ name: canary, tenants: [tenant-a] }", '{ name: rest, tenants: ["*"] }'],
    },
  },
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: greet louder");
    await told.settled(["prod/canary", "prod/rest"], built.tag);
    const [dev] = await told.promotions("dev");
    const from = stage.events.length;
    const { id } = await told.comment("mona", dev?.number ?? 0, "/rollback prod");
    await told.reaction(id, "rocket");
    await told.settled(["prod/canary", "prod/rest"], stage.first.tag, from);
    await told.running("prod", stage.first.tag);
    expect((await rollbacks(told)).map(({ title }) => title).toSorted()).toEqual([
      `rollback(prod/canary): demo-api ${built.tag} → ${stage.first.tag} (1 tenant)`,
      `rollback(prod/rest): demo-api ${built.tag} → ${stage.first.tag} (2 tenants)`,
    ]);
    await told.idle();
    for (const ring of ["canary", "rest"]) {
      const promotions = await told.promotions("prod", "demo-api", ring);
      expect(promotions.length).toBe(1);
      reopened.push(parseBody(promotions[0]?.body ?? "")?.id ?? "");
    }
    const [back] = await rollbacks(told);
    await told.comment("mona", back?.number ?? 0, "/resume");
    await told.settled(["prod/canary", "prod/rest"], built.tag, stage.events.length);
  },
);

story(
  "the policy takes back what failed, once",
  { policy: demoPolicy({ timeout: "30m, onFailure: rollback" }), speed: 200 },
  async (told) => {
    const { stage } = told;
    const bad = await stage.build("feat: broken in prod");
    await stage.argocdControl.post("image-rules", {
      rules: [{ match: bad.tag, app: "tenant-b-prod", outcome: "crashLoop" }],
    });
    const { pull } = await told.opened("prod", bad.tag);
    const from = stage.events.length;
    await told.comment("mona", pull, "/promote");
    expect((await told.verdict("prod", bad.tag, from)).result).toBe("failed");
    await told.settled(["prod"], stage.first.tag, from);
    await told.running("prod", stage.first.tag);
    const [back] = await rollbacks(told);
    await told.answer(pull, `#${back?.number} takes`);
    expect(back?.body).toContain("onFailure: rollback");
    const { merge_commit_sha: merge } = await told.pull(pull);
    await told.check(platform, merge ?? "", "sluice/prod", ({ output }) =>
      output.summary.includes("onFailure: rollback"),
    );
    await told.idle();
    expect((await rollbacks(told)).length).toBe(1);
    expect((await told.promotions("prod")).length).toBe(1);
  },
);

async function rollbacks(told: Told) {
  return (await told.pulls()).filter(({ head }) => head.ref.startsWith("sluice-rollback/"));
}
