import { findDebianTool } from "./find-debian-tool.ts";

/** The path of a `redis-server`, installed where that needs nobody's consent; null where there is none to be had. */
export function findRedis(): Promise<string | null> {
  return findDebianTool({ name: "redis-server", package: "redis-server" });
}
