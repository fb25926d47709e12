import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { queueSuite } from "./suite.ts";

queueSuite("the embedded queue", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "sluice-data-"));
  return Promise.resolve({
    settings: { kind: "embedded", dataDir },
    stop: async () => Promise.resolve(rmSync(dataDir, { recursive: true, force: true })),
  });
});
