import { describe, expect, it } from "vitest";

import { openLanes } from "#adapters/argocd/in-flight.ts";
import { shareForAWhile } from "#adapters/argocd/shared.ts";

describe("openLanes", () => {
  it("lets through so many at a time, in order, and all in the end", async () => {
    const inLane = openLanes(3, 0, () => 0);
    let running = 0;
    let most = 0;
    const order: number[] = [];
    const work = async (index: number): Promise<number> => {
      order.push(index);
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
      return index;
    };
    const all = Array.from({ length: 20 }, (_, index) => index);
    expect(await Promise.all(all.map((index) => inLane(() => work(index))))).toEqual(all);
    expect(most).toBe(3);
    expect(order).toEqual(all);
  });

  it("frees its lane when the work fails or its caller has gone", async () => {
    const inLane = openLanes(1, 0, () => 0);
    await expect(inLane(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    const gone = AbortSignal.abort(new Error("gone"));
    await expect(inLane(() => Promise.resolve(1), gone)).rejects.toThrow("gone");
    expect(await inLane(() => Promise.resolve(2))).toBe(2);
  });
});

describe("shareForAWhile", () => {
  it("asks again once the answer is old, and after a failure", async () => {
    let now = 0;
    let asked = 0;
    let fails = false;
    const share = shareForAWhile({ now: () => new Date(now) }, 2_000, () => {
      asked += 1;
      return fails ? Promise.reject(new Error("down")) : Promise.resolve(asked);
    });
    expect([await share(), await share()]).toEqual([1, 1]);
    now = 1_999;
    expect(await share()).toBe(1);
    now = 2_000;
    expect(await share()).toBe(2);
    now = 5_000;
    fails = true;
    await expect(share()).rejects.toThrow("down");
    fails = false;
    expect(await share()).toBe(4);
  });

  it("asks again when the clock has gone back", async () => {
    let now = 10_000;
    let asked = 0;
    const share = shareForAWhile({ now: () => new Date(now) }, 2_000, () => {
      asked += 1;
      return Promise.resolve(asked);
    });
    await share();
    now = 0;
    expect(await share()).toBe(2);
  });
});
