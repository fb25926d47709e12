import { afterEach, describe, expect, it } from "vitest";

import { answerCommand, type CommentEvent } from "#flow/answer-command.ts";
import { findDashboard } from "#flow/dashboard-issue.ts";
import { addStop, listStops, resumedOnDashboard } from "#flow/keep-stops.ts";

import { aPlatform, jobContext } from "./a-platform.ts";

type Platform = Awaited<ReturnType<typeof aPlatform>>;

const open: Platform[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((platform) => platform.close()));
});

async function start(): Promise<Platform> {
  const platform = await aPlatform();
  open.push(platform);
  return platform;
}

function hear(platform: Platform, event: CommentEvent): Promise<void> {
  return answerCommand(platform.deps, platform.job, event, jobContext);
}

/** Writes a command and gives what became of it: the last reaction, and the answer without its marker. */
async function say(platform: Platform, user: string, number: number, body: string, issue = false) {
  const comment = await platform.comment(user, number, body);
  await hear(platform, { ...comment, onPullRequest: !issue });
  await hear(platform, { ...comment, onPullRequest: !issue });
  const marker = `<!-- sluice:reply ${comment.commentId} -->`;
  const answers = (await platform.answers(number)).filter((one) => one.body.includes(marker));
  expect(answers.length).toBeLessThanOrEqual(1);
  return {
    reaction: (await platform.reactions(comment.commentId)).at(-1),
    answer: answers[0]?.body.replace(`${marker}\n\n`, "") ?? "",
  };
}

async function stops(platform: Platform) {
  return listStops(await platform.context());
}

describe("on a promotion", () => {
  it("/resume of another environment is found again after everything was forgotten", async () => {
    const platform = await start();
    const { number } = await platform.openPull("sluice/staging/demo-api/all");
    await say(platform, "mona", number, "/resume prod");
    platform.empty();
    const context = await platform.context();
    expect(await resumedOnDashboard(context, "prod", "demo-api")).not.toBeNull();
    expect(await resumedOnDashboard(context, "staging", "demo-api")).toBeNull();
  });

  it("/hold holds its service in its environment, and /resume lets it go on", async () => {
    const platform = await start();
    const { number } = await platform.openPull("sluice/prod/demo-api/all");
    const denied = await say(platform, "bob", number, "/hold I do not like it");
    expect(denied).toMatchObject({ reaction: "-1" });
    expect(denied.answer).toContain("bob may not do this in prod");
    expect(await stops(platform)).toEqual([]);

    const dry = await say(platform, "mona", number, "/hold --dry-run looks odd");
    expect(dry).toMatchObject({ reaction: "rocket" });
    expect(dry.answer).toContain("dry run");
    expect(await stops(platform)).toEqual([]);

    const held = await say(platform, "mona", number, "/hold looks odd");
    expect(held).toMatchObject({ reaction: "rocket" });
    expect(held.answer).toContain("put `demo-api` in `prod` on hold: `looks odd`");
    platform.empty();
    expect(await stops(platform)).toMatchObject([
      { kind: "hold", environment: "prod", service: "demo-api", by: "mona", reason: "looks odd" },
    ]);
    expect(platform.added).toContain("reconcile acme/platform");

    const resumed = await say(platform, "mona", number, "/resume");
    expect(resumed).toMatchObject({ reaction: "rocket" });
    expect(await stops(platform)).toEqual([]);
  });

  it("another environment may be named, with the permission of that one", async () => {
    const platform = await start();
    const { number } = await platform.openPull("sluice/dev/demo-api/all");
    expect(await say(platform, "bob", number, "/hold prod")).toMatchObject({ reaction: "-1" });
    expect(await say(platform, "bob", number, "/hold staging")).toMatchObject({
      reaction: "rocket",
    });
    const wrong = await say(platform, "bob", number, "/hold stagin it is odd");
    expect(wrong).toMatchObject({ reaction: "confused" });
    expect(wrong.answer).toContain("Did you mean `staging`?");
    expect(await stops(platform)).toMatchObject([{ environment: "staging", service: "demo-api" }]);
  });

  it("/freeze says how it understood the moment, and /unfreeze ends it", async () => {
    const platform = await start();
    const { number } = await platform.openPull("sluice/prod/demo-api/all");
    const past = await say(platform, "mona", number, "/freeze prod until 2020-01-01T00:00Z sale");
    expect(past).toMatchObject({ reaction: "-1" });
    expect(past.answer).toContain("2020-01-01 00:00 UTC is over already");
    const frozen = await say(
      platform,
      "mona",
      number,
      "/freeze prod until 2099-12-24 18:00 Europe/Berlin the sale",
    );
    expect(frozen.answer).toContain("froze `prod` until 2099-12-24 17:00 UTC: `the sale`");
    expect(await stops(platform)).toMatchObject([
      { kind: "freeze", environment: "prod", until: new Date("2099-12-24T17:00Z") },
    ]);
    const ended = await say(platform, "mona", number, "/unfreeze");
    expect(ended.answer).toContain("ended the freeze of `prod` that `mona` had set");
    expect(await stops(platform)).toEqual([]);
    const again = await say(platform, "mona", number, "/unfreeze prod");
    expect(again).toMatchObject({ reaction: "-1" });
    expect(again.answer).toContain("prod is not frozen");
  });

  it("that GitHub lets nobody write down is refused", async () => {
    const platform = await start();
    const { number } = await platform.openPull("sluice/prod/demo-api/all");
    const route = "/repos/{owner}/{repo}/issues";
    const message = "Resource not accessible by integration";
    platform.github.faults([{ fault: "403", method: "POST", route, message, times: "always" }]);
    const refused = await say(platform, "mona", number, "/hold");
    expect(refused).toMatchObject({ reaction: "-1" });
    expect(refused.answer).toContain("issues: write");
    expect(await stops(platform)).toEqual([]);
  });
});

