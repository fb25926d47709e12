import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { StreamState } from "#core/plan-types.ts";
import type { RingPolicy } from "#core/policy.ts";

import {
  aPlanInput,
  aPolicy,
  aRing,
  aStream,
  aStreamState,
  aTarget,
  aTargetState,
  aVerdict,
  anArtifact,
  anEnvironment,
  before,
} from "../builders.ts";
import { solve } from "../oracle.ts";

/** One ring on its way: how many of its tenants are well on v2, failed on it, or are pinned; and how many it bears. */
type Way = {
  readonly well: number;
  readonly failed: number;
  readonly pinned: number;
  readonly bears: number;
  /** No verdict yet. */
  readonly open: boolean;
};

const few = fc.integer({ min: 0, max: 3 });
const way: fc.Arbitrary<Way> = fc.record({
  well: fc.integer({ min: 0, max: 4 }),
  failed: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, few),
  pinned: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, few),
  bears: few,
  open: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.boolean()),
});
const ways = fc.array(way, { minLength: 1, maxLength: 3 });

const [v1, v2] = [anArtifact("v1"), anArtifact("v2")];

/** What a person would say, ring by ring: may what follows have v2? */
function mayFollow({ well, failed, pinned, bears, open }: Way): boolean {
  if (well + failed === 0) return pinned > 0;
  return !open && failed <= bears && well > 0;
}

function stateOf(environment: string, ring: string, seen: Way): StreamState {
  const stream = aStream({ environment, ring });
  const names = (count: number, word: string) =>
    Array.from({ length: count }, (_, index) => `${ring}-${word}-${index}`);
  const [well, failed] = [names(seen.well, "well"), names(seen.failed, "failed")];
  const tenants = [...well, ...failed];
  const stays = { kind: "pinned", sentence: "Pinned." } as const;
  const verdict = aVerdict(v2, { tenants, at: before(120), failures: failed });
  return aStreamState(
    stream,
    tenants.map((tenant) => aTargetState(aTarget(tenant, stream), v2)),
    {
      staying: names(seen.pinned, "pinned").map((tenant) => ({
        ...aTargetState(aTarget(tenant, stream), v1),
        stays,
      })),
      verdicts: seen.open || tenants.length === 0 ? [] : [verdict],
    },
  );
}

function ringsOf(list: readonly Way[]): RingPolicy[] {
  return list.map(({ bears }, index) => aRing(`ring-${index}`, { maxFailures: bears }));
}

/** Everybody of a last stream holds v1: is it merged there? */
function merges(
  environments: readonly { readonly name: string; readonly rings: readonly RingPolicy[] }[],
  streams: readonly StreamState[],
): boolean {
  const policy = aPolicy({
    environments: environments.map(({ name, rings }) => anEnvironment(name, { rings })),
  });
  const { plan } = solve(
    aPlanInput(streams, { policy, candidates: new Map([["demo-api", [v2]]]) }),
  );
  const last = plan.streams.at(-1)?.promotion;
  return last?.kind === "promote" && last.merge;
}

function waiting(environment: string, ring: string): StreamState {
  const stream = aStream({ environment, ring });
  const tenants = ["x", "y"];
  const targets = tenants.map((tenant) => aTargetState(aTarget(tenant, stream), v1));
  return aStreamState(stream, targets, { verdicts: [aVerdict(v1, { tenants, at: before(300) })] });
}

const dev: Way = { well: 2, failed: 0, pinned: 0, bears: 0, open: false };

describe("the ring after several", () => {
  it("gets an artifact exactly when every ring before it is verified on it", () => {
    fc.assert(
      fc.property(ways, (list) => {
        const rings = [...ringsOf(list), aRing("last")];
        const streams = [
          stateOf("dev", "all", dev),
          ...list.map((one, index) => stateOf("prod", `ring-${index}`, one)),
          waiting("prod", "last"),
        ];
        const environments = [
          { name: "dev", rings: [aRing()] },
          { name: "prod", rings },
        ];
        expect(merges(environments, streams)).toBe(list.every(mayFollow));
      }),
      { numRuns: 500 },
    );
  });
});

describe("the environment after several rings", () => {
  it("gets an artifact exactly when all of them are verified on it, and somebody is there", () => {
    fc.assert(
      fc.property(ways, (list) => {
        const streams = [
          ...list.map((one, index) => stateOf("staging", `ring-${index}`, one)),
          waiting("prod", "all"),
        ];
        const environments = [
          { name: "staging", rings: ringsOf(list) },
          { name: "prod", rings: [aRing()] },
        ];
        const there = list.filter(({ well, failed, pinned }) => well + failed + pinned > 0);
        const expected = there.length > 0 && there.every(mayFollow);
        expect(merges(environments, streams)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
});
