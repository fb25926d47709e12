import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  add,
  block,
  type Budget,
  type Cost,
  limits,
  noBudget,
  spend,
} from "#adapters/github/requests/budget.ts";

const read = { points: 1, content: false };
const write = { points: 5, content: false };
const create = { points: 5, content: true };
const urgent = { points: 5, content: false, urgent: true };
const start = Date.parse("2026-11-21T10:00:00Z");

type Step = { wait: number; cost: Cost };

const steps = fc.array(
  fc.record({
    wait: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 90_000 })),
    cost: fc.constantFrom<Cost>(read, write, create, urgent),
  }),
  { minLength: 1, maxLength: 1500 },
);

/** Asks for all of them, waiting as long as it is told, and gives the moments at which they were granted. */
function run(wanted: readonly Step[]): { at: number; cost: Cost }[] {
  let budget: Budget = noBudget;
  let now = start;
  return wanted.map(({ wait, cost }) => {
    now += wait;
    for (;;) {
      const spent = spend(budget, now, cost);
      budget = spent.budget;
      if (spent.until === null) return { at: now, cost };
      expect(spent.until).toBeGreaterThan(now);
      now = spent.until;
    }
  });
}

/** The most that any window of this length holds. */
function most(granted: readonly { at: number; amount: number }[], window: number): number {
  let sum = 0;
  let highest = 0;
  let first = 0;
  for (const { at, amount } of granted) {
    sum += amount;
    while ((granted[first]?.at ?? at) <= at - window) sum -= granted[first++]?.amount ?? 0;
    highest = Math.max(highest, sum);
  }
  return highest;
}

describe("the budget", () => {
  it("is never exceeded, in no minute and no hour, whatever is asked for and when", () => {
    fc.assert(
      fc.property(steps, (wanted) => {
        const granted = run(wanted);
        const points = granted.map(({ at, cost }) => ({ at, amount: cost.points }));
        const content = granted.map(({ at, cost }) => ({ at, amount: cost.content ? 1 : 0 }));
        expect(most(points, 60_000)).toBeLessThanOrEqual(limits.points);
        expect(most(content, 60_000)).toBeLessThanOrEqual(limits.contentMinute);
        expect(most(content, 3_600_000)).toBeLessThanOrEqual(limits.contentHour);
      }),
      { numRuns: 60 },
    );
  });

  it("can be spent at once, to the last point that is not kept for what somebody waits for", () => {
    const ordinary = limits.points - limits.kept;
    const granted = run(Array.from({ length: ordinary }, () => ({ wait: 0, cost: read })));
    expect(granted.every(({ at }) => at === start)).toBe(true);
    const next = run(Array.from({ length: ordinary + 1 }, () => ({ wait: 0, cost: read })));
    expect(next.at(-1)?.at).toBe(start + 62_000);
    const wanted = Array.from({ length: ordinary }, () => ({ wait: 0, cost: read }));
    const many = Array.from({ length: limits.kept / 5 }, () => ({ wait: 0, cost: urgent }));
    const heard = run([...wanted, ...many, { wait: 0, cost: urgent }]);
    expect(heard.slice(0, -1).every(({ at }) => at === start)).toBe(true);
    expect(heard.at(-1)?.at).toBe(start + 62_000);
  });

  it("stays small in the facts", () => {
    let budget: Budget = noBudget;
    for (let at = 0; at < 3 * 3_600_000; at += 900) {
      budget = spend(budget, start + at, at % 9000 === 0 ? create : read).budget;
    }
    expect(budget.seconds.length).toBeLessThanOrEqual(63);
    expect(budget.minutes.length).toBeLessThanOrEqual(62);
  });

  it("counts what arrived late once more", () => {
    const budget = add(noBudget, start, { points: limits.points, content: false });
    expect(spend(budget, start, read).until).toBe(start + 62_000);
  });
});

describe("a stop", () => {
  it("holds exactly as long as GitHub says, and is never shortened", () => {
    const once = block(noBudget, start, start + 5000);
    const twice = block(once, start + 1000, start + 3000);
    expect(spend(twice, start + 4999, read).until).toBe(start + 5000);
    expect(spend(twice, start + 5000, read).until).toBeNull();
  });

  it("without an end lasts a minute, and twice as long every time in a row, up to an hour", () => {
    let budget: Budget = noBudget;
    let now = start;
    const pauses = Array.from({ length: 8 }, () => {
      budget = block(budget, now, null);
      const pause = budget.blockedUntil - now;
      now = budget.blockedUntil + 1;
      return pause / 60_000;
    });
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    const later = block(budget, now + 600_001, null);
    expect(later.blockedUntil - (now + 600_001)).toBe(60_000);
  });

  it("counts calls that were refused together once", () => {
    const first = block(noBudget, start, null);
    expect(block(first, start + 10, null)).toEqual(first);
  });
});
