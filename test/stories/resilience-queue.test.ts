import { rm } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { hasRedisServer } from "../queue/redis-server.ts";
import { startBot } from "../stage/bot.ts";
import { problemsOf, promotionEnded } from "../stage/promotion-end.ts";
import { environments } from "../stage/seed.ts";
import { openSiege, playPromotion } from "../stage/siege.ts";
import { openStage, type Stage } from "../stage/stage.ts";
import { opened, settled, until } from "../stage/watch.ts";

const timeout = 180_000;
const nothing = () => Promise.resolve();

describe.skipIf(!hasRedisServer())("on a Redis", () => {
  it("that dies and comes back empty in the middle, twice", { timeout }, async (context) => {
    const { stage, redis } = await openSiege(context);
    const moments = [
      { environment: "dev", write: "POST /repos/{owner}/{repo}/pulls" },
      { environment: "staging", write: "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge" },
    ].map((one) => ({ ...one, nth: 1, phase: "applied" as const }));
    const played = await playPromotion(stage, moments, () => redis.restart(), { cutAfterMs: 400 });
    expect(played.unreached).toEqual([]);
    expect(played.problems).toEqual([]);
    expect(played.recoveryMs).toBeLessThan(60_000);
  });

  it(
    "that two workers and two receivers share, one of each dying on the way",
    { timeout },
    async (context) => {
      const { stage, redis } = await openSiege(context, { env: { SLUICE_ROLE: "all" } });
      const env = { ...stage.botEnvironment, REDIS_URL: redis.url, SLUICE_SWEEP_INTERVAL: "1m" };
      const worker = await startBot({ ...env, SLUICE_ROLE: "worker" });
      context.onTestFinished(() => worker.kill());
      const receiver = await startBot({ ...env, SLUICE_ROLE: "receiver" });
      context.onTestFinished(() => receiver.kill());
      expect((await playPromotion(stage, [], nothing)).problems).toEqual([]);

      await stage.githubControl.post("webhook", { url: `${receiver.url}/api/github/webhooks` });
      const moment = {
        environment: "dev",
        write: "POST /repos/{owner}/{repo}/pulls",
        nth: 1,
        phase: "applied" as const,
      };
      // Whoever of the two is at it: the other goes on once the lock has run out.
      const played = await playPromotion(
        stage,
        [moment],
        async () => {
          await stage.bot.kill();
        },
        { cutAfterMs: 400 },
      );
      expect(played.problems).toEqual([]);
      expect(worker.lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
    },
  );

  it(
    "stops within 25 s with jobs in flight, which others take over",
    { timeout },
    async (context) => {
      const { stage } = await openSiege(context);
      const moment = {
        environment: "dev",
        write: "POST /repos/{owner}/{repo}/git/trees",
        nth: 1,
        phase: "before" as const,
      };
      let seconds = 0;
      let code: number | null = null;
      const played = await playPromotion(stage, [moment], async () => {
        const from = performance.now();
        code = await stage.bot.stop();
        seconds = (performance.now() - from) / 1000;
        await stage.bot.start();
      });
      expect(code).toBe(0);
      expect(seconds).toBeLessThan(25);
      expect(played.unreached).toEqual([]);
      expect(played.problems).toEqual([]);
    },
  );
});

describe("on the embedded queue", () => {
  it(
    "killed twice, the second time with its directory gone",
    { timeout },
    async ({ onTestFinished }) => {
      const stage = await openStage({
        tenants: 2,
        pace: 10,
        speed: 100,
        policy: { prodMerge: "auto", timeout: "10m" },
        env: { SLUICE_SWEEP_INTERVAL: "1m" },
      });
      onTestFinished(() => stage.close());
      const watched = { stage, patienceMs: 90_000 };
      await settled(watched, environments, stage.first.tag);
      const timelineFrom = await timelineLength(stage);
      const built = await stage.build("feat: greet louder");
      await opened(watched, "dev", built.tag);
      await stage.bot.kill();
      await stage.bot.start();
      await opened(watched, "staging", built.tag);
      await stage.bot.kill();
      await rm(join(stage.directory, "sluice"), { recursive: true });
      await stage.bot.start();
      await until(watched, `the end of ${built.tag}`, () => promotionEnded(stage, built));
      expect(await problemsOf(stage, built, { timelineFrom, files: {} })).toEqual([]);
    },
  );
});

async function timelineLength(stage: Stage): Promise<number> {
  return (await stage.argocdControl.get<readonly unknown[]>("timeline")).length;
}
