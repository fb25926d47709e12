import { afterEach, describe, expect, it } from "vitest";

import { answerCommand } from "#flow/answer-command.ts";
import { observePolicy } from "#flow/observe-policy.ts";
import { observePullRequests } from "#flow/observe-pull-requests.ts";
import { recover } from "#flow/recover.ts";

import { demoPolicy } from "../stage/seed.ts";
import { aPlatform, jobContext } from "./a-platform.ts";

type Platform = Awaited<ReturnType<typeof aPlatform>>;

const open: Platform[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((platform) => platform.close()));
});

/** The demo's policy with manual gates in prod. */
async function start(...gates: readonly string[]) {
  const policy = demoPolicy().replace(
    "- soak: 3s",
    ["- soak: 3s", ...gates.map((gate) => `      - manual: ${gate}`)].join("\n"),
  );
  const platform = await aPlatform({ policy });
  open.push(platform);
  const pull = await platform.openPull("sluice/prod/demo-api/all");
  const say = async (author: string, body: string) => {
    const comment = await platform.comment(author, pull.number, body);
    await answerCommand(platform.deps, platform.job, comment, jobContext);
    const answers = await platform.answers(pull.number);
    return {
      reactions: await platform.reactions(comment.commentId),
      answer: answers.at(-1)?.body.split("\n").at(-1) ?? "",
    };
  };
  const approvals = async () => (await platform.context()).memory.approvals(pull.number);
  return { platform, pull, say, approvals };
}

const qa = "{ name: qa, people: [bob], teams: [sre] }";
const legal = "{ name: legal, people: [mona] }";

describe("/approve", () => {
  it("by a person that the gate names is kept with the head", async () => {
    const { pull, say, approvals, platform } = await start(qa, legal);
    expect((await say("bob", "/approve qa")).reactions).toEqual(["eyes", "rocket"]);
    const { headRevision: head } = await platform.repo.pullRequest(pull.number);
    expect(await approvals()).toMatchObject([{ gate: "qa", by: "bob", head }]);
    expect(platform.added).toContain("reconcile acme/platform");
  });

  it("by a member of a team that the gate names counts", async () => {
    const { say, approvals } = await start(qa);
    await say("rita", "/approve qa");
    expect((await approvals()).map(({ by }) => by)).toEqual(["rita"]);
  });

  it("alone means the only gate that there is", async () => {
    const { say, approvals } = await start(qa);
    await say("bob", "/approve");
    expect((await approvals()).map(({ gate }) => gate)).toEqual(["qa"]);
  });

  it.for([
    ["mona", "/approve qa", "-1", "mona may not approve qa: mona is none of bob, team sre."],
    ["bob", "/approve qq", "confused", 'There is no gate "qq" here; there are "qa", "legal".'],
    [
      "bob",
      "/approve",
      "confused",
      "There are several gates here: write /approve with one of qa and legal.",
    ],
    ["bob", "/approve qa legal", "confused", "One gate at a time"],
  ] as const)("%s writes %s: %s", async ([who, body, reaction, answer]) => {
    const { say, approvals } = await start(qa, legal);
    const said = await say(who, body);
    expect(said.reactions).toEqual([reaction]);
    expect(said.answer).toContain(answer);
    expect(await approvals()).toEqual([]);
  });

  it("where no gate asks for it says so", async () => {
    const { say } = await start();
    expect((await say("mona", "/approve qa")).answer).toContain("no gate `manual`");
  });

  it("of a head that came after the comment counts for nobody", async () => {
    const { platform, pull, approvals } = await start(qa);
    const comment = await platform.comment(
      "bob",
      pull.number,
      "/approve qa",
      new Date(Date.now() - 60_000),
    );
    await answerCommand(platform.deps, platform.job, comment, jobContext);
    expect(await platform.reactions(comment.commentId)).toEqual(["-1"]);
    expect(await approvals()).toEqual([]);
  });

  it("is found again from the comments once the memory is gone", async () => {
    const { platform, say, approvals } = await start(qa);
    await say("bob", "/approve");
    platform.empty();
    expect(await approvals()).toEqual([]);
    const context = await platform.context();
    const observed = await observePolicy(
      context.repository,
      (await context.repository.head()).revision,
    );
    if (observed.kind !== "policy") throw new Error(observed.kind);
    const services = observed.policy.services.map((service) => ({ ...service, source: null }));
    const policy = { ...observed.policy, services };
    await recover(context, policy, await observePullRequests(context, []));
    expect((await approvals()).map(({ gate, by }) => `${gate} ${by}`)).toEqual(["qa bob"]);
  });
});
