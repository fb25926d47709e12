import { setTimeout as pause } from "node:timers/promises";

import { describe } from "vitest";

import { hasRedisServer, startRedis } from "./redis-server.ts";
import { queueSuite } from "./suite.ts";

/** One node that serves all slots: keys of different slots are refused as in a large cluster. */
describe.skipIf(!hasRedisServer())("on a Redis Cluster", () => {
  queueSuite("the queue on a cluster", async () => {
    const server = await startRedis(
      "--cluster-enabled",
      "yes",
      // A node that has met no other does not know its own address.
      "--cluster-announce-ip",
      "127.0.0.1",
    );
    await server.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    while (!String(await server.command("CLUSTER", "INFO")).includes("cluster_state:ok"))
      await pause(50);
    return { settings: { kind: "redis", url: server.url }, stop: server.stop };
  });
});
