import { setTimeout as pause } from "node:timers/promises";

import { expect } from "vitest";

import { story } from "../stage/story.ts";

story(
  "builds that come faster than they soak do not starve prod",
  { policy: { soak: "15s", prodSoak: "40s", prodMerge: "auto" } },
  async (told) => {
    const { stage } = told;
    const stop = new AbortController();
    const tags: string[] = [];
    const builds = (async () => {
      while (!stop.signal.aborted && tags.length < 60) {
        tags.push((await stage.build(`feat: build ${tags.length}`)).tag);
        await pause(700);
      }
    })();
    try {
      await told.waitFor("prod to be verified on one of the builds, while they go on", () =>
        stage.events.some(
          (event) =>
            event.message === "rollout settled" &&
            event.environment === "prod" &&
            event.result === "verified" &&
            tags.some((tag) => event.artifact?.includes(tag) === true),
        ),
      );
    } finally {
      stop.abort();
      await builds;
    }
    // One pull request a promotion is asked at the end of every story; here it was one at a time, too.
    const open = (await told.promotions("prod")).filter(({ state }) => state === "open");
    expect(open.length).toBeLessThanOrEqual(1);
  },
);
