import { describe, it } from "vitest";

import { hasRedisServer, startRedis } from "./redis-server.ts";
import { queueSuite } from "./suite.ts";

if (hasRedisServer()) {
  queueSuite("the queue on Redis", async () => {
    const server = await startRedis();
    return { settings: { kind: "redis", url: server.url }, stop: server.stop };
  });
} else {
  console.warn(
    "SKIPPED: there is no redis-server, so nothing has been tested on Redis. Install it to run this file.",
  );
  describe.skipIf(!hasRedisServer())("the queue on Redis", () => {
    it("needs redis-server on the PATH", () => undefined);
  });
}
