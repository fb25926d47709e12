import { afterEach, describe, expect, it } from "vitest";

import { answerCommand } from "#flow/answer-command.ts";
import { findDashboard } from "#flow/dashboard-issue.ts";
import { addStop } from "#flow/keep-stops.ts";
import { reconcile } from "#flow/reconcile.ts";

import { aVerdict, anArtifact } from "../builders.ts";
import { demoPolicy } from "../stage/seed.ts";
import { aPlatform, jobContext } from "./a-platform.ts";

type Platform = Awaited<ReturnType<typeof aPlatform>>;

const source = "acme/demo-api";
const open: Platform[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((platform) => platform.close()));
});

async function start(policy = demoPolicy()): Promise<Platform> {
  const platform = await aPlatform({ policy });
  open.push(platform);
  return platform;
}

/** Writes a command somewhere and gives the last reaction and the answer. */
async function say(
  platform: Platform,
  at: { repository: string; number: number; user: string; issue?: boolean },
  body: string,
) {
  const { repository, number, user, issue = false } = at;
  const { id } = await platform.github.act.comment({ repository, number, user, body });
  const event = {
    kind: "comment.created",
    repository,
    number,
    commentId: id,
    body,
    createdAt: new Date().toISOString().replace(/\.\d+Z/, "Z"),
    author: user,
    authorIsBot: false,
    onPullRequest: !issue,
  } as const;
  await answerCommand(platform.deps, platform.job, event, jobContext);
  const conversation = platform.host
    .installation(platform.job.installation)
    .conversation(repository);
  const comments = await conversation.comments(number);
  const answer = comments.find(({ body: text }) => text.includes(`sluice:reply ${id} `));
  return { reaction: (await platform.reactions(id)).at(-1), answer: answer?.body ?? "" };
}

describe("/promote on the dashboard", () => {
  it("agrees to the open promotion of the environment that is named", async () => {
    const platform = await start();
    const { number } = await platform.openPull("sluice/prod/demo-api/all");
    const stop = { kind: "freeze", environment: "dev", until: null, by: "rita" } as const;
    await addStop(await platform.context(), { ...stop, at: new Date(), reason: "" });
    const context = await platform.context();
    const dashboard = (await findDashboard(context))?.number ?? 0;
    const at = { repository: "acme/platform", number: dashboard, issue: true };
    const which = await say(platform, { ...at, user: "mona" }, "/promote");
    expect(which).toMatchObject({ reaction: "-1" });
    expect(which.answer).toContain("Which environment?");
    const denied = await say(platform, { ...at, user: "bob" }, "/promote prod");
    expect(denied.answer).toContain("bob may not do this in prod");
    const none = await say(platform, { ...at, user: "mona" }, "/promote staging");
    expect(none.answer).toContain("no open promotion of demo-api into staging");
    expect(await say(platform, { ...at, user: "mona" }, "/promote prod")).toMatchObject({
      reaction: "rocket",
    });
    expect((await context.memory.consents(number)).map(({ by }) => by)).toEqual(["mona"]);
  });
});

describe("/retry on the dashboard", () => {
  it("tries the one rollout again that failed, for whoever may", async () => {
    const platform = await start();
    const context = await platform.context();
    const stop = { kind: "freeze", environment: "dev", until: null, by: "rita" } as const;
    await addStop(context, { ...stop, at: new Date(), reason: "" });
    const number = (await findDashboard(context))?.number ?? 0;
    const at = { repository: "acme/platform", number, issue: true };
    const none = await say(platform, { ...at, user: "mona" }, "/retry");
    expect(none.answer).toContain("No last rollout has failed");
    const prod = { environment: "prod", service: "demo-api", ring: "all" };
    const dev = { ...prod, environment: "dev" };
    const failed = aVerdict(anArtifact("v2"), { result: "failed" });
    for (const stream of [prod, dev]) await context.memory.addVerdict(stream, failed);
    const several = await say(platform, { ...at, user: "mona" }, "/retry");
    expect(several.answer).toContain("Several rollouts failed");
    await context.memory.dropVerdict(dev, failed);
    const denied = await say(platform, { ...at, user: "bob" }, "/retry");
    expect(denied.answer).toContain("bob may not do this in prod");
    expect(await context.memory.verdicts(prod)).toHaveLength(1);
    expect(await say(platform, { ...at, user: "mona" }, "/retry")).toMatchObject({
      reaction: "rocket",
    });
    expect(await context.memory.verdicts(prod)).toEqual([]);
  });
});

