import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { sameArtifact } from "#core/artifact.ts";
import {
  questionKey,
  type Answer,
  type PlannedPromotion,
  type PlannedSide,
  type StreamPlan,
  type StreamState,
} from "#core/plan-types.ts";
import { makePlan } from "#core/plan.ts";

import { before } from "../builders.ts";
import { byNumber, consult, solve } from "../oracle.ts";
import { arbitraryWorld, type World } from "./arbitrary-world.ts";
import { pastRollbacksIn, sidesIn } from "./side-situation.ts";

const tag = fc.constantFrom("v1", "v2", "v3", "v4", "v2x");
const tenants = fc.constantFrom("a", "b", "ab");
const rollback = fc.tuple(tag, fc.constantFrom("", "", "?", "*", "!"), tenants);
const beside = fc.tuple(
  fc.option(
    rollback.map(([to, mark, who]) => `rollback=${to}${mark}:${who}`),
    { nil: "" },
  ),
  fc.option(
    fc.tuple(tag, tenants).map(([to, who]) => `catch-up=${to}:${who}`),
    { nil: "" },
  ),
  fc.option(
    fc.tuple(tag, tenants).map(([to, who]) => `subset=${to}:${who}`),
    { nil: "" },
  ),
  fc.option(
    tag.map((one) => `was-rollback=${one}`),
    { nil: "", freq: 3 },
  ),
  fc.constantFrom("", "", "", "tried"),
  fc.constantFrom("", "", "", "overtaken=a"),
);

/** Any world, with any promotions beside the streams' own ones, and a policy that may roll back. */
const world: fc.Arbitrary<World> = fc
  .tuple(
    arbitraryWorld,
    fc.array(beside, { minLength: 5, maxLength: 5 }),
    fc.constantFrom("halt", "rollback", "rollback"),
    fc.constantFrom(false, false, true),
  )
  .map(([{ input, oracle }, words, onFailure, frozen]) => ({
    oracle,
    input: {
      ...input,
      streams: input.streams.map((state, index) => ({
        ...state,
        sides: sidesIn(words[index] ?? []),
        pastRollbacks: pastRollbacksIn(words[index] ?? []),
      })),
      freezes: frozen
        ? [
            {
              environment: "prod",
              from: before(60),
              until: null,
              reason: "peak",
              by: "dana",
              strict: true,
            },
          ]
        : [],
      policy: {
        ...input.policy,
        environments: input.policy.environments.map((environment) => ({
          ...environment,
          rollout: { ...environment.rollout, onFailure } as const,
        })),
      },
    },
  }));

type Promotion = Extract<PlannedPromotion, { kind: "promote" }>;
type Seen = { plan: StreamPlan; state: StreamState; world: World };

describe("a rollback", () => {
  it("never moves forward, and only who holds something else", () => {
    eachSide("rollback", ({ promotion, state }) => {
      for (const { held } of movesOf(promotion, state))
        expect(["older", "unordered"]).toContain(byNumber(held, promotion.artifact).relation);
    });
  });

  it("is merged with a consent to its head, or because the policy wants it now; never a person's work", () => {
    eachSide("rollback", ({ promotion, side, state, world: { input } }) => {
      if (!promotion.merge) return;
      const { open } = promotion;
      expect(open?.ownership).not.toBe("person");
      expect(
        input.freezes.some(({ environment }) => environment === state.stream.environment),
      ).toBe(false);
      if (open?.consents.some(({ head }) => head === open.head) === true) return;
      expect(side.requestedBy).toBeNull();
      expect(input.policy.environments[0]?.rollout.onFailure).toBe("rollback");
      expect(state.pastRollbacks).not.toContainEqual(
        expect.objectContaining({ mergeRevision: null }),
      );
      const failed = movesOf(promotion, state).every(({ held }) => {
        const newest = state.verdicts.find((one) => sameArtifact(one.artifact, held));
        return newest?.result === "failed" || newest?.result === "timed-out";
      });
      expect(failed).toBe(true);
    });
  });

  it("of the policy's own leads to what was verified in each tenant that it moves", () => {
    eachSide("rollback", ({ promotion, side, state }) => {
      if (side.number !== null) return;
      for (const { tenant } of movesOf(promotion, state)) {
        const own = state.verdicts.find(
          (one) =>
            one.result !== "superseded" &&
            sameArtifact(one.artifact, promotion.artifact) &&
            one.tenants.includes(tenant),
        );
        expect(own?.result).toBe("verified");
      }
    });
  });

  it("goes before everything else of its service there", () => {
    check((drawn) => {
      const { plan } = solve(drawn.input, drawn.oracle);
      for (const one of plan.streams) {
        const back = plan.streams.some(
          ({ stream, sides }) =>
            stream.environment === one.stream.environment &&
            sides.some(
              ({ kind, promotion }) => kind === "rollback" && promotion.kind === "promote",
            ),
        );
        const others = one.sides.filter(({ kind }) => kind !== "rollback");
        if (back)
          for (const promotion of [one.promotion, ...others.map((side) => side.promotion)])
            expect(promotion.kind === "promote" && promotion.merge).toBe(false);
      }
    });
  });
});

