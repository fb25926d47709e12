import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { GateResult } from "#core/gate.ts";
import { addStop, removeStop } from "#flow/keep-stops.ts";
import { reconcile } from "#flow/reconcile.ts";
import { stillMayMerge } from "#flow/still-may-merge.ts";

import { aPlatform, jobContext } from "./a-platform.ts";

type Work = Parameters<typeof stillMayMerge>[1];

const started = new Date("2026-11-20T15:59:40Z");
const stream = { environment: "prod", service: "demo-api", ring: "all" };

function work(gates: readonly Partial<GateResult>[] = [], side: "rollback" | null = null): Work {
  return { stream, side: side === null ? null : { kind: side }, planned: { gates } } as Work;
}

describe("right before a merge", () => {
  let platform: Awaited<ReturnType<typeof aPlatform>>;
  beforeAll(async () => {
    platform = await aPlatform();
    await reconcile(platform.deps, platform.job, jobContext);
  });
  afterAll(async () => platform.close());

  /** The run began half a minute ago. */
  async function asked(what: Work): Promise<boolean> {
    platform.at(started);
    const context = await platform.context();
    platform.at(new Date("2026-11-20T16:00:10Z"));
    return stillMayMerge(context, what);
  }

  it("what the plan found still holds", async () => {
    expect(await asked(work())).toBe(true);
    expect(await asked(work([{ until: new Date("2026-11-20T16:00:11Z") }]))).toBe(true);
  });

  it("a window has closed since the run began", async () => {
    expect(await asked(work([{ until: new Date("2026-11-20T16:00:00Z") }]))).toBe(false);
  });

  it.for([
    [{ kind: "freeze", environment: "prod", until: null }, false],
    [{ kind: "freeze", environment: "staging", until: null }, true],
    [{ kind: "hold", environment: "prod", service: null }, false],
    [{ kind: "hold", environment: "prod", service: "demo-api" }, false],
    [{ kind: "hold", environment: "prod", service: "other" }, true],
  ] as const)("a person was told meanwhile that it stands: %o", async ([stop, may]) => {
    platform.at(started);
    const at = new Date(started.getTime() - 1_000);
    const context = await platform.context();
    await addStop(context, { ...stop, by: "mona", at, reason: "" });
    expect(await asked(work())).toBe(may);
    expect(await asked(work([], "rollback"))).toBe(true);
    await removeStop(context, { ...stop, at: started });
  });

  it("what people stopped was forgotten meanwhile, until a run has looked for it", async () => {
    expect(await asked(work())).toBe(true);
    const { issues } = platform.github.world.tables;
    for (const { id } of issues.filter(({ pullId }) => pullId === null)) issues.delete(id);
    platform.empty();
    expect(await asked(work())).toBe(false);
    expect(await asked(work([], "rollback"))).toBe(true);
    await reconcile(platform.deps, platform.job, jobContext);
    expect(await asked(work())).toBe(true);
  });
});
