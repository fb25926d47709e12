import { afterEach, describe, expect, it } from "vitest";

import { answerCommand, type CommentEvent } from "#flow/answer-command.ts";

import { aPlatform, jobContext } from "./a-platform.ts";

type Platform = Awaited<ReturnType<typeof aPlatform>>;

const open: Platform[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((platform) => platform.close()));
});

const comments = "/repos/{owner}/{repo}/issues/{issue_number}/comments";
const reaction = "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions/{reaction_id}";

async function write(body: string, user = "bob") {
  const platform = await aPlatform();
  open.push(platform);
  const { number } = await platform.openPull("sluice/prod/demo-api/all");
  const comment: CommentEvent = await platform.comment(user, number, body);
  return {
    platform,
    hear: async () => answerCommand(platform.deps, platform.job, comment, jobContext),
    signs: async () => platform.reactions(comment.commentId),
    answers: async () => (await platform.answers(number)).length,
  };
}

describe.for([
  ["that may not", "/promote", "-1"],
  ["with an unknown name", "/promote prd", "confused"],
  ["that cannot be read", "/promot", "confused"],
] as const)("a command %s", ([, text, sign]) => {
  it.for(["with its memory", "without any memory"])(
    "ends with its own sign alone, also when it comes again %s",
    async (how) => {
      const { platform, hear, signs, answers } = await write(text);
      for (let times = 0; times < 3; times += 1) {
        await hear();
        expect(await signs()).toEqual([sign]);
        expect(await answers()).toBe(1);
        if (how === "without any memory") platform.empty();
      }
    },
  );

  it.for([
    ["before its answer", "POST", comments, "with its memory"],
    ["before its answer", "POST", comments, "without any memory"],
    ["before its last call", "DELETE", reaction, "with its memory"],
    ["before its last call", "DELETE", reaction, "without any memory"],
  ] as const)("ends so where its job died %s, %s %s", async ([, method, route, how]) => {
    const { platform, hear, signs, answers } = await write(text);
    const { github } = platform;
    github.faults([{ fault: "503", method, route, times: "always" }]);
    const dies = text !== "/promot" || method === "POST";
    if (dies) await expect(hear()).rejects.toMatchObject({ code: "github.unavailable" });
    else await hear();
    github.faults([]);
    if (how === "without any memory") platform.empty();
    await hear();
    expect(await signs()).toEqual([sign]);
    expect(await answers()).toBe(1);
  });
});

it("what cannot be read gets no other sign in between", async () => {
  const { platform, hear, signs } = await write("/promote --tennants a");
  platform.github.faults([{ fault: "503", method: "POST", route: comments, times: "always" }]);
  await expect(hear()).rejects.toMatchObject({ code: "github.unavailable" });
  expect(await signs()).toEqual(["confused"]);
});

it("what is accepted keeps both", async () => {
  const { hear, signs } = await write("/promote", "mona");
  await hear();
  expect(await signs()).toEqual(["eyes", "rocket"]);
});
