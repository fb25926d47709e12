import { syncBuiltinESMExports } from "node:module";
import timersPromises from "node:timers/promises";

/**
 * Loaded before a program of a stage (`--import`): its clock runs `STAGE_PACE` times as fast, from the moment
 * `STAGE_EPOCH` on, the same in every program. What pauses on purpose, pauses as much shorter; deadlines,
 * locks and everything that guards against a slow machine stay as long as they are.
 */
const pace = Number(process.env["STAGE_PACE"]);
const epoch = Number(process.env["STAGE_EPOCH"]);
const realNow = Date.now;

/** Milliseconds since 1970 on the stage's clock. */
function now(): number {
  return Math.floor(epoch + (realNow() - epoch) * pace);
}

globalThis.Date = new Proxy(Date, {
  construct: (target, args: unknown[], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
  apply: () => new Date(now()).toString(),
  get: (target, key, receiver): unknown =>
    key === "now" ? now : Reflect.get(target, key, receiver),
});

const pause = timersPromises.setTimeout;
timersPromises.setTimeout = (ms, value, options) => pause((ms ?? 0) / pace, value, options);
syncBuiltinESMExports();

// A worker's wait for a delayed job is Redis's: it is told in seconds and knows no other clock.
const { Redis } = await import("ioredis");
type Blocking = {
  bzpopmin: (this: Blocking, key: string, seconds: number) => Promise<unknown>;
};
const redis = Redis.prototype as unknown as Blocking;
const wait = redis.bzpopmin;
redis.bzpopmin = function (key, seconds) {
  return wait.call(this, key, Math.max(seconds / pace, 0.002));
};
