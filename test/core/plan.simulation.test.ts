import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Artifact } from "#core/artifact.ts";
import type { Answer, OpenPromotion, StreamState } from "#core/plan-types.ts";
import type { Verdict } from "#core/verdict.ts";

import {
  aPlanInput,
  aPolicy,
  aStream,
  aStreamState,
  aTarget,
  aTargetState,
  anArtifact,
  anEnvironment,
  noon,
} from "../builders.ts";
import { solve } from "../oracle.ts";

/** One environment as it changes over the minutes. */
type Place = {
  readonly environment: string;
  held: number;
  /** Newest first. */
  verdicts: Verdict[];
  open: OpenPromotion | null;
  rolloutEnds: number | null;
  readonly merges: { readonly minute: number; readonly build: number }[];
};

type Course = {
  readonly minutes: number;
  /** Minutes between two builds. */
  readonly buildEvery: number;
  /** Minutes from a merge to its verdict. */
  readonly rolloutTakes: number;
  /** Builds that fail in dev. */
  readonly bad: (build: number) => boolean;
  /** Minutes until the checks of a build are green. */
  readonly checksTake: number;
};

describe("over the hours", () => {
  it("a build every minute does not starve prod", () => {
    const hours = 3;
    const { dev, staging, prod } = run({ ...calm, minutes: hours * 60 });
    // A build every minute, a rollout of three, soaks of ten and sixty minutes: prod is never further behind.
    expect(prod.merges.length).toBeGreaterThan(15);
    expect(behind(prod, hours * 60)).toBeLessThanOrEqual(60 + 10 + 4 * 5);
    expect(behind(staging, hours * 60)).toBeLessThanOrEqual(10 + 3 * 5);
    expect(behind(dev, hours * 60)).toBeLessThanOrEqual(5);
  });

  it("checks that take longer than a build do not starve dev", () => {
    const { dev } = run({ ...calm, minutes: 120, checksTake: 7 });
    expect(dev.merges.length).toBeGreaterThan(10);
    expect(behind(dev, 120)).toBeLessThanOrEqual(7 + 7 + 4);
  });

  it("reaches prod whatever the rhythm, never goes backwards, and lets nothing bad out of dev", () => {
    const course = fc.record({
      minutes: fc.constant(3 * 60),
      buildEvery: fc.integer({ min: 1, max: 30 }),
      rolloutTakes: fc.integer({ min: 1, max: 12 }),
      checksTake: fc.integer({ min: 0, max: 10 }),
      // Scattered, so that no rhythm of builds ever meets bad ones only.
      bad: fc
        .integer({ min: 0, max: 4 })
        .map((share) => (build: number) => (build * 7919) % 11 < share),
    });
    fc.assert(
      fc.property(course, (options) => {
        const places = run(options);
        for (const { merges } of Object.values(places)) {
          expect(merges.map(({ build }) => build)).toEqual(
            [...new Set(merges.map(({ build }) => build))].toSorted((one, other) => one - other),
          );
        }
        for (const { merges } of [places.staging, places.prod])
          expect(merges.filter(({ build }) => options.bad(build))).toEqual([]);
        expect(places.prod.merges.length).toBeGreaterThan(0);
      }),
      { numRuns: 15 },
    );
  });
});

const calm: Course = {
  minutes: 60,
  buildEvery: 1,
  rolloutTakes: 3,
  checksTake: 0,
  bad: () => false,
};

/** Plays the minutes: builds appear, the plan is acted on, rollouts end. Answers are kept, as Sluice keeps them. */
function run(course: Course): Record<"dev" | "staging" | "prod", Place> {
  const places = { dev: place("dev"), staging: place("staging"), prod: place("prod") };
  let answers: ReadonlyMap<string, Answer> = new Map();
  for (let minute = 1; minute <= course.minutes; minute += 1) {
    const now = at(minute);
    const newest = Math.floor(minute / course.buildEvery) + 1;
    for (const one of Object.values(places)) endRollout(one, minute, course);
    const published = Array.from({ length: Math.min(newest, 40) }, (_, age) => build(newest - age));
    const input = aPlanInput(Object.values(places).map(stateOf), {
      now,
      policy,
      candidates: new Map([["demo-api", published]]),
      answers: lasting(answers),
    });
    const solved = solve(input, {
      checks: ({ tag }) =>
        minute >= Number(tag.slice(1)) * course.buildEvery + course.checksTake - course.buildEvery
          ? "success"
          : "pending",
    });
    answers = solved.answers;
    for (const { stream, promotion } of solved.plan.streams) {
      const one = places[stream.environment as keyof typeof places];
      if (promotion.kind !== "promote") continue;
      one.open = {
        number: 1,
        head: `head-${promotion.artifact.tag}`,
        artifact: promotion.artifact,
        tenants: ["a", "b"],
        ownership: "sluice",
        consents: [],
      };
      if (promotion.merge) merge(one, promotion.artifact, minute, course);
    }
  }
  return places;
}

const policy = aPolicy({
  environments: [
    anEnvironment("dev", { gates: [{ kind: "checks", names: ["test"] }] }),
    anEnvironment("staging", { gates: [{ kind: "soak", forMs: 600_000 }] }),
    anEnvironment("prod", { gates: [{ kind: "soak", forMs: 3_600_000 }] }),
  ],
});

function place(environment: string): Place {
  return {
    environment,
    held: 1,
    verdicts: [verdict(1, 0, "verified")],
    open: null,
    rolloutEnds: null,
    merges: [],
  };
}

function stateOf({ environment, held, verdicts, open }: Place): StreamState {
  const stream = aStream({ environment });
  const targets = ["a", "b"].map((tenant) => aTargetState(aTarget(tenant, stream), build(held)));
  return aStreamState(stream, targets, { verdicts, open });
}

function merge(one: Place, artifact: Artifact, minute: number, course: Course): void {
  one.held = Number(artifact.tag.slice(1));
  one.open = null;
  one.rolloutEnds = minute + course.rolloutTakes;
  one.merges.push({ minute, build: one.held });
}

function endRollout(one: Place, minute: number, course: Course): void {
  if (one.rolloutEnds === null || minute < one.rolloutEnds) return;
  one.rolloutEnds = null;
  const failed = one.environment === "dev" && course.bad(one.held);
  one.verdicts = [verdict(one.held, minute, failed ? "failed" : "verified"), ...one.verdicts].slice(
    0,
    60,
  );
}

function verdict(number: number, minute: number, result: Verdict["result"]): Verdict {
  const artifact = build(number);
  return {
    artifact,
    result,
    at: at(minute),
    commit: `commit-of-${artifact.tag}`,
    tenants: ["a", "b"],
    sentence: "Over.",
  };
}

/** How old (in builds) what stands in a place is. */
function behind({ held }: Place, newest: number): number {
  return newest - held;
}

/** Orders cannot change and are kept; what may change is asked anew. */
function lasting(answers: ReadonlyMap<string, Answer>): ReadonlyMap<string, Answer> {
  return new Map([...answers].filter(([, answer]) => answer.kind === "order"));
}

function build(number: number): Artifact {
  return anArtifact(`v${number}`);
}

function at(minute: number): Date {
  return new Date(noon.getTime() + minute * 60_000);
}
