import { fileURLToPath } from "node:url";

import { startRedis, type RedisServer } from "../../queue/redis-server.ts";
import { startBot } from "../../stage/bot.ts";
import { jsonLine, startProgram } from "../../stage/start-process.ts";
import { median, type BenchContext, type Figure, type Part } from "../figure.ts";
import { loneBotEnvironment, webhookSecret } from "../lone-bot.ts";
import { deliveryBytes, sendDeliveries, type Load } from "./load.ts";

/** Many short turns: what else the machine does then falls on both alike. */
const rounds = 10;
const secondsEach = 1;
const steadySeconds = 3;

/** Deliveries acknowledged: the edge in role `receiver` against a bare server, in turns, on one Redis that is emptied between. */
export const deliveries: Part = {
  name: "deliveries",
  about: `signed pushes of ${(deliveryBytes / 1000).toFixed(1)} KB, stored in Redis and acknowledged, against node:http + HMAC + queue.add`,
  measure: async (context) => {
    if (context.redis === null) throw new Error("there is no redis-server here");
    const redis = await startRedis();
    try {
      return await measureOn(redis, context);
    } finally {
      await redis.stop();
    }
  },
};

async function measureOn(redis: RedisServer, context: BenchContext): Promise<readonly Figure[]> {
  const bare = await startProgram<{ url: string }>(
    fileURLToPath(import.meta.resolve("./bare-server.ts")),
    [],
    { env: { REDIS_URL: redis.url, WEBHOOK_SECRET: webhookSecret }, accept: jsonLine },
  );
  try {
    const bot = await startBot({
      ...loneBotEnvironment(),
      REDIS_URL: redis.url,
      SLUICE_ROLE: "receiver",
    });
    try {
      return await takeTurns(redis, { bare: bare.first.url, own: bot.url }, context);
    } finally {
      await bot.stop();
    }
  } finally {
    await bare.program.stop();
  }
}

async function takeTurns(
  redis: RedisServer,
  urls: { bare: string; own: string },
  { progress }: BenchContext,
): Promise<readonly Figure[]> {
  const send = async (url: string, options: { seconds: number; rate?: number }): Promise<Load> => {
    await redis.command("FLUSHALL");
    return sendDeliveries(url, options);
  };
  const full = async (url: string) => (await send(url, { seconds: secondsEach })).perSecond;
  progress("warming up");
  for (const url of [urls.bare, urls.own, urls.bare, urls.own]) await full(url);
  const bare: number[] = [];
  const own: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    progress(`full speed, round ${round + 1} of ${rounds}`);
    bare.push(await full(urls.bare));
    own.push(await full(urls.own));
  }
  const rate = Math.floor(median(bare) / 2);
  const steady: Load[] = [];
  for (let round = 0; round < 3; round += 1) {
    progress(`${rate} deliveries a second, round ${round + 1} of 3`);
    steady.push(await send(urls.own, { seconds: steadySeconds, rate }));
  }
  const shares = own.map((each, round) => (100 * each) / (bare[round] ?? Number.NaN));
  return [
    { what: "bare server", value: median(bare), unit: "/s", bound: null },
    { what: "Sluice", value: median(own), unit: "/s", bound: null },
    {
      what: "Sluice against the bare server",
      value: median(shares),
      unit: "%",
      bound: { atLeast: 70 },
    },
    {
      what: `p50 at half the bare server's rate (${rate}/s)`,
      value: median(steady.map((load) => load.p50)),
      unit: "ms",
      bound: null,
    },
    {
      what: "p99 at that rate",
      value: median(steady.map((load) => load.p99)),
      unit: "ms",
      bound: { atMost: 100 },
    },
  ];
}
