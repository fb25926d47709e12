import { defineConfig } from "vitest/config";

/**
 * `unit` is quick and needs nothing but Node: rules, properties, documents. `systems` talks to servers of its own: the
 * adapters, the flow, the service and the simulators. `queue` needs a backend; `platform` renders and checks what a
 * platform team copies, with the tools of its own field; `stories` plays the whole bot, as a process, against both
 * simulators.
 */
export default defineConfig({
  test: {
    setupFiles: ["test/setup/fixed-seed.ts"],
    // Whole processes on a shared machine: one that is starved once is played again there, and shown as retried.
    retry: process.env["CI"] === undefined ? 0 : 1,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/{core,docs}/**/*.test.ts", "test/*.test.ts"],
          // Pure rules leave nothing behind: loading them once a worker halves the time.
          isolate: false,
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: "systems",
          include: ["test/{adapters,flow,simulators,service}/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
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
          name: "platform",
          include: ["test/{helm,gitops,observability,pipelines,cluster}/**/*.test.ts"],
          globalSetup: ["test/setup/platform-tools.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "stories",
          include: ["test/stories/**/*.test.ts"],
          // A story takes seconds; a machine that does ten other things is waited for.
          testTimeout: 300_000,
          hookTimeout: 60_000,
          maxWorkers: 3,
        },
      },
    ],
  },
});
