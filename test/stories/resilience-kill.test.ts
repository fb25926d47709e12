import { describe, expect, it } from "vitest";

import { hasRedisServer } from "../queue/redis-server.ts";
import { crash } from "../stage/crash.ts";
import {
  everyKind,
  inPromotions,
  openSiege,
  playPromotion,
  recordMoments,
  type Played,
} from "../stage/siege.ts";

/** `RESILIENCE=all`: every write of every environment; else every kind of write, on both sides of it. */
const everything = process.env["RESILIENCE"] === "all";
const stages = 2;

describe.skipIf(!hasRedisServer()).concurrent("kill -9 at a write, then a restart", () => {
  it.for(Array.from({ length: stages }, (_, index) => index))(
    "ends the same, part %i",
    { timeout: everything ? 3_600_000 : 240_000 },
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
