import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readAges } from "#core/known-ages.ts";
import type { Answer, Question, StreamState } from "#core/plan-types.ts";
import { chooseRollback, type RollbackChoice, type RollbackWish } from "#core/rollback.ts";

import { aService } from "../builders.ts";
import { byNumber, consult } from "../oracle.ts";
import { parseStream } from "./plan-situation.ts";

const oracle = { order: byNumber };

/** Answers what is asked until nothing is asked any more. */
function choose(state: StreamState, wish: Partial<RollbackWish> = {}): RollbackChoice {
  const answers = new Map<string, Answer>();
  for (let pass = 0; pass < 20; pass += 1) {
    const open = new Map<string, Question>();
    const inquiry = { answers, ages: () => readAges(answers), open };
    const place = { state, service: aService(), inquiry };
    const choice = chooseRollback(place, { tag: null, tenants: null, ...wish });
    if (open.size === 0) return choice;
    for (const [key, question] of open) answers.set(key, consult(oracle, question));
  }
  throw new Error("it asks without end");
}

/** `v1 → a b; v2 → c`, or the reason of a refusal. */
function show(choice: RollbackChoice): string {
  if (choice.kind === "refused") return choice.reason;
  return choice.moves
    .map(({ artifact, tenants }) => `${artifact.tag} → ${tenants.join(" ")}`)
    .join("; ");
}

describe("where it goes back to", () => {
  it.for([
    ["v2 ok +v1=ok@200", "v1 → a b"],
    ["v2 +v1=ok@200", "v1 → a b"],
    ["v2 failed +v1=ok@200", "v1 → a b"],
    ["v3 ok +v2=ok@200 +v1=ok@300", "v2 → a b"],
    ["v3 ok +v2=failed@200 +v1=ok@300", "v1 → a b"],
    // It was good once, and then was not.
    ["v3 ok +v2=failed@190 +v2=ok@200 +v1=ok@300", "v1 → a b"],
    ["v3 ok +v2=superseded@190 +v2=ok@200 +v1=ok@300", "v2 → a b"],
    // v2 was taken back from before: it is no way back from v1, nor is v1 from itself.
    ["v1 ok@10 +v2=ok@200 +v1=ok@300", "nothing-before"],
    ["v2 ok@10 +v3=ok@100 +v2=ok@200 +v1=ok@300", "v1 → a b"],
    // v1 came again after v2: it is what stood there last before v3.
    ["v3 ok@10 +v1=ok@200 +v2=ok@300 +v1=ok@400", "v1 → a b"],
    ["v2 ok +v2x=ok@200", "v2x → a b"],
    // That tag names another image by now.
    ["v2 ok +latest=ok@200 +v1=ok@300", "v1 → a b"],
    ["v2 ok +latest=ok@200", "nothing-before"],
    ["latest ok +v1=ok@200", "v1 → a b"],
    ["v2 ok", "nothing-before"],
    ["a:v3 b:v2 ok +v2=ok@200 +v1=ok@300", "v2 → a; v1 → b"],
    ["a:v2 b:? ok +v1=ok@200", "v1 → a"],
    ["a:? b:?", "nothing-before"],
    ["-", "nothing-before"],
  ] as const)("%s: %s", ([line, expected]) => {
    expect(show(choose(parseStream("prod", line)))).toBe(expected);
  });
});

describe("what somebody names", () => {
  it.for([
    ["v3 ok +v2=ok@200 +v1=ok@300", "v1", "v1 → a b"],
    ["v3 ok +v2=ok@200 +v1=ok@300", "v0", "not-verified"],
    ["v3 ok +v2=failed@200 +v1=ok@300", "v2", "not-verified"],
    ["a:v3 b:v1 ok +v1=ok@300", "v1", "v1 → a"],
    ["v1 ok +v2=ok@100", "v2", "not-verified"],
    ["v1 ok@10 +v2=ok@200 +v1=ok@300", "v2", "not-verified"],
    ["v2x ok +v1=ok@200", "v1", "v1 → a b"],
    ["v2 ok +v1=ok@200", "v2", "nothing-before"],
  ] as const)("%s to %s: %s", ([line, tag, expected]) => {
    expect(show(choose(parseStream("prod", line), { tag }))).toBe(expected);
  });

  it("is refused with what could be named in all of them", () => {
    const state = parseStream("prod", "a:v3 b:v2 ok +v2=ok@200 +v1=ok@300");
    expect(choose(state, { tag: "v7" })).toMatchInlineSnapshot(`
      {
        "kind": "refused",
        "reason": "not-verified",
        "sentence": "a and b in prod: v7 was never verified there. What could be named: v2, v1.",
      }
    `);
    expect(choose(parseStream("prod", "v2 ok +v1=ok@200"), { tag: "v7" })).toMatchInlineSnapshot(`
      {
        "kind": "refused",
        "reason": "not-verified",
        "sentence": "a and b in prod: v7 was never verified there. What could be named: v1.",
      }
    `);
  });

  it("is never latest, with what could be named instead", () => {
    const state = parseStream("prod", "v3 ok +latest=ok@100 +v2=ok@200 +v1=ok@300");
    expect(choose(state, { tag: "latest" })).toMatchInlineSnapshot(`
      {
        "kind": "refused",
        "reason": "not-verified",
        "sentence": "a and b in prod: latest names another image every day. What could be named: v2, v1.",
      }
    `);
  });

  it("moves only the tenants that are named", () => {
    const state = parseStream("prod", "v2 ok +v1=ok@200");
    expect(show(choose(state, { tenants: new Set(["b"]) }))).toBe("v1 → b");
  });
});

it("never leads forward, and never to what was not verified there", () => {
  const tag = fc.constantFrom("v1", "v2", "v3", "v4");
  const verdict = fc.record({
    tag,
    result: fc.constantFrom("ok", "failed", "timed-out", "superseded"),
    minutes: fc.integer({ min: 1, max: 400 }),
  });
  fc.assert(
    fc.property(
      tag,
      tag,
      fc.array(verdict, { maxLength: 8 }),
      fc.option(tag),
      (a, b, past, named) => {
        const words = past.map(({ tag: one, result, minutes }) => `+${one}=${result}@${minutes}`);
        const state = parseStream("prod", `a:${a} b:${b} ${words.join(" ")}`);
        const choice = choose(state, { tag: named });
        if (choice.kind === "refused") return;
        const held = new Map([
          ["a", a],
          ["b", b],
        ]);
        const moved = choice.moves.flatMap(({ tenants }) => tenants);
        expect(new Set(moved).size).toBe(moved.length);
        for (const { artifact, tenants } of choice.moves)
          for (const tenant of tenants) {
            expect(Number(artifact.tag.slice(1))).toBeLessThan(Number(held.get(tenant)?.slice(1)));
            expect(past).toContainEqual(
              expect.objectContaining({ tag: artifact.tag, result: "ok" }),
            );
          }
      },
    ),
    { numRuns: 500 },
  );
});
