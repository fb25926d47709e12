import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { sameArtifact } from "#core/artifact.ts";
import {
  questionKey,
  type Answer,
  type PlanInput,
  type StreamPlan,
  type StreamState,
} from "#core/plan-types.ts";
import { makePlan } from "#core/plan.ts";
import { streamKey } from "#core/target.ts";

import { byNumber, consult, solve } from "../oracle.ts";
import { arbitraryWorld, type World } from "./arbitrary-world.ts";
import { verifiedSince } from "./verified-since.ts";

type Promotion = Extract<StreamPlan["promotion"], { kind: "promote" }>;

/** Every rule is computed here a second time, from the input alone and without the code that plans. */
describe("whatever stands there", () => {
  it("comes to an end, asking nothing twice", () => {
    check((world) => {
      expect(solve(world.input, world.oracle).passes).toBeLessThanOrEqual(12);
    });
  });

  it("plans the same for the same, in whatever order candidates and answers come", () => {
    check((world) => {
      const { plan, answers } = solve(world.input, world.oracle);
      const candidates = new Map(
        [...world.input.candidates].map(([name, list]) => [name, list.toReversed()]),
      );
      const turned = new Map([...answers].toReversed());
      expect(makePlan({ ...world.input, candidates, answers: turned })).toEqual(plan);
    });
  });

  it("never merges on a preliminary plan what the final one does not merge", () => {
    check(({ input, oracle }) => {
      const final = solve(input, oracle).plan;
      const answers = new Map<string, Answer>();
      for (;;) {
        const plan = makePlan({ ...input, answers });
        for (const [index, stream] of plan.streams.entries()) {
          if (merges(stream)) expect(stream).toEqual(final.streams[index]);
        }
        if (plan.questions.length === 0) break;
        for (const question of plan.questions)
          answers.set(questionKey(question), consult(oracle, question));
      }
    });
  });

  it("names every target once, and no stream twice", () => {
    check((world) => {
      const { plan } = solve(world.input, world.oracle);
      expect(plan.streams.map(({ stream }) => streamKey(stream))).toEqual(
        world.input.streams.map(({ stream }) => streamKey(stream)),
      );
      eachPromotion(world, ({ promotion, state }) => {
        expect(promotion.targets.map(({ target }) => target)).toEqual(
          [...state.targets, ...(state.staying ?? [])].map(({ target }) => target),
        );
        expect(promotion.targets.some(({ outcome }) => outcome === "move")).toBe(true);
      });
    });
  });

  it("rolls out exactly what has no verdict", () => {
    check((world) => {
      for (const [index, plan] of solve(world.input, world.oracle).plan.streams.entries()) {
        const state = world.input.streams[index];
        const missing = state?.desired.filter(({ artifact, commit, tenants }) => {
          const own = state.verdicts.filter(
            (one) => one.result !== "superseded" && sameArtifact(one.artifact, artifact),
          );
          const judged = own.flatMap((one) => one.tenants);
          return (
            !own.some((one) => one.commit === commit) ||
            tenants.some((tenant) => !judged.includes(tenant))
          );
        });
        expect(plan.rollouts).toEqual(missing);
      }
    });
  });
});

describe("whatever is merged", () => {
  it("has passed every gate, is Sluice's own, is not held, and follows no open rollout", () => {
    check((world) => {
      eachPromotion(world, ({ promotion, plan, state, environment }) => {
        if (!promotion.merge) return;
        expect(
          promotion.gates.every(({ status }) => status === "passed" || status === "skipped"),
        ).toBe(true);
        expect(promotion.open?.ownership).not.toBe("person");
        expect(state.holds.filter(({ artifact }) => artifact === null)).toEqual([]);
        expect(plan.rollouts).toEqual([]);
        expect(world.input.deployers).toContain(environment.argocd);
        const consent = state.open?.consents.some(({ head }) => head === state.open?.head);
        if (environment.merge === "manual") {
          expect(consent).toBe(true);
          expect(promotion.artifact).toEqual(state.open?.artifact);
        }
      });
    });
  });

  it("is verified in everything before, for long enough", () => {
    check((world) => {
      eachPromotion(world, ({ promotion, state, environment }) => {
        if (!promotion.merge) return;
        const since = verifiedSince(world.input, state, promotion.artifact);
        expect(since).not.toBeNull();
        const soak = Math.max(
          0,
          ...environment.gates.map((gate) => (gate.kind === "soak" ? gate.forMs : 0)),
        );
        const ring = environment.rings.find(({ name }) => name === state.stream.ring);
        const now = world.input.now.getTime();
        expect(now - (since?.environments ?? 0)).toBeGreaterThanOrEqual(soak);
        expect(now - (since?.rings ?? 0)).toBeGreaterThanOrEqual(ring?.soakMs ?? 0);
      });
    });
  });

  it("may be promoted, and nothing that failed or was refused keeps it out", () => {
    check((world) => {
      eachPromotion(world, ({ promotion, state }) => {
        if (!promotion.merge) return;
        const { artifact } = promotion;
        expect(world.oracle.eligible?.(artifact).kind).toBe("eligible");
        const failed = state.verdicts.find(
          (one) => one.result !== "superseded" && sameArtifact(one.artifact, artifact),
        );
        expect(failed?.result ?? "verified").toBe("verified");
        for (const veto of state.vetoes)
          expect(byNumber(veto.artifact, artifact).relation).toBe("newer");
        for (const hold of state.holds)
          expect(hold.artifact && byNumber(hold.artifact, artifact).relation).toBe("newer");
      });
    });
  });
});

