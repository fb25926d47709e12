import type { RedisServer } from "../queue/redis-server.ts";
import type { Stage } from "./stage.ts";

/**
 * Kills the bot with its queue as it stands, and starts it again. The 15 s of the locks that it held and the 10 s until
 * somebody notices are made to be over: everything that waits for them would only wait.
 */
export async function crash(
  stage: Stage,
  redis: RedisServer,
  options: { readonly emptied?: boolean } = {},
): Promise<void> {
  await stage.bot.kill();
  if (options.emptied === true) await redis.command("FLUSHALL");
  else await letLocksRunOut(redis);
  await stage.bot.start();
}

const queues = ["deliveries", "reconcile", "rollouts", "wakes", "notifications", "loads"] as const;

async function letLocksRunOut({ command }: RedisServer): Promise<void> {
  for (const name of queues) {
    const prefix = `{sluice}:${name}`;
    const active = (await command("LRANGE", `${prefix}:active`, "0", "-1")) as string[];
    await command("DEL", `${prefix}:stalled-check`, ...active.map((id) => `${prefix}:${id}:lock`));
    if (active.length > 0) await command("SADD", `${prefix}:stalled`, ...active);
  }
}