describe("/promote on a pull request of the source", () => {
  async function aSourcePull(platform: Platform) {
    const { github } = platform;
    const at = { repository: source, user: "rita" };
    await github.act.push({ ...at, branch: "feature", files: { "a.txt": "1" } });
    return github.act["pull-request"]({ ...at, head: "feature", title: "feat: a" });
  }

  it("agrees to the open promotion that brings what its merge built, and opens nothing", async () => {
    const platform = await start(demoPolicy().replace("merge: auto", "merge: manual"));
    const { github } = platform;
    const { number } = await aSourcePull(platform);
    const { sha } = await github.act.merge({ repository: source, number, user: "olivia" });
    const context = await platform.context();
    await context.memory.addCandidate("demo-api", {
      tag: `sha-${sha.slice(0, 7)}`,
      digest: `sha256:${"a".repeat(64)}`,
      revision: sha,
      seenAt: new Date().toISOString(),
      publishedAt: null,
      witness: "github",
    });
    await reconcile(platform.deps, platform.job, jobContext);
    const pulls = async () =>
      (await context.repository.pullRequests({ updatedSince: null, atMost: 1 })).pulls;
    const [promotion, ...none] = await pulls();
    expect(none).toEqual([]);
    const at = { repository: source, number, user: "mona" };
    const dry = await say(platform, at, "/promote dev --dry-run");
    expect(dry.answer).toContain(`#${promotion?.number}`);
    const agreed = await say(platform, at, "/promote dev");
    expect(agreed).toMatchObject({ reaction: "rocket" });
    expect(agreed.answer).toContain(`agreed to merge [acme/platform#${promotion?.number}](http`);
    expect(agreed.answer).toContain(`\`sha256:${"a".repeat(64)}\``);
    expect(await pulls()).toHaveLength(1);
    const consents = await context.memory.consents(promotion?.number ?? 0);
    expect(consents).toMatchObject([{ by: "mona", head: promotion?.headRevision }]);
  });

  it("means also an image without labels whose tag names the merge, and no other", async () => {
    const platform = await start();
    const { number } = await aSourcePull(platform);
    const { sha } = await platform.github.act.merge({
      repository: source,
      number,
      user: "olivia",
    });
    const { memory } = await platform.context();
    const fact = {
      digest: `sha256:${"a".repeat(64)}`,
      revision: null,
      seenAt: new Date().toISOString(),
      publishedAt: null,
      witness: "github",
    } as const;
    const at = { repository: source, number, user: "mona" };
    const other = `sha-${sha.startsWith("0") ? "1" : "0"}${sha.slice(1, 7)}`;
    await memory.addCandidate("demo-api", { ...fact, tag: other });
    const none = await say(platform, at, "/promote dev --dry-run");
    expect(none.answer).toContain(`built from ${sha.slice(0, 7)} is known yet`);
    await memory.addCandidate("demo-api", { ...fact, tag: `sha-${sha.slice(0, 7)}` });
    const dry = await say(platform, at, "/promote dev --dry-run");
    expect(dry).toMatchObject({ reaction: "rocket" });
    expect(dry.answer).toContain(`to \`sha-${sha.slice(0, 7)}\``);
  });

  it("means what its merge built, and is answered where it was written", async () => {
    const platform = await start();
    const { github } = platform;
    const { number } = await aSourcePull(platform);
    const at = { repository: source, number, user: "mona" };
    const early = await say(platform, at, "/promote dev");
    expect(early.answer).toContain("not merged either");
    const { sha } = await github.act.merge({ repository: source, number, user: "olivia" });
    const unbuilt = await say(platform, at, "/promote dev");
    expect(unbuilt.answer).toContain(`built from ${sha.slice(0, 7)} is known yet`);
    const { memory } = await platform.context();
    await memory.addCandidate("demo-api", {
      tag: `sha-${sha.slice(0, 7)}`,
      digest: `sha256:${"a".repeat(64)}`,
      revision: sha,
      seenAt: new Date().toISOString(),
      publishedAt: null,
      witness: "github",
    });
    const dry = await say(platform, at, "/promote dev --dry-run");
    expect(dry.answer).toContain(`sha-${sha.slice(0, 7)}`);
    expect((await say(platform, { ...at, user: "stranger" }, "/promote dev")).answer).toContain(
      "may not do this",
    );
    expect(await say(platform, at, "/help")).toMatchObject({ reaction: "rocket" });
    expect((await say(platform, at, "/hold prod")).answer).toContain(
      "put `demo-api` in `prod` on hold",
    );
  });
});
