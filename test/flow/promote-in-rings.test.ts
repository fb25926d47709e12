import { afterEach, expect, it } from "vitest";

import { answerCommand } from "#flow/answer-command.ts";

import { anArtifact } from "../builders.ts";
import { demoPolicy, platform as repository } from "../stage/seed.ts";
import { aPlatform, jobContext } from "./a-platform.ts";

type Platform = Awaited<ReturnType<typeof aPlatform>>;

const started: Platform[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((platform) => platform.close()));
});

const policy = demoPolicy({
  rings: ["{ name: canary, tenants: [tenant-a] }", '{ name: rest, tenants: ["*"] }'],
});

/** Opens a promotion of each branch, all of one artifact; `says` writes a comment on one and tells which were agreed to. */
async function start(...branches: readonly string[]) {
  const platform = await aPlatform({ policy });
  started.push(platform);
  const { memory } = await platform.context();
  const artifact = anArtifact("sha-1a2b3c4");
  const numbers = new Map<string, number>();
  for (const branch of branches) {
    const { number, sha } = await platform.openPull(`sluice/${branch}`);
    await memory.setMade(sha, {
      parent: "",
      promotionId: branch,
      artifact,
      tenants: [],
      before: {},
    });
    numbers.set(branch, number);
  }
  const numberOf = (branch: string) => numbers.get(branch) ?? 0;
  return {
    merge: (branch: string) =>
      platform.github.act.merge({ repository, number: numberOf(branch), user: "bob" }),
    /** A second later, as GitHub counts: what was merged just now had been merged before. */
    says: async (branch: string, body: string) => {
      const later = new Date(Date.now() + 2_000);
      const comment = await platform.comment("mona", numberOf(branch), body, later);
      await answerCommand(platform.deps, platform.job, comment, jobContext);
      const { memory } = await platform.context();
      const agreed = await Promise.all(
        branches.map(async (one) =>
          (await memory.consents(numberOf(one))).length > 0 ? [one] : [],
        ),
      );
      const answers = await platform.answers(numberOf(branch));
      // Numbers and brackets are shown inert.
      const answer = answers.map((one) => one.body.replaceAll(/[\u200b\\]/g, "")).join("\n");
      return { agreed: agreed.flat(), answer };
    },
    numberOf,
  };
}

const canary = "prod/demo-api/canary";
const rest = "prod/demo-api/rest";
const staging = "staging/demo-api/all";

it("agrees to the ring on whose pull request it is written", async () => {
  const { says } = await start(canary, rest);
  expect(await says(rest, "/promote")).toMatchObject({ agreed: [rest] });
});

it("names them where several rings are open and none is meant more than another", async () => {
  const { says, merge, numberOf } = await start(staging, canary, rest);
  await merge(staging);
  const { agreed, answer } = await says(staging, "/promote prod");
  expect(agreed).toEqual([]);
  expect(answer).toContain(
    `#${numberOf(canary)} (ring canary), #${numberOf(rest)} (ring rest). Write /promote on the one that you mean.`,
  );
});

it("takes the only ring that is open", async () => {
  const { says, merge } = await start(staging, rest);
  await merge(staging);
  expect((await says(staging, "/promote prod")).agreed).toEqual([rest]);
});

it("on a merged ring means the next ring", async () => {
  const { says, merge } = await start(canary, rest);
  await merge(canary);
  expect((await says(canary, "/promote")).agreed).toEqual([rest]);
});

it("on the last ring of the last environment there is nothing next", async () => {
  const { says, merge } = await start(rest, canary);
  await merge(rest);
  const { agreed, answer } = await says(rest, "/promote");
  expect(agreed).toEqual([]);
  expect(answer).toContain("There is nothing after prod in the policy.");
});

it("on a merged ring says that the next one is not open yet", async () => {
  const { says, merge } = await start(canary);
  await merge(canary);
  expect((await says(canary, "/promote")).answer).toContain(
    "There is no open promotion of demo-api into prod/rest that could be agreed to: to open one",
  );
});
