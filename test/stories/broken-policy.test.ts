import { expect } from "vitest";

import { parseBody } from "#core/promotion-body.ts";

import { demoPolicy, platform } from "../stage/seed.ts";
import { story } from "../stage/story.ts";

const path = ".github/sluice.yaml";
const good = demoPolicy({ soak: "1s", prodSoak: "1s", timeout: "30m" });
const broken = good.replace("merge: auto", "merges: auto").replace("order: ancestry", "order: age");
/** Sluice's own closing is no veto. */
const reopened: string[] = [];

story(
  "a broken policy pauses promotions and says where; mended, nothing is lost",
  { policy: good },
  async (told) => {
    const { stage } = told;
    const bad = await told.push("bob", { [path]: broken });
    const run = await told.check(
      platform,
      bad.sha,
      "sluice/policy",
      ({ conclusion }) => conclusion === "failure",
    );
    const lines = (text: string) => broken.split("\n").indexOf(text) + 1;
    const annotations = await told.annotations(run.id);
    expect(annotations.map((one) => [one.path, one.start_line])).toEqual(
      expect.arrayContaining([
        [path, lines("      order: age")],
        [path, lines("    merges: auto")],
      ]),
    );
    expect(run.output.summary).toContain("merge");

    const built = await stage.build("feat: while it is broken");
    await told.idle();
    expect(await told.pulls()).toEqual([]);

    const mended = await told.push("bob", { [path]: `${good}# mended\n` });
    await told.check(
      platform,
      mended.sha,
      "sluice/policy",
      ({ conclusion }) => conclusion === "success",
    );
    await told.settled(["dev", "staging"], built.tag);
    await told.opened("prod", built.tag);
  },
);

story(
  "while the policy is broken promotions wait and say so, and rollouts go on",
  { policy: good },
  async (told) => {
    const built = await told.stage.build("feat: greet louder");
    const { pull } = await told.opened("prod", built.tag);
    const { head } = await told.pull(pull);
    await told.check(
      platform,
      head.sha,
      "sluice/gates",
      ({ conclusion }) => conclusion === "success",
    );
    await told.push("bob", { [path]: broken });
    const paused = await told.check(
      platform,
      head.sha,
      "sluice/gates",
      ({ conclusion }) => conclusion === "action_required",
    );
    expect(paused.output.title).toContain("the policy is broken");
    expect((await told.checks(platform, head.sha, "sluice/gates"))[0]?.id).toBe(paused.id);

    // Prod's applications wait for Sluice: a person's merge and a revert are rolled out all the same.
    await told.merge("alice", pull);
    await told.settled(["prod"], built.tag);
    await told.answer(pull, "**policy** (failed)");
    const from = told.stage.events.length;
    await told.revert("alice", pull);
    await told.settled(["prod"], told.stage.first.tag, from);
    await told.running("prod", told.stage.first.tag);

    const mended = await told.push("bob", { [path]: `${good}# mended\n` });
    await told.check(
      platform,
      mended.sha,
      "sluice/policy",
      ({ conclusion }) => conclusion === "success",
    );
  },
);

story(
  "a policy is judged in pull requests too, and obeyed from the default branch only",
  { policy: good },
  async (told) => {
    const { stage } = told;
    await told.push("bob", { [path]: broken }, { branch: "new-policy" });
    const { number, sha } = await told.openPull("bob", "new-policy", "feat: other words");
    await told.check(platform, sha, "sluice/policy", ({ conclusion }) => conclusion === "failure");
    const gates = await told.check(
      platform,
      sha,
      "sluice/gates",
      ({ status }) => status === "completed",
    );
    expect(gates.conclusion).toBe("neutral");
    const built = await stage.build("feat: goes on");
    const prod = await told.opened("prod", built.tag);
    expect((await told.pull(number)).state).toBe("open");

    // A policy in the promotion's own head would let it merge by itself.
    const auto = good.replace("merge: manual", "merge: auto");
    await told.push("bob", { [path]: auto }, { branch: "sluice/prod/demo-api/all" });
    const { head } = await told.pull(prod.pull);
    await told.check(
      platform,
      head.sha,
      "sluice/gates",
      ({ conclusion }) => conclusion === "action_required",
    );
    await told.idle();
    expect((await told.pull(prod.pull)).merged_at).toBeNull();
  },
);

story(
  "a promotion whose stream leaves the policy is closed with the reason",
  { policy: good, reopened },
  async (told) => {
    const built = await told.stage.build("feat: greet louder");
    const { pull } = await told.opened("prod", built.tag);
    reopened.push(parseBody((await told.pull(pull)).body)?.id ?? "");
    await told.push("alice", { [path]: good.slice(0, good.indexOf("  - name: prod")) });
    await told.waitFor("it to be closed", async () => (await told.pull(pull)).state === "closed");
    await told.answer(pull, "The policy no longer has this service, environment or ring");
    await told.push("alice", { [path]: good });
    await told.waitFor("it to come again", async () =>
      (await told.promotions("prod")).some(({ state }) => state === "open"),
    );
  },
);
