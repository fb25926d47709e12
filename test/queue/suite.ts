import { afterAll, beforeAll, describe } from "vitest";

import type { QueueSettings } from "#adapters/bullmq/open-queue.ts";

import { openStage } from "./stage.ts";
import type { Stage } from "./stage.ts";
import { coalescing } from "./suite-coalescing.ts";
import { factsSuite } from "./suite-facts.ts";
import { keeping } from "./suite-keeping.ts";
import { stopping } from "./suite-stopping.ts";

/** A backend to play on: `settings` opens a queue on it, again and again. */
export type Ground = {
  readonly settings: QueueSettings;
  readonly stop: () => Promise<void>;
};

/** The same behaviour on every backend. */
export function queueSuite(name: string, open: () => Promise<Ground>): void {
  describe(name, () => {
    let ground: Ground;
    beforeAll(async () => {
      ground = await open();
    });
    afterAll(async () => {
      await ground.stop();
    });

    describe("while it runs", () => {
      let stage: Stage;
      beforeAll(async () => {
        stage = await openStage(ground.settings);
      });
      afterAll(async () => {
        await stage.close();
      });
      coalescing(() => stage);
      keeping(() => stage);
      factsSuite(() => stage);
    });

    stopping(() => ground);
  });
}
