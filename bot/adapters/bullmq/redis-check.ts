import { Fault } from "#core/error.ts";

import { readRedisInfo } from "./redis-connection.ts";

/** BullMQ recommends 6.2 at least; older ones lack commands that its scripts fall back from slowly. */
const oldest = [6, 2] as const;

/**
 * Can this Redis be trusted with jobs? Throws a Fault where it cannot, hands sentences to `onWarning` where it could
 * be better, and says whether it is a cluster.
 */
export async function checkRedis(
  url: string,
  onWarning: (sentence: string) => void,
): Promise<{ cluster: boolean }> {
  const info = await readRedisInfo(url);
  const version = info.get("redis_version") ?? "";
  if (!isFit(version)) {
    throw unfit(
      "queue.redis-too-old",
      `Redis ${version} is too old. Upgrade to ${oldest.join(".")} or newer, or use Valkey.`,
    );
  }
  const policy = info.get("maxmemory_policy") ?? "noeviction";
  if (policy !== "noeviction") {
    const sentence = `Redis has maxmemory-policy ${policy} and would drop jobs when its memory is full. Set maxmemory-policy to noeviction.`;
    if (info.get("maxmemory") !== "0") throw unfit("queue.redis-evicts", sentence);
    onWarning(sentence);
  }
  if (info.get("role") === "slave") {
    throw new Fault(
      "queue.unavailable",
      "The Redis of REDIS_URL is a replica and takes no writes. Point REDIS_URL to the primary.",
      { retryable: true },
    );
  }
  return { cluster: info.get("cluster_enabled") === "1" };
}

function isFit(version: string): boolean {
  const [major = Number.NaN, minor = Number.NaN] = version.split(".").map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

function unfit(code: string, sentence: string): Fault {
  return new Fault(code, sentence, { retryable: false });
}
