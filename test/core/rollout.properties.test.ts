import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { gitopsRevisions, type Application } from "#core/application.ts";
import { viewImages } from "#core/rollout-images.ts";
import type { RolloutMemory } from "#core/rollout-types.ts";

import {
  anApplication,
  anOperation,
  artifact,
  at,
  earlierCommit,
  judge,
  laterCommit,
  newImage,
  oldImage,
  promotedCommit,
  strangeCommit,
} from "./rollout-builders.ts";

const seconds = fc.integer({ min: -60, max: 5 }).map(at);
const revision = fc.constantFrom(promotedCommit, laterCommit, earlierCommit, strangeCommit, "main");

const operation = fc
  .record({
    phase: fc.constantFrom("Running", "Terminating", "Succeeded", "Failed", "Error"),
    revisions: fc.array(revision, { maxLength: 2 }),
    startedAt: seconds,
    finishedAt: fc.option(seconds),
  })
  .map((change) => anOperation(change as Parameters<typeof anOperation>[0]));

/** One that is well in every respect, with some of these changes: most are then wrong in one or two respects. */
const application: fc.Arbitrary<Application> = fc
  .record({
    automated: fc.boolean(),
    deleting: fc.boolean(),
    ignored: fc.boolean(),
    owner: fc.option(fc.constant("set")),
    sync: fc.record({
      status: fc.constantFrom("Synced", "Synced", "OutOfSync", "Unknown"),
      revisions: fc.array(revision, { minLength: 0, maxLength: 2 }),
    }),
    health: fc.record({
      status: fc.constantFrom(
        "Healthy",
        "Healthy",
        "Degraded",
        "Progressing",
        "Suspended",
        "Missing",
        "Unknown",
      ),
      message: fc.constant(""),
      since: fc.option(seconds),
    }),
    reconciledAt: fc.option(seconds),
    operation: fc.option(operation),
    requested: fc.option(fc.constant({ revisions: [], infos: [], startedBy: "" }), { freq: 8 }),
    conditions: fc.constantFrom([], [], [{ type: "ComparisonError", message: "x", since: null }]),
    images: fc.subarray([newImage, oldImage, "redis:7"]),
  })
  .chain((change) =>
    fc
      .subarray(Object.entries(change), { maxLength: 3 })
      .map((entries) => anApplication(Object.fromEntries(entries) as Partial<Application>)),
  );

/** The same, before the commit: half of them are a manual one's. */
const behind = fc.tuple(application, fc.boolean()).map(([app, automated]): Application => ({
  ...app,
  automated,
  sync: { status: "Synced", revisions: [earlierCommit] },
}));

const time = fc.option(fc.integer({ min: -400, max: 0 }), { nil: undefined });
const memory = fc
  .dictionary(
    fc.constantFrom(
      "settledSince",
      "degradedSince",
      "blockedSince",
      "mismatchSince",
      "mixedSince",
      "refreshedAt",
      "hardRefreshedAt",
      "freshenedAt",
      "syncedAt",
      "treeAt",
      "manifestsAt",
      "windowAt",
    ),
    time,
  )
  .map((ages): RolloutMemory =>
    Object.fromEntries(
      Object.entries(ages).flatMap(([key, age]) =>
        age === undefined ? [] : [[key, at(age).getTime()]],
      ),
    ),
  );

const answers = {
  tree: [],
  manifests: [newImage],
  owner: "free" as const,
  window: "open" as const,
};

describe("judgeApplication, whatever Argo CD shows", () => {
  it("says healthy only of what is compared with the commit, fresh, in sync, healthy and on the image", () => {
    let healthy = 0;
    fc.assert(
      fc.property(application, memory, (app, remembered) => {
        const judged = judge(app, { memory: remembered, answers });
        if (judged.kind === "question" || judged.state !== "healthy") return;
        healthy += 1;
        expect(app).toMatchObject({ deleting: false, requested: null, conditions: [] });
        expect(app.health.status).toBe("Healthy");
        expect(app.sync.status).toBe("Synced");
        for (const one of gitopsRevisions(app, "acme/platform"))
          expect([promotedCommit, laterCommit]).toContain(one);
        expect(gitopsRevisions(app, "acme/platform")).not.toEqual([]);
        const { operation, reconciledAt } = app;
        expect([undefined, "Succeeded", "Failed", "Error"]).toContain(operation?.phase);
        if (operation?.finishedAt)
          expect(reconciledAt?.getTime()).toBeGreaterThan(operation.finishedAt.getTime());
        expect(["only", "none"]).toContain(viewImages(app.images, artifact));
        expect(remembered.settledSince).toBeLessThanOrEqual(at(-5).getTime());
      }),
      { numRuns: 3_000 },
    );
    expect(healthy).toBeGreaterThan(50);
  });

  it("asks for a sync only of a manual application without an operation", () => {
    let synced = 0;
    fc.assert(
      fc.property(behind, memory, (app, remembered) => {
        const judged = judge(app, { memory: remembered, answers });
        if (judged.kind === "question" || judged.act !== "sync") return;
        synced += 1;
        expect(app).toMatchObject({ automated: false, requested: null, deleting: false });
      }),
      { numRuns: 3_000 },
    );
    expect(synced).toBeGreaterThan(50);
  });

  it("gives the same answer twice, and a memory that survives JSON", () => {
    fc.assert(
      fc.property(application, memory, (app, remembered) => {
        const one = judge(app, { memory: remembered, answers });
        expect(judge(app, { memory: remembered, answers })).toEqual(one);
        if (one.kind === "judged")
          expect(JSON.parse(JSON.stringify(one.memory))).toEqual(one.memory);
      }),
    );
  });
});
