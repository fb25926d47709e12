import { expect } from "vitest";

import { platform } from "../stage/seed.ts";
import { story, type Told } from "../stage/story.ts";

const queue = { mergeQueue: {}, requiredChecks: ["sluice/gates"] };
const throughTheQueue = { rules: queue, policy: { prodMerge: "queue" } } as const;
/** The checks of a merge group take as long as a test wants. */
const slow = { rules: { ...queue, requiredChecks: ["sluice/gates", "ci"] } };

/** A check run that is not Sluice's, on any commit. */
async function ci(told: Told, sha: string, conclusion: "success" | "failure"): Promise<void> {
  const run = { repository: platform, sha, name: "ci", conclusion };
  await told.stage.githubControl.post("check-run", run);
}

/** The merge group of a pull request, once the queue has built it. */
async function groupOf(told: Told, number: number, not = ""): Promise<string> {
  const prefix = `gh-readonly-queue/main/pr-${number}-`;
  return told.waitFor(`a merge group of #${number}`, async () => {
    const branch = (await told.branches()).find((name) => name.startsWith(prefix));
    if (branch === undefined) return null;
    const sha = await told.head(branch).catch(() => "");
    return sha === "" || sha === not ? null : sha;
  });
}

async function enqueued(told: Told): Promise<number> {
  const requests = await told.requests();
  return requests.filter(({ operation }) => operation?.includes("enqueuePullRequest")).length;
}

story("GitHub's merge queue merges what Sluice has put into it", throughTheQueue, async (told) => {
  const { stage } = told;
  const built = await stage.build("feat: greet louder");
  const prod = await told.opened("prod", built.tag);
  await told.settled(["prod"], built.tag);
  const pull = await told.pull(prod.pull);
  expect(pull.merged_at).not.toBeNull();
  const [group] = await told.checks(platform, pull.merge_commit_sha ?? "", "sluice/gates");
  expect([group?.conclusion, group?.output.title]).toEqual(["success", "Ready to merge"]);
  const [gates] = await told.checks(platform, pull.head.sha, "sluice/gates");
  expect(gates?.output.title).toBe("Ready to merge, and in the merge queue");
  expect(gates?.output.summary).toContain("The merge queue of main has it");
  // Nobody has overridden anything.
  expect(await told.comments(prod.pull)).toEqual([]);
  expect(await enqueued(told)).toBe(3);
  expect((await told.branches()).filter((name) => name !== "main")).toEqual([]);
  // dev says "auto": the queue is used all the same, and it is said.
  const dev = (await told.opened("dev", built.tag)).pull;
  const [said] = await told.checks(platform, (await told.pull(dev)).head.sha, "sluice/gates");
  expect(said?.output.summary).toContain("main has a merge queue, so Sluice put it there instead");

  // A group without a promotion is answered like any other pull request.
  const other = await told.push("bob", { "NOTES.md": "x\n" }, { branch: "notes" });
  const { number } = await told.openPull("bob", "notes", "docs: notes");
  await told.check(
    platform,
    other.sha,
    "sluice/gates",
    ({ conclusion }) => conclusion === "neutral",
  );
  await stage.githubControl.post("enqueue", { repository: platform, number, user: "bob" });
  await told.waitFor("it to be merged", async () => (await told.pull(number)).merged_at !== null);
  const merged = (await told.pull(number)).merge_commit_sha ?? "";
  const [answer] = await told.checks(platform, merged, "sluice/gates");
  expect([answer?.conclusion, answer?.output.title]).toEqual(["neutral", "Not a promotion"]);
});

