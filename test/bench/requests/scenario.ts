import { startRedis } from "../../queue/redis-server.ts";
import { demoPolicy } from "../../stage/seed.ts";
import { openStage } from "../../stage/stage.ts";
import type { Watched } from "../../stage/watch.ts";
import { residentMemory } from "../resident.ts";
import { longestChain } from "./dependencies.ts";
import { idle, publish, pushSource, requestsToOpen, settledAt } from "./promote.ts";
import { arrived, costOf, lastRequest, requestsSince, type Cost } from "./request-log.ts";

/** What one number of tenants costs. */
export type Measured = {
  readonly tenants: number;
  /** The very first start: from the start of the process to verdicts on everything that was there. */
  readonly first: Cost;
  /** From the event to the open pull request, everything old being known. */
  readonly warm: Cost;
  /** A whole promotion of one environment, from the event to the last check run. */
  readonly whole: Cost;
  /** Of the next environment, whose gate opens only after a while; not looked at where it would take minutes. */
  readonly gated: Cost | null;
  /** With time on every call, milliseconds. */
  readonly slow: { readonly wall: number; readonly chain: number };
  /**
   * From the start of a process that knows nothing any more to the open pull request: the image came while it was
   * away, and what was promoted before is found out and compared again.
   */
  readonly cold: Cost;
  /** Of everything that the stage has seen. */
  readonly refused: number;
  /** MiB: at the end, and the most there was. */
  readonly memory: { readonly now: number; readonly most: number | null };
};

export const latencyMs = 50;

/** From here on a rollout takes its time, and the next environment waits for a person instead. */
const many = 500;

/** Starts a platform and a bot on Redis, and promotes three images into it. */
export async function measure(
  tenants: number,
  progress: (sentence: string) => void,
): Promise<Measured> {
  const tell = (sentence: string) => progress(`${tenants} tenants: ${sentence}`);
  tell("starting");
  const redis = await startRedis();
  try {
    const stage = await openStage({
      tenants,
      service: "simulated",
      speed: 1_000,
      automated: { dev: true, staging: true, prod: true },
      policy: policyFor(tenants),
      env: { REDIS_URL: redis.url },
    });
    const watched: Watched = { stage, progress: tell, patienceMs: 240_000 };
    try {
      for (const environment of ["dev", "staging"])
        await settledAt(watched, environment, stage.first.tag);
      await idle(stage);
      const first = costOf(await requestsSince(stage, 0));
      const warm = await measureWarm(watched);
      const slow = await measureSlow(watched);
      const memory = residentMemory(stage.bot.pid());
      const cold = await measureCold(watched, () => redis.command("FLUSHALL"));
      const refused = costOf(await requestsSince(stage, 0)).refused;
      return { tenants, first, ...warm, slow, cold, refused, memory };
    } finally {
      await stage.close();
    }
  } finally {
    await redis.stop();
  }
}

/** dev and staging: what prod would add is the same again. */
function policyFor(tenants: number): string {
  const [policy = ""] = demoPolicy({ soak: "1s", timeout: "10m" }).split("  - name: prod");
  if (tenants < many) return policy;
  return policy.replace("name: staging\n    merge: auto", "name: staging\n    merge: manual");
}

async function measureWarm(watched: Watched): Promise<Pick<Measured, "warm" | "whole" | "gated">> {
  const { stage } = watched;
  const pushed = await pushSource(stage, "warm");
  const since = await lastRequest(stage);
  await publish(stage, pushed);
  const { requests } = await requestsToOpen(watched, since);
  const dev = await settledAt(watched, "dev", pushed.tag);
  const staging =
    stage.tenants.length < many ? await settledAt(watched, "staging", pushed.tag) : null;
  await idle(stage);
  const all = await requestsSince(stage, since);
  const upTo = (end: number) => all.filter((one) => arrived(one) <= end);
  return {
    warm: costOf(requests),
    whole: costOf(upTo(dev)),
    gated: staging === null ? null : costOf(upTo(staging).filter((one) => arrived(one) > dev)),
  };
}

async function measureSlow(watched: Watched): Promise<Measured["slow"]> {
  const { stage } = watched;
  const pushed = await pushSource(stage, "slow");
  const since = await lastRequest(stage);
  await stage.githubControl.post("latency", { ms: latencyMs });
  const started = Date.now();
  await publish(stage, pushed);
  const { requests, openAt } = await requestsToOpen(watched, since);
  await stage.githubControl.post("latency", { ms: 0 });
  return { wall: openAt - started, chain: longestChain(requests) };
}

async function measureCold(watched: Watched, forget: () => Promise<unknown>): Promise<Cost> {
  const { stage } = watched;
  const pushed = await pushSource(stage, "cold");
  await stage.bot.stop();
  await forget();
  await publish(stage, pushed);
  const since = await lastRequest(stage);
  await stage.startBot();
  const { requests } = await requestsToOpen(watched, since);
  return costOf(requests);
}
