import { expect } from "vitest";

import { parseBody } from "#core/promotion-body.ts";

import { platform } from "../stage/seed.ts";
import { story, type Told } from "../stage/story.ts";

const minute = 60_000;

/** Everything that is kept beside GitHub and Argo CD is gone; the bot finds out with its next look. */
async function empty(told: Told): Promise<void> {
  await told.redis.command("FLUSHALL");
}

const options = { needsRedis: true, env: { SLUICE_SWEEP_INTERVAL: "10s" } };

story(
  "a soak goes on, and a consent stands, although everything was forgotten",
  { ...options, policy: { soak: "2m", prodSoak: "1m" } },
  async (told) => {
    const built = await told.stage.build("feat: greet louder");
    await told.opened("staging", built.tag);
    const verifiedAt = told.stage.pace.now();
    await told.waitFor("half of the soak", () => since(told, verifiedAt) > minute);
    await empty(told);
    const [staging] = await told.waitFor("staging to be merged", async () => {
      const pulls = await told.promotions("staging");
      return pulls[0]?.merged_at === null ? null : pulls;
    });
    const dev = (await told.promotions("dev"))[0];
    const [run] = await told.checks(platform, dev?.merge_commit_sha ?? "", "sluice/dev");
    const soaked = Date.parse(staging?.merged_at ?? "") - Date.parse(run?.completed_at ?? "");
    expect(soaked).toBeGreaterThanOrEqual(2 * minute - 1_000);
    expect(soaked).toBeLessThan(3 * minute);

    const { pull } = await told.opened("prod", built.tag);
    const { id } = await told.comment("mona", pull, "/promote");
    await told.reaction(id, "rocket");
    await empty(told);
    await told.running("prod", built.tag);
    const [prod, ...more] = await told.promotions("prod");
    expect(more).toEqual([]);
    const merged = prod?.merge_commit_sha ?? "";
    await told.check(platform, merged, "sluice/prod", (one) => one.conclusion === "success");
  },
);

story(
  "a failure holds, and what was tried again holds no more, although everything was forgotten",
  {
    ...options,
    automated: { dev: false, staging: true, prod: true },
    policy: { soak: "1m", prodMerge: "auto" },
  },
  async (told) => {
    const { stage } = told;
    await stage.argocdControl.post("faults", {
      rules: [{ kind: "sync", app: "tenant-b-dev", outcome: "failAtApply", message: "quota" }],
    });
    const built = await stage.build("feat: unlucky");
    expect((await told.verdict("dev", built.tag)).result).toBe("failed");
    const [dev] = await told.promotions("dev");
    const commit = dev?.merge_commit_sha ?? "";
    await empty(told);
    await forgotten(told);
    expect(await told.promotions("staging")).toEqual([]);
    expect((await told.checks(platform, commit, "sluice/dev")).map(conclusionOf)).toEqual([
      "failure",
    ]);

    await stage.argocdControl.post("faults", { rules: [] });
    await told.comment("mona", dev?.number ?? 0, "/retry");
    await told.check(platform, commit, "sluice/dev", ({ conclusion }) => conclusion === "success");
    await told.opened("staging", built.tag);
    await empty(told);
    await told.running("prod", built.tag);
    await forgotten(told);
    const runs = await told.checks(platform, commit, "sluice/dev");
    expect(runs.map(conclusionOf)).toEqual(["success", "failure"]);
  },
);

const reopened: string[] = [];
story(
  "a revert holds until /resume, and that counts, although everything was forgotten",
  { ...options, policy: { prodMerge: "auto" }, reopened },
  async (told) => {
    const built = await told.stage.build("feat: greet louder");
    await told.settled(["prod"], built.tag);
    const [prod] = await told.promotions("prod");
    await told.revert("alice", prod?.number ?? 0);
    await told.running("prod", told.stage.first.tag);
    await empty(told);
    await forgotten(told);
    await told.running("prod", told.stage.first.tag);
    expect((await told.promotions("prod")).length).toBe(1);

    const { id } = await told.comment("mona", prod?.number ?? 0, "/resume");
    await told.reaction(id, "rocket");
    await empty(told);
    await told.running("prod", built.tag);
    expect((await told.promotions("prod")).length).toBe(2);
    reopened.push(parseBody(prod?.body ?? "")?.id ?? "");
  },
);

/** Waits until the bot has looked at everything again, twice. */
async function forgotten(told: Told): Promise<void> {
  const sweep = 10_000;
  const from = told.stage.pace.now();
  await told.waitFor("two sweeps", () => since(told, from) > 3 * sweep);
  await told.idle();
}

function since(told: Told, from: Date): number {
  return told.stage.pace.now().getTime() - from.getTime();
}

function conclusionOf({ conclusion }: { conclusion: string | null }): string | null {
  return conclusion;
}
