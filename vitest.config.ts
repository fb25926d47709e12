import { defineConfig } from "vitest/config";

/**
 * `unit` is quick and needs nothing but Node and git; `queue` needs a backend of its own;
 * `stories` plays the whole bot, as a process, against both simulators.
 */
export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: [
            "test/{core,adapters,flow,simulators,docs,service}/**/*.test.ts",
            "test/*.test.ts",
          ],
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: "queue",
          include: ["test/queue/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "stories",
          include: ["test/stories/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