describe("whatever moves", () => {
  it("is not pinned", () => {
    check((world) => {
      eachPromotion(world, ({ promotion, state }) => {
        const pinned = (state.staying ?? []).map(({ target }) => target);
        for (const { target, outcome } of promotion.targets)
          expect(outcome === "stays").toBe(pinned.includes(target));
      });
    });
  });

  it("moves no target backwards, and sideways only by a person's decision", () => {
    check((world) => {
      eachPromotion(world, ({ promotion, state }) => {
        const consented = state.open?.consents.some(({ head }) => head === state.open?.head);
        for (const { target, outcome } of promotion.targets) {
          const desired = state.targets.find((one) => one.target === target)?.desired;
          if (outcome !== "move" || desired?.kind !== "artifact") continue;
          const { relation } = byNumber(desired.artifact, promotion.artifact);
          expect(["newer", "unordered"]).toContain(relation);
          if (relation === "unordered" && promotion.merge) expect(consented).toBe(true);
        }
      });
    });
  });

  it("is newer somewhere, or new to some target that it moves: no decision is asked for twice", () => {
    check((world) => {
      eachPromotion(world, ({ promotion, state }) => {
        if (state.open !== null) return;
        const moving = state.targets.filter(({ target }) =>
          promotion.targets.some((one) => one.target === target && one.outcome === "move"),
        );
        const judged = state.verdicts
          .filter((one) => sameArtifact(one.artifact, promotion.artifact))
          .flatMap(({ tenants }) => tenants);
        const wanted = moving.some(
          ({ target, desired }) =>
            desired.kind === "artifact" &&
            (byNumber(desired.artifact, promotion.artifact).relation === "newer" ||
              !judged.includes(target.tenant)),
        );
        expect(wanted).toBe(true);
      });
    });
  });

  it("replaces an open promotion only by something strictly newer, and in the way that the policy says", () => {
    check((world) => {
      eachPromotion(world, ({ promotion, state, environment }) => {
        const { open } = state;
        if (open === null || sameArtifact(open.artifact, promotion.artifact)) return;
        expect(open.ownership).toBe("sluice");
        const inPlace = environment.supersede !== "replace";
        expect([promotion.open, promotion.replaces]).toEqual(
          inPlace ? [open, undefined] : [null, open],
        );
        const stillMoves = state.desired.some(({ artifact }) =>
          ["newer", "unordered"].includes(byNumber(artifact, open.artifact).relation),
        );
        if (stillMoves) expect(byNumber(open.artifact, promotion.artifact).relation).toBe("newer");
      });
    });
  });

  it("opens nothing new while a person or a revert holds the stream", () => {
    check((world) => {
      eachPromotion(world, ({ promotion, state }) => {
        if (state.holds.every(({ artifact }) => artifact !== null)) return;
        expect(promotion.open).not.toBeNull();
        expect(promotion.merge).toBe(false);
      });
    });
  });
});

function check(property: (world: World) => void): void {
  fc.assert(fc.property(arbitraryWorld, property), { numRuns: 300 });
}

function eachPromotion(
  { input, oracle }: World,
  look: (seen: {
    promotion: Promotion;
    plan: StreamPlan;
    state: StreamState;
    environment: PlanInput["policy"]["environments"][number];
  }) => void,
): void {
  for (const [index, plan] of solve(input, oracle).plan.streams.entries()) {
    const state = input.streams[index];
    const environment = input.policy.environments.find(
      ({ name }) => name === plan.stream.environment,
    );
    if (plan.promotion.kind !== "promote" || !state || !environment) continue;
    look({ promotion: plan.promotion, plan, state, environment });
  }
}

function merges({ promotion }: StreamPlan): boolean {
  return promotion.kind === "promote" && promotion.merge;
}