story("a hold takes it out of the queue, and what fails there is said", slow, async (told) => {
  const { stage } = told;
  const built = await stage.build("feat: greet louder");
  const dev = (await told.opened("dev", built.tag)).pull;
  const { head } = await told.pull(dev);
  await ci(told, head.sha, "success");
  const first = await groupOf(told, dev);
  await told.check(platform, first, "sluice/gates", ({ conclusion }) => conclusion === "success");

  await told.comment("alice", dev, "/hold dev a big customer's launch");
  await told.waitFor("it to leave the queue", async () =>
    (await told.branches()).every((name) => !name.startsWith("gh-readonly-queue/")),
  );
  await told.check(
    platform,
    head.sha,
    "sluice/gates",
    ({ conclusion }) => conclusion === "action_required",
  );
  await told.comment("alice", dev, "/resume");
  const second = await groupOf(told, dev, first);

  await ci(told, second, "failure");
  const run = await told.check(platform, head.sha, "sluice/gates", ({ output }) =>
    output.title.includes("GitHub does not merge it"),
  );
  expect(run.output.summary).toContain("a required check failed on the merge group");
  expect(run.output.summary).toContain("/promote does so at once");
  await told.idle();
  const before = await enqueued(told);
  await told.push("bob", { "NOTES.md": "x\n" }, { branch: "elsewhere" });
  await told.idle();
  expect(await enqueued(told)).toBe(before);

  await told.comment("alice", dev, "/promote");
  await ci(told, await groupOf(told, dev, second), "success");
  await told.settled(["dev"], built.tag);
  expect((await told.pull(dev)).merged_at).not.toBeNull();
});

story(
  "killed while it is in the queue, it is found there again and not put in twice",
  slow,
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: greet louder");
    const dev = (await told.opened("dev", built.tag)).pull;
    const { head } = await told.pull(dev);
    // The answer is lost, and whoever waited for it is gone.
    const lost = {
      fault: "apply-then-hang",
      method: "POST",
      route: "/graphql",
      body: "enqueuePullRequest",
    };
    await stage.githubControl.post("faults", { rules: [lost] });
    await ci(told, head.sha, "success");
    const group = await groupOf(told, dev);
    await stage.bot.kill();
    await stage.githubControl.post("faults", { rules: [] });
    await stage.bot.start();
    await told.check(platform, group, "sluice/gates", ({ conclusion }) => conclusion === "success");
    await ci(told, group, "success");
    await told.settled(["dev"], built.tag);
    expect((await told.pull(dev)).merge_commit_sha).toBe(group);
    expect(await told.comments(dev)).toEqual([]);
    expect(await enqueued(told)).toBe(1);
  },
);

story(
  "a rollback jumps the queue: whatever waits there is merged after it",
  {
    rules: {
      mergeQueue: { letsJump: true },
      requiredChecks: ["sluice/gates", "ci"],
    },
  },
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: greet louder");
    const dev = (await told.opened("dev", built.tag)).pull;
    await ci(told, (await told.pull(dev)).head.sha, "success");
    await ci(told, await groupOf(told, dev), "success");
    await told.settled(["dev"], built.tag);

    const other = await told.push("bob", { "NOTES.md": "x\n" }, { branch: "notes" });
    const { number } = await told.openPull("bob", "notes", "docs: notes");
    const neutral = ({ conclusion }: { conclusion: string | null }) => conclusion === "neutral";
    await told.check(platform, other.sha, "sluice/gates", neutral);
    await ci(told, other.sha, "success");
    await stage.githubControl.post("enqueue", { repository: platform, number, user: "bob" });
    const waiting = await groupOf(told, number);
    const main = await told.head("main");

    const from = stage.events.length;
    await told.comment("mona", dev, "/rollback");
    const back = await told.waitFor("the rollback", async () =>
      (await told.pulls()).find(({ head }) => head.ref.startsWith("sluice-rollback/dev/")),
    );
    await ci(told, back.head.sha, "success");
    const group = await groupOf(told, back.number);
    expect((await told.commit(group)).parents[0]?.sha).toBe(main);
    const behind = await groupOf(told, number, waiting);
    expect((await told.commit(behind)).parents[0]?.sha).toBe(group);
    await ci(told, group, "success");
    await told.settled(["dev"], stage.first.tag, from);
    expect((await told.pull(back.number)).merge_commit_sha).toBe(group);
    expect((await told.pull(number)).merged_at).toBeNull();
    await ci(told, behind, "success");
    await told.waitFor("it to be merged", async () => (await told.pull(number)).merged_at !== null);
  },
);