describe("whatever goes forward beside the stream's own promotion", () => {
  it.for(["catch-up", "subset"] as const)("%s moves no target backwards", (kind) => {
    eachSide(kind, ({ promotion, state }) => {
      for (const { held } of movesOf(promotion, state))
        expect(["newer", "unordered"]).toContain(byNumber(held, promotion.artifact).relation);
    });
  });

  it.for(["catch-up", "subset"] as const)(
    "%s is merged only when every gate has passed",
    (kind) => {
      eachSide(kind, ({ promotion, plan, state }) => {
        if (!promotion.merge) return;
        expect(promotion.gates.every(({ status }) => ["passed", "skipped"].includes(status))).toBe(
          true,
        );
        expect(promotion.open?.ownership).not.toBe("person");
        expect(state.holds.filter(({ artifact }) => artifact === null)).toEqual([]);
        expect(plan.rollouts).toEqual([]);
      });
    },
  );

  it("no tenant catches up that the stream's own promotion moves", () => {
    eachSide("catch-up", ({ promotion, plan, side, state }) => {
      if (plan.promotion.kind !== "promote" || side.number !== null) return;
      const own = new Set(movesOf(plan.promotion, state).map(({ tenant }) => tenant));
      const late = movesOf(promotion, state).map(({ tenant }) => tenant);
      expect(late.every((tenant) => own.has(tenant))).toBe(false);
    });
  });
});

it("no promotion is planned twice, and each open one exactly once", () => {
  check((drawn) => {
    for (const [index, { sides }] of solve(drawn.input, drawn.oracle).plan.streams.entries()) {
      const open = drawn.input.streams[index]?.sides ?? [];
      const numbers = sides.flatMap(({ number }) => (number === null ? [] : [number]));
      expect(numbers.length).toBe(open.length);
      expect(new Set(numbers)).toEqual(new Set(open.map((side) => side.open.number)));
      const names = sides.flatMap(({ kind, promotion }) =>
        promotion.kind === "promote" ? [`${kind} ${promotion.artifact.tag}`] : [],
      );
      expect(new Set(names).size).toBe(names.length);
    }
  });
});

it("a preliminary plan merges nothing that the final one does not", () => {
  check(({ input, oracle }) => {
    const final = solve(input, oracle).plan;
    const answers = new Map<string, Answer>();
    for (;;) {
      const plan = makePlan({ ...input, answers });
      if (plan.questions.length === 0) break;
      for (const [index, { sides }] of plan.streams.entries())
        for (const side of sides)
          if (side.promotion.kind === "promote" && side.promotion.merge)
            expect(final.streams[index]?.sides).toContainEqual(side);
      for (const question of plan.questions)
        answers.set(questionKey(question), consult(oracle, question));
    }
  });
});

function check(property: (drawn: World) => void): void {
  fc.assert(fc.property(world, property), { numRuns: 200 });
}

function eachSide(
  kind: PlannedSide["kind"],
  look: (seen: Seen & { side: PlannedSide; promotion: Promotion }) => void,
): void {
  let seen = 0;
  check((drawn) => {
    const { plan } = solve(drawn.input, drawn.oracle);
    for (const [index, one] of plan.streams.entries()) {
      const state = drawn.input.streams[index];
      if (state === undefined) continue;
      for (const side of one.sides) {
        if (side.kind !== kind || side.promotion.kind !== "promote") continue;
        seen += 1;
        look({ plan: one, state, world: drawn, side, promotion: side.promotion });
      }
    }
  });
  // A property over nothing would say nothing.
  expect(seen).toBeGreaterThan(20);
}

function movesOf({ targets }: Promotion, state: StreamState) {
  return targets.flatMap(({ target, outcome }) => {
    const held = state.targets.find((one) => one.target === target)?.desired;
    if (outcome !== "move" || held?.kind !== "artifact") return [];
    return [{ tenant: target.tenant, held: held.artifact }];
  });
}
