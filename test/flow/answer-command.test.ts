import { afterEach, describe, expect, it } from "vitest";

import { answerCommand, type CommentEvent } from "#flow/answer-command.ts";
import { retryNote } from "#flow/start-rollouts.ts";

import { aVerdict } from "../builders.ts";
import { demoPolicy } from "../stage/seed.ts";
import { aPlatform, jobContext } from "./a-platform.ts";

type Platform = Awaited<ReturnType<typeof aPlatform>>;

const open: Platform[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((platform) => platform.close()));
});

async function start(policy = demoPolicy()): Promise<Platform> {
  const platform = await aPlatform({ policy });
  open.push(platform);
  return platform;
}

function hear(platform: Platform, event: CommentEvent): Promise<void> {
  return answerCommand(platform.deps, platform.job, event, jobContext);
}

const stream = { environment: "prod", service: "demo-api", ring: "all" };
const artifact = { repository: "ghcr.io/acme/demo-api", tag: "v2", digest: null, revision: null };

describe("a comment that comes again", () => {
  it.for(["with its memory", "without any memory"])(
    "is not answered twice and agrees to nothing else, %s",
    async (how) => {
      const platform = await start();
      const staging = await platform.openPull("sluice/staging/demo-api/all");
      const comment = await platform.comment("mona", staging.number, "/promote");
      await hear(platform, comment);
      const { memory } = await platform.context();
      expect((await memory.consents(staging.number)).map(({ by }) => by)).toEqual(["mona"]);
      await platform.github.act.merge({
        repository: "acme/platform",
        number: staging.number,
        user: "bob",
      });
      const prod = await platform.openPull("sluice/prod/demo-api/all");
      if (how === "without any memory") platform.empty();
      await hear(platform, comment);
      expect(await platform.reactions(comment.commentId)).toEqual(["eyes", "rocket"]);
      expect(await platform.answers(staging.number)).toEqual([]);
      expect(await memory.consents(prod.number)).toEqual([]);
    },
  );

  it.for(["with its memory", "without any memory"])(
    "means what it meant when its job died before the answer and the merge came in between, %s",
    async (how) => {
      const platform = await start();
      const { github } = platform;
      // An older promotion of prod is open: the next environment's, once staging's is merged.
      const prod = await platform.openPull("sluice/prod/demo-api/all");
      const staging = await platform.openPull("sluice/staging/demo-api/all");
      const comment = await platform.comment("mona", staging.number, "/promote");
      const route = "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions";
      github.faults([{ fault: "503", method: "POST", route, body: "rocket", times: "always" }]);
      await expect(hear(platform, comment)).rejects.toMatchObject({ code: "github.unavailable" });
      github.faults([]);
      const { memory } = await platform.context();
      expect(await memory.consents(staging.number)).toHaveLength(1);
      await github.act.merge({
        repository: "acme/platform",
        number: staging.number,
        user: "bob",
      });
      if (how === "without any memory") platform.empty();
      await hear(platform, comment);
      expect(await memory.consents(prod.number)).toEqual([]);
      expect(await platform.reactions(comment.commentId)).toEqual(["eyes", "rocket"]);
    },
  );

  it("drops no verdict that came after /retry", async () => {
    const platform = await start();
    const pull = await platform.openPull("sluice/prod/demo-api/all");
    const { memory } = await platform.context();
    const failed = aVerdict(artifact, { result: "failed", at: new Date(Date.now() - 60_000) });
    await memory.addVerdict(stream, failed);
    const comment = await platform.comment("mona", pull.number, "/retry");
    const route = "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions";
    platform.github.faults([
      { fault: "503", method: "POST", route, body: "rocket", times: "always" },
    ]);
    await expect(hear(platform, comment)).rejects.toMatchObject({ code: "github.unavailable" });
    platform.github.faults([]);
    expect(await memory.verdicts(stream)).toEqual([]);
    const note = await memory.get(retryNote(stream, failed));
    const again = { ...failed, at: new Date(Date.now() + 60_000) };
    await memory.addVerdict(stream, again);
    platform.at(new Date(Date.now() + 120_000));
    await hear(platform, comment);
    expect(await memory.verdicts(stream)).toEqual([again]);
    expect(await memory.get(retryNote(stream, failed))).toEqual(note);
    expect(await platform.reactions(comment.commentId)).toEqual(["eyes", "rocket"]);

    const stalled = await platform.comment("mona", pull.number, "/retry");
    await hear(platform, stalled);
    expect(await memory.verdicts(stream)).toEqual([again]);
    expect(await platform.reactions(stalled.commentId)).toContain("-1");
  });
});

it("is seen at once, also by whoever asks for the slow things, and then only once", async () => {
  const platform = await start();
  const pull = await platform.openPull("docs");
  const comment = await platform.comment("mona", pull.number, "/plan");
  const route = "/repos/{owner}/{repo}/git/trees/{tree_sha}";
  platform.github.faults([{ fault: "503", method: "GET", route, times: "always" }]);
  await expect(hear(platform, comment)).rejects.toMatchObject({ code: "github.unavailable" });
  expect(await platform.reactions(comment.commentId)).toEqual(["eyes"]);
  platform.github.faults([]);
  await hear(platform, comment);
  expect(await platform.reactions(comment.commentId)).toEqual(["eyes", "rocket"]);
});

describe("a way back that was decided", () => {
  it("is no success where nothing could be opened after all", async () => {
    const platform = await start();
    const pull = await platform.openPull("sluice/prod/demo-api/all");
    const comment = await platform.comment("mona", pull.number, "/rollback");
    const { memory } = await platform.context();
    const held = {
      ...artifact,
      repository: "ghcr.io/acme/demo-api",
      tag: "sha-0000000",
      digest: `sha256:${"a".repeat(64)}`,
    };
    const at = new Date().toISOString();
    const asked = {
      artifact: held,
      tenants: ["tenant-gone"],
      named: true,
      requestedBy: "mona",
      at,
    };
    await memory.keepDecision(comment.commentId, {
      command: "rollback",
      deed: { kind: "side", requests: [{ kind: "rollback", stream, ...asked }] },
      reaction: "rocket",
      reply: null,
    });
    await hear(platform, comment);
    expect(await platform.reactions(comment.commentId)).toEqual(["-1"]);
    const [answer] = await platform.answers(pull.number);
    expect(answer?.body).toContain("holds sha-0000000 by now");
  });
});

describe("a team that cannot be asked", () => {
  it("is a refusal that says so, and no fault", async () => {
    const policy = demoPolicy().replace(
      "permission: maintain",
      "permission: maintain, teams: [sre]",
    );
    const platform = await start(policy);
    const pull = await platform.openPull("sluice/prod/demo-api/all");
    const route = "/orgs/{org}/teams/{team_slug}/memberships/{username}";
    const message = "Resource not accessible by integration";
    platform.github.faults([{ fault: "403", method: "GET", route, message, times: "always" }]);
    const comment = await platform.comment("rita", pull.number, "/promote");
    await hear(platform, comment);
    expect(await platform.reactions(comment.commentId)).toEqual(["-1"]);
    const [answer] = await platform.answers(pull.number);
    expect(answer?.body).toContain("could not verify membership in");
    expect(answer?.body).toContain("members: read");
    platform.github.faults([]);
    const later = await platform.comment("rita", pull.number, "/promote");
    await hear(platform, later);
    expect(await platform.reactions(later.commentId)).toContain("rocket");
  });
});
