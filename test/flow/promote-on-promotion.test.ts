import { afterEach, describe, expect, it } from "vitest";

import { answerCommand } from "#flow/answer-command.ts";

import { aVerdict, anArtifact } from "../builders.ts";
import { demoPolicy, image } from "../stage/seed.ts";
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
  // GitHub gives times in whole seconds.
  const at = new Date(Date.now() + 2000);
  const comment = await platform.comment(user, number, body, at);
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

  it("nor is any other rollout tried again", async () => {
    const platform = await start();
    const closed = await aClosed(platform);
    const { memory } = await platform.context();
    const stream = { environment: "prod", service: "demo-api", ring: "all" };
    await memory.addVerdict(stream, aVerdict(anArtifact("v2"), { result: "failed" }));
    const { reaction, answer } = await say(platform, closed, "/retry");
    expect(reaction).toBe("-1");
    expect(answer).toContain("so nothing of it was rolled out: write /retry on the promotion");
    expect(await memory.verdicts(stream)).toHaveLength(1);
  });

  it("leaves the way back open", async () => {
    const platform = await start();
    const { answer } = await say(platform, await aClosed(platform), "/rollback");
    expect(answer).not.toContain("was closed without a merge");
  });
});

describe("/promote that means another environment", () => {
  const before = "sluice/staging/demo-api/all";

  /** An open promotion, as Sluice made it. */
  async function aPromotion(platform: Platform, branch: string, tag: string | null, digest = "a") {
    const { number } = await platform.openPull(branch);
    const { repository: code, memory } = await platform.context();
    const { headRevision } = await code.pullRequest(number);
    const artifact = {
      repository: image,
      tag: tag ?? "",
      digest: `sha256:${digest.repeat(64)}`,
      revision: null,
    };
    const made = { parent: "", promotionId: "", tenants: [], before: {} };
    if (tag !== null) await memory.setMade(headRevision, { ...made, artifact });
    return { number, head: headRevision };
  }

  const merge = async (platform: Platform, number: number) =>
    platform.github.act.merge({ repository, number, user: "bob" });

  it.for([
    ["on a merged promotion", true, "/promote"],
    ["on a merged promotion, named", true, "/promote prod"],
    ["on an open one", false, "/promote prod"],
  ] as const)("agrees to what brings the same, and says so: %s", async ([, merged, text]) => {
    const platform = await start();
    const staging = await aPromotion(platform, before, "sha-1111111");
    const next = await aPromotion(platform, prod, "sha-1111111");
    if (merged) await merge(platform, staging.number);
    const { reaction, answer } = await say(platform, staging.number, text);
    expect(reaction).toBe("rocket");
    expect(await agreed(platform, next.number)).toEqual(["mona"]);
    expect(answer).toContain(`[acme/platform#${next.number}](http`);
    expect(answer).toContain(`at \`${next.head.slice(0, 7)}\``);
    expect(answer).toContain(`\`sha-1111111\` (\`sha256:${"a".repeat(64)}\`)`);
    expect((await say(platform, next.number, "/promote")).answer).toBe("");
  });

  it.for([
    ["another artifact, on a merged promotion", true, "/promote", "sha-2222222", "a"],
    ["another artifact, on an open one", false, "/promote prod", "sha-2222222", "a"],
    ["another digest", true, "/promote", "sha-1111111", "b"],
    ["nobody knows what", true, "/promote", null, ""],
  ] as const)("agrees to nothing that brings %s", async ([, merged, text, tag, digest]) => {
    const platform = await start();
    const staging = await aPromotion(platform, before, "sha-1111111");
    const next = await aPromotion(platform, prod, tag, digest);
    if (merged) await merge(platform, staging.number);
    const { reaction, answer } = await say(platform, staging.number, text);
    expect(reaction).toBe("-1");
    expect(answer).toContain(`You meant sha-1111111, sha256:aaaaaaaaaaaa of #${staging.number}`);
    const brings = tag === null ? "nobody knows what" : `${tag}, sha256:${digest.repeat(12)}`;
    expect(answer).toContain(`brings something else: #${next.number} (${brings})`);
    expect(answer).toContain("or /promote prod --to sha-1111111");
    expect(await agreed(platform, next.number)).toEqual([]);
  });

  it("means the one ring that gets the same, and none where no ring does", async () => {
    const rings = ["{ name: canary, tenants: [tenant-a] }", '{ name: rest, tenants: ["*"] }'];
    const platform = await start(demoPolicy({ rings }));
    const staging = await aPromotion(platform, before, "sha-1111111");
    const rest = await aPromotion(platform, "sluice/prod/demo-api/rest", "sha-2222222");
    const canary = await aPromotion(platform, "sluice/prod/demo-api/canary", "sha-1111111");
    expect((await say(platform, staging.number, "/promote prod")).reaction).toBe("rocket");
    expect(await agreed(platform, canary.number)).toEqual(["mona"]);
    expect(await agreed(platform, rest.number)).toEqual([]);
    const other = await aPromotion(platform, "sluice/staging/demo-api/rest", "sha-3333333");
    const none = await say(platform, other.number, "/promote prod");
    expect(none.answer).toContain(
      `#${canary.number} (sha-1111111, sha256:aaaaaaaaaaaa), #${rest.number} (`,
    );
  });

  it("agrees to nothing where nobody knows what is meant", async () => {
    const platform = await start();
    const staging = await aPromotion(platform, before, null);
    const next = await aPromotion(platform, prod, "sha-1111111");
    const { reaction, answer } = await say(platform, staging.number, "/promote prod");
    expect(reaction).toBe("-1");
    expect(answer).toContain(`Nothing says any more what #${staging.number} brings`);
    expect(await agreed(platform, next.number)).toEqual([]);
  });

  it("names what would open one where none is open", async () => {
    const platform = await start();
    const staging = await aPromotion(platform, before, "sha-1111111");
    const { answer } = await say(platform, staging.number, "/promote prod");
    expect(answer).toContain("no open promotion of demo-api into prod");
    expect(answer).toContain("write /promote prod --to sha-1111111.");
  });
});