describe("on the dashboard", () => {
  async function withDashboard(platform: Platform): Promise<number> {
    const stop = { kind: "freeze", environment: "dev", until: null, by: "rita" } as const;
    const at = new Date(Date.now() - 60_000);
    await addStop(await platform.context(), { ...stop, at, reason: "" });
    return (await findDashboard(await platform.context()))?.number ?? 0;
  }

  it("an environment is named, and everything in it is meant", async () => {
    const platform = await start();
    const number = await withDashboard(platform);
    const which = await say(platform, "mona", number, "/hold", true);
    expect(which).toMatchObject({ reaction: "-1" });
    expect(which.answer).toContain("Which environment?");
    await say(platform, "mona", number, "/hold prod the launch", true);
    expect(await stops(platform)).toMatchObject([
      { kind: "freeze" },
      { kind: "hold", environment: "prod", service: null },
    ]);
    await say(platform, "mona", number, "/resume prod", true);
    await say(platform, "bob", number, "/unfreeze", true);
    expect(await stops(platform)).toEqual([]);
    platform.empty();
    expect(await stops(platform)).toEqual([]);
    const resumed = await resumedOnDashboard(await platform.context(), "prod", "demo-api");
    expect(resumed).not.toBeNull();
    expect(await resumedOnDashboard(await platform.context(), "dev", "demo-api")).toBeNull();
  });

  it("no other issue is listened to", async () => {
    const platform = await start();
    await withDashboard(platform);
    const at = { repository: "acme/platform", user: "mona" };
    const { number } = await platform.github.act["open-issue"]({ ...at, title: "Mine" });
    expect(await say(platform, "mona", number, "/hold prod", true)).toEqual({ answer: "" });
    expect(await stops(platform)).toHaveLength(1);
  });

  it("/status and /plan show the whole repository to whoever may read it", async () => {
    const platform = await start();
    const number = await withDashboard(platform);
    const status = await say(platform, "carol", number, "/status", true);
    expect(status).toMatchObject({ reaction: "rocket" });
    for (const environment of ["dev", "staging", "prod"])
      expect(status.answer).toContain(`## \`${environment}\``);
    expect(status.answer).toContain("**Frozen** until somebody lifts it, by rita");
    expect(status.answer).not.toContain("sluice:tick");
    const plan = await say(platform, "carol", number, "/plan staging", true);
    expect(plan.answer).toMatch(/^- \*\*`demo-api`\*\* in `staging`: nothing moves\./);
  });
});

describe("a stranger", () => {
  it("may not look into a private repository", async () => {
    const platform = await aPlatform({ seed: { private: true } });
    open.push(platform);
    const { number } = await platform.openPull("docs");
    const status = await say(platform, "stranger", number, "/status");
    expect(status).toMatchObject({ reaction: "-1" });
    expect(status.answer).toContain("takes the permission read on acme/platform");
  });

  it("gets the reaction alone after ten texts within an hour; whoever may write gets all", async () => {
    const platform = await start();
    const { number } = await platform.openPull("docs");
    const answered = async (user: string, body: string) =>
      (await say(platform, user, number, body)).answer !== "";
    for (const user of ["stranger", "bob"])
      for (let count = 0; count < 10; count += 1) expect(await answered(user, "/help")).toBe(true);
    expect(await answered("bob", "/help")).toBe(true);
    for (const body of ["/help", "/plan", "/promote nowhere"])
      expect(await answered("stranger", body)).toBe(false);
    expect(await say(platform, "stranger", number, "/plan")).toMatchObject({ reaction: "-1" });
    platform.at(new Date(platform.now().getTime() + 61 * 60_000));
    expect(await answered("stranger", "/help")).toBe(true);
  });
});

it("on a person's own pull request everything is possible where it is named", async () => {
  const platform = await start();
  const { number } = await platform.openPull("docs");
  expect(await say(platform, "mona", number, "/status prod")).toMatchObject({ reaction: "rocket" });
  expect((await say(platform, "mona", number, "/hold")).answer).toContain("Which environment?");
  expect(await say(platform, "bob", number, "/hold prod")).toMatchObject({ reaction: "-1" });
  expect(await stops(platform)).toEqual([]);
  await say(platform, "mona", number, "/hold prod");
  await say(platform, "mona", number, "/freeze dev the sale");
  const [first, second] = await stops(platform);
  expect([first, second]).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ kind: "hold", environment: "prod", service: "demo-api" }),
      expect.objectContaining({ kind: "freeze", environment: "dev" }),
    ]),
  );
  await say(platform, "mona", number, "/unfreeze dev");
  await say(platform, "mona", number, "/resume prod");
  expect(await stops(platform)).toEqual([]);
});
