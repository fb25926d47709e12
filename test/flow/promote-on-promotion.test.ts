import { afterEach, describe, expect, it } from "vitest";

import { answerCommand } from "#flow/answer-command.ts";

import { demoPolicy } from "../stage/seed.ts";
import { aPlatform, jobContext } from "./a-platform.ts";

type Platform = Awaited<ReturnType<typeof aPlatform>>;

const repository = "acme/platform";
const prod = "sluice/prod/demo-api/all";
const open: Platform[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((platform) => platform.close()));
});

async function start(policy = demoPolicy()): Promise<Platform> {
  const platform = await aPlatform({ policy });
  open.push(platform);
  return platform;
}

/** Writes a command on a promotion and gives the last reaction and the answer as a reader sees it. */
async function say(platform: Platform, number: number, body: string, user = "mona") {
  const comment = await platform.comment(user, number, body);
  await answerCommand(platform.deps, platform.job, comment, jobContext);
  const answer = (await platform.answers(number)).find((one) =>
    one.body.includes(`sluice:reply ${comment.commentId} `),
  );
  const shown = (answer?.body ?? "").replaceAll(/\u200b|\\|<!--.*-->\n*/g, "");
  return { reaction: (await platform.reactions(comment.commentId)).at(-1), answer: shown };
}

async function agreed(platform: Platform, number: number): Promise<readonly string[]> {
  const { memory } = await platform.context();
  return (await memory.consents(number)).map(({ by }) => by);
}

describe("/promote on a promotion that was closed without a merge", () => {
  async function aClosed(platform: Platform) {
    const { number } = await platform.openPull(prod);
    await platform.github.act.close({ repository, number, user: "bob" });
    await platform.github.act["delete-branch"]({ repository, branch: prod, user: "bob" });
    return number;
  }

  it.for(["/promote", "/promote prod", "/promote prod --to sha-1a2b3c4"])(
    "agrees to nothing and names the open one: %s",
    async (text) => {
      const platform = await start();
      const closed = await aClosed(platform);
      const { number } = await platform.openPull(prod);
      expect(await say(platform, closed, text)).toEqual({
        reaction: "-1",
        answer: `#${closed} was closed without a merge: write /promote on #${number}.`,
      });
      expect(await agreed(platform, number)).toEqual([]);
    },
  );

  it("says what to do where none is open", async () => {
    const platform = await start();
    const { reaction, answer } = await say(platform, await aClosed(platform), "/promote");
    expect(reaction).toBe("-1");
    expect(answer).toContain("no promotion of demo-api into prod is open: /resume lets");
    expect(answer).toContain("/promote prod --to <tag>");
  });

  it("leaves the way back open", async () => {
    const platform = await start();
    const { answer } = await say(platform, await aClosed(platform), "/rollback");
    expect(answer).not.toContain("was closed without a merge");
  });
});
