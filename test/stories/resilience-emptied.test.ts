import { expect, it } from "vitest";

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

/** `RESILIENCE=all`: on both sides of every write; else once for every kind of write, its answer lost, this way or that. */
const everything = process.env["RESILIENCE"] === "all";
/**
 * Without the queue's memory a second reconcile may begin beside the one that runs, and both may open the first run of
 * the gates on a new head at the same moment. The newest says what is so; the other stays open on a merged head. Nor
 * does GitHub keep two rollouts from showing the same one twice.
 */
const twice =
  /gates are open: \d+ success |: (?:2 deployments of the merge|deployments say (?:pending, success|success, pending))$/;
const timeout = everything ? 3_600_000 : 600_000;

it.skipIf(!hasRedisServer()).for(["while it runs", "while it is dead"] as const)(
  "the queue and the facts are emptied %s",
  { timeout },
  async (when, context) => {
    const siege = await openSiege(context);
    const all = await recordMoments(siege);
    // Argo CD's answers cannot be cut after a time: a bot that waits for one is only ever killed.
    const moments = all.filter(({ write }) => when === "while it is dead" || write !== "POST sync");
    const lost = everyKind(moments.filter(({ phase }) => phase === "applied"));
    const half = lost.filter((_, index) => index % 2 === (when === "while it runs" ? 0 : 1));
    const chosen = everything ? moments : half;
    const { stage, redis } = siege;
    const played: Played[] = [];
    for (const some of inPromotions(chosen)) {
      const strike =
        when === "while it runs"
          ? () => redis.command("FLUSHALL").then(() => undefined)
          : () => crash(stage, redis, { emptied: true });
      const trouble = when === "while it runs" ? { cutAfterMs: 250 } : {};
      const one = await playPromotion(stage, some, strike, trouble);
      if (everything) process.stdout.write(`${JSON.stringify({ when, ...one })}\n`);
      played.push(one);
    }
    const problems = played.flatMap((one) => one.problems);
    expect(problems.filter((one) => when !== "while it runs" || !twice.test(one))).toEqual([]);
    const unreached = played.flatMap((one) => one.unreached);
    expect(unreached.filter((name) => !name.includes("check-runs"))).toEqual([]);
    expect(await stage.githubControl.get("violations")).toEqual([]);
  },
);