it.for(["/promote dev --to latest", "/promote --to latest --dry-run", "/rollback --to latest"])(
  "nothing is promoted or taken back to latest: %s",
  async (text) => {
    const policy = demoPolicy({ digest: false }).replace("^sha-[0-9a-f]{7,40}$", "^.+$");
    const platform = await start(policy);
    const { number } = await platform.openPull(prod);
    const digest = `sha256:${"a".repeat(64)}`;
    const { deps } = platform;
    const resolve = async () => ({ kind: "found", digest, revision: null }) as const;
    Object.assign(deps, { registry: { ...deps.registry, resolve } });
    const { reaction, answer } = await say(platform, number, text);
    expect(reaction).toBe("-1");
    expect(answer).toContain("The tag latest names another image every day");
    const { repository: code } = await platform.context();
    const { pulls } = await code.pullRequests({ updatedSince: null, atMost: 5 });
    expect(pulls.map((pull) => pull.number)).toEqual([number]);
  },
);

describe("a command that opens a pull request", () => {
  const tag = "sha-2222222";

  async function aPublished(platform: Platform) {
    const { memory } = await platform.context();
    await memory.addCandidate("demo-api", {
      tag,
      digest: `sha256:${"a".repeat(64)}`,
      revision: null,
      seenAt: new Date().toISOString(),
      publishedAt: null,
      witness: "github",
    });
    return (await platform.openPull(prod)).number;
  }

  it.for([
    "at once",
    "also where its job died before the answer",
    "also where it is merged by then",
  ])("names it where it was written, %s", async (how) => {
    const platform = await start();
    const { github } = platform;
    const on = await aPublished(platform);
    const at = new Date(Math.floor(Date.now() / 1000) * 1000);
    const comment = await platform.comment("mona", on, `/promote dev --to ${tag}`, at);
    const hear = async () => answerCommand(platform.deps, platform.job, comment, jobContext);
    if (how !== "at once") {
      const route = "/repos/{owner}/{repo}/issues/{issue_number}/comments";
      github.faults([{ fault: "503", method: "POST", route, times: "always" }]);
      await expect(hear()).rejects.toMatchObject({ code: "github.unavailable" });
      github.faults([]);
    }
    const { repository: code } = await platform.context();
    const opened = async () =>
      (await code.pullRequests({ updatedSince: null, atMost: 9 })).pulls.filter(
        ({ author }) => author === "sluice[bot]",
      );
    const number = (await opened())[0]?.number ?? 0;
    if (how.includes("merged")) await github.act.merge({ repository, number, user: "bob" });
    await hear();
    await hear();
    const [pull, ...more] = await opened();
    expect(more).toEqual([]);
    const [answer, ...others] = await platform.answers(on);
    expect(others).toEqual([]);
    expect(answer?.body).toContain(`[acme/platform#${pull?.number}](${pull?.url})`);
    expect(answer?.body).toContain(`at \`${pull?.headRevision.slice(0, 7)}\``);
    expect(answer?.body).toContain(`to \`${tag}\` (\`sha256:${"a".repeat(64)}\`)`);
    expect(await platform.reactions(comment.commentId)).toEqual(["eyes", "rocket"]);
  });
});
