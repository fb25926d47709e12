import { afterEach, expect, it } from "vitest";

import { answerCommand, type CommentEvent } from "#flow/answer-command.ts";
import { findDashboard } from "#flow/dashboard-issue.ts";
import { addStop } from "#flow/keep-stops.ts";

import { source } from "../stage/seed.ts";
import { aPlatform, jobContext } from "./a-platform.ts";

type Platform = Awaited<ReturnType<typeof aPlatform>>;

const open: Platform[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((platform) => platform.close()));
});

async function start(): Promise<Platform> {
  const platform = await aPlatform();
  open.push(platform);
  // Asked once a process.
  await platform.host.login();
  return platform;
}

const reacted = "POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions";

/** What is asked of GitHub for one comment until whoever wrote it sees a reaction. */
async function askedBefore(platform: Platform, event: CommentEvent): Promise<readonly string[]> {
  platform.asked();
  await answerCommand(platform.deps, platform.job, event, jobContext);
  const asked = platform.asked();
  expect(asked).toContain(reacted);
  return asked.slice(0, asked.indexOf(reacted));
}

const texts = ["/promote", "/promote prod", "/promote prd", "/status", "/plan", "/rollback prod"];

it.for([
  ["a promotion", async (platform: Platform) => platform.openPull("sluice/prod/demo-api/all")],
  ["a pull request of a person", async (platform: Platform) => platform.openPull("docs")],
] as const)("a command on %s is heard before anything is asked", async ([, openOne]) => {
  const platform = await start();
  const { number } = await openOne(platform);
  for (let each = 0; each < 120; each += 1) await platform.comment("rita", number, "Why?");
  for (const user of ["mona", "stranger"])
    for (const text of texts) {
      const comment = await platform.comment(user, number, text);
      expect(await askedBefore(platform, comment)).toEqual([]);
    }
});

it("so is one on a pull request of the source", async () => {
  const platform = await start();
  const at = { repository: source, user: "rita" };
  await platform.github.act.push({ ...at, branch: "feature", files: { "a.txt": "1" } });
  const pull = { ...at, head: "feature", title: "feat: a" };
  const { number } = await platform.github.act["pull-request"](pull);
  for (const text of texts) {
    const { id } = await platform.github.act.comment({ ...at, number, body: text });
    const comment: CommentEvent = {
      kind: "comment.created",
      repository: source,
      number,
      commentId: id,
      body: text,
      createdAt: new Date().toISOString(),
      author: "rita",
      authorIsBot: false,
      onPullRequest: true,
    };
    expect(await askedBefore(platform, comment)).toEqual([]);
  }
});

it.for([
  ["while the dashboard is known", false, []],
  ["after everything was forgotten", true, ["GET /repos/{owner}/{repo}/issues"]],
] as const)("so is one on the dashboard %s", async ([, forgotten, asked]) => {
  const platform = await start();
  const stop = { kind: "freeze", environment: "dev", until: null, by: "rita" } as const;
  await addStop(await platform.context(), { ...stop, at: new Date(), reason: "" });
  const { number } = (await findDashboard(await platform.context())) ?? { number: 0 };
  if (forgotten) platform.empty();
  const comment = await platform.comment("mona", number, "/status");
  const before = await askedBefore(platform, { ...comment, onPullRequest: false });
  expect(before).toEqual(asked);
});
