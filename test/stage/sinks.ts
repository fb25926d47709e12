import { Redis } from "ioredis";

import { people } from "./people.ts";
import { platform, source } from "./seed.ts";
import type { Stage } from "./stage.ts";

type Commit = { readonly sha: string; readonly commit: { readonly message: string } };

/** Everything that the bot has said or written down anywhere, by place. */
export async function everythingSaid(
  stage: Stage,
  redisUrl: string,
): Promise<ReadonlyMap<string, string>> {
  const said = new Map<string, string>();
  said.set("log", stage.botLines().join("\n"));
  said.set("metrics", await (await fetch(`${stage.bot.url}/metrics`)).text());
  said.set("Redis", await contents(redisUrl));
  const { pulls, comments, checks } = people(stage);
  for (const pull of await pulls()) {
    said.set(`#${pull.number}`, JSON.stringify([pull, await comments(pull.number)]));
    said.set(`checks of #${pull.number}`, JSON.stringify(await checks(platform, pull.head.sha)));
  }
  for (const repository of [platform, source])
    for (const { sha, commit } of await stage.api<readonly Commit[]>(
      `/repos/${repository}/commits?per_page=100`,
    ))
      said.set(`${repository}@${sha}`, JSON.stringify([commit, await checks(repository, sha)]));
  return said;
}

/** Every key with every value, as text: a dump would be compressed. */
async function contents(url: string): Promise<string> {
  const client = new Redis(url);
  try {
    const found: unknown[] = [];
    for (const key of await client.keys("*")) found.push([key, await valueOf(client, key)]);
    return JSON.stringify(found);
  } finally {
    client.disconnect();
  }
}

async function valueOf(client: Redis, key: string): Promise<unknown> {
  switch (await client.type(key)) {
    case "string":
      return client.get(key);
    case "hash":
      return client.hgetall(key);
    case "list":
      return client.lrange(key, 0, -1);
    case "set":
      return client.smembers(key);
    case "zset":
      return client.zrange(key, "0", "-1");
    case "stream":
      return client.xrange(key, "-", "+");
    default:
      return null;
  }
}
