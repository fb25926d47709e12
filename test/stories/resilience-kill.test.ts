import { describe, expect, it } from "vitest";

import { hasRedisServer } from "../queue/redis-server.ts";
import { crash } from "../stage/crash.ts";
import { layInWait, nextCaught } from "../stage/moments.ts";
import { people } from "../stage/people.ts";
import { platform } from "../stage/seed.ts";
import {
  everyKind,
  inPromotions,
  openSiege,
  playPromotion,
  recordMoments,
  type Played,
} from "../stage/siege.ts";
import { until } from "../stage/watch.ts";

/** `RESILIENCE=all`: every write of every environment; else every kind of write, on both sides of it. */
const everything = process.env["RESILIENCE"] === "all";
const stages = everything ? 2 : 1;

describe.skipIf(!hasRedisServer()).concurrent("kill -9 at a write, then a restart", () => {
  it.for(Array.from({ length: stages }, (_, index) => index))(
    "ends the same, part %i",
    { timeout: everything ? 3_600_000 : 600_000 },
    async (part, context) => {
      const siege = await openSiege(context);
      const moments = await recordMoments(siege);
      const chosen = inPromotions(everything ? moments : everyKind(moments));
      const played: Played[] = [];
      for (const [index, some] of chosen.entries()) {
        if (index % stages !== part) continue;
        const one = await playPromotion(siege.stage, some, () => crash(siege.stage, siege.redis));
        if (everything) report(one);
        played.push(one);
      }
      expect(played.flatMap(({ problems }) => problems)).toEqual([]);
      const unreached = played.flatMap((one) => one.unreached);
      // How often check runs are edited depends on the machine; all else is always written.
      expect(unreached.filter((name) => !name.includes("check-runs"))).toEqual([]);
      expect(played.flatMap((one) => one.reached)).not.toEqual([]);
      expect(await siege.stage.githubControl.get("violations")).toEqual([]);
    },
  );
});

function report({ reached, unreached, problems, recoveryMs }: Played): void {
  const seconds = (recoveryMs / 1000).toFixed(1);
  process.stdout.write(`${JSON.stringify({ reached, unreached, problems, seconds })}\n`);
}

const merge = "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge";
const tree = "POST /repos/{owner}/{repo}/git/trees";

describe.skipIf(!hasRedisServer())("kill -9", () => {
  it(
    `${everything ? "ten" : "four"} times in a row at the same job`,
    { timeout: 600_000 },
    async (context) => {
      const { stage, redis } = await openSiege(context);
      const count = everything ? 10 : 4;
      const [method, route] = tree.split(" ");
      const faults = [{ fault: "hang", method, route, body: "dev", times: count }];
      const again = { environment: "dev", write: "POST /never", nth: 1, phase: "before" } as const;
      const moments = Array.from({ length: count }, () => again);
      const played = await playPromotion(stage, moments, () => crash(stage, redis), { faults });
      expect(played.reached.length).toBe(count);
      expect(played.problems).toEqual([]);
    },
  );

  it(
    "with its locks left as they stand, and a person's commit on the branch meanwhile",
    {
      timeout: 600_000,
    },
    async (context) => {
      const { stage } = await openSiege(context);
      const moment = { environment: "dev", write: merge, nth: 1, phase: "before" } as const;
      const { pulls, push, head, checks } = people(stage);
      await layInWait(stage, [moment]);
      const built = await stage.build("feat: greet louder");
      expect(await nextCaught(stage, 0, () => Promise.resolve(false))).toBe(true);
      await stage.bot.kill();
      const branch = "sluice/dev/demo-api/all";
      const { sha } = await push("bob", { "docs/why.md": "Because.\n" }, { branch });
      const from = performance.now();
      await stage.bot.start();
      const said = await until({ stage, patienceMs: 60_000 }, "the bot to notice", async () => {
        const [run] = await checks(platform, sha, "sluice/gates");
        return run?.conclusion === "action_required" ? run : undefined;
      });
      expect((performance.now() - from) / 1000).toBeLessThan(35);
      expect(said.output.title).not.toBe("");
      expect(await head(branch)).toBe(sha);
      const own = (await pulls()).filter(({ title }) => title.includes(built.tag));
      expect(own.map(({ state, merged_at }) => ({ state, merged_at }))).toEqual([
        { state: "open", merged_at: null },
      ]);
    },
  );
});
