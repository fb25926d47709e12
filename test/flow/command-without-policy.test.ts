import { afterEach, describe, expect, it } from "vitest";

import { answerCommand } from "#flow/answer-command.ts";

import { demoPolicy } from "../stage/seed.ts";
import { aPlatform, jobContext } from "./a-platform.ts";

type Platform = Awaited<ReturnType<typeof aPlatform>>;

const broken = demoPolicy().replace("version: 1", "version: 1\nbroken: yes");
const open: Platform[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((platform) => platform.close()));
});

async function start(policy: string): Promise<Platform> {
  const platform = await aPlatform({ policy });
  open.push(platform);
  return platform;
}

async function say(platform: Platform, number: number, body: string) {
  const comment = await platform.comment("mona", number, body);
  await answerCommand(platform.deps, platform.job, comment, jobContext);
  const answer = (await platform.answers(number)).find((one) =>
    one.body.includes(`sluice:reply ${comment.commentId} `),
  );
  return {
    reaction: (await platform.reactions(comment.commentId)).at(-1),
    answer: (answer?.body ?? "").replaceAll(/\u200b|\\/g, ""),
  };
}

describe("while the policy is broken", () => {
  it("people may look, are told that promotions pause, and change nothing", async () => {
    const platform = await start(demoPolicy());
    const act = { repository: "acme/platform", branch: "main", user: "bob" };
    await platform.github.act.push({ ...act, files: { ".github/sluice.yaml": broken } });
    const { number } = await platform.openPull("docs");
    for (const text of ["/status", "/plan", "/plan prod"]) {
      const { reaction, answer } = await say(platform, number, text);
      expect(reaction).toBe("rocket");
      expect(answer).toContain("**Paused:** the policy on the default branch cannot be used");
      expect(answer).toContain("`demo-api`");
    }
    expect((await say(platform, number, "/help")).reaction).toBe("rocket");
    const denied = await say(platform, number, "/promote prod");
    expect(denied.reaction).toBe("-1");
    expect(denied.answer).toContain("is broken, so promotions pause");
    expect((await say(platform, number, "/promote prd")).answer).toContain("Did you mean `prod`?");
  });
});

describe.for([
  ["where no policy was ever valid", broken, "cannot be used, and no older version of it can"],
  ["where there is none", null, "There is no policy"],
] as const)("%s", ([, policy, why]) => {
  it("every command says so, and only help is given", async () => {
    const platform = await start(policy ?? demoPolicy());
    if (policy === null) {
      const act = { repository: "acme/platform", branch: "main", user: "bob" };
      await platform.github.act.push({ ...act, files: { ".github/sluice.yaml": null } });
    }
    const { number } = await platform.openPull("docs");
    for (const text of ["/promote prod", "/status", "/plan prod", "/hold", "/rollback prod"]) {
      const { reaction, answer } = await say(platform, number, text);
      expect(reaction).toBe("-1");
      expect(answer).toContain(why);
    }
    expect((await say(platform, number, "/help")).reaction).toBe("rocket");
    expect((await say(platform, number, "/promot")).reaction).toBe("confused");
  });
});
