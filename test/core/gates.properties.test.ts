import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Review } from "#core/approval.ts";
import type { Freeze } from "#core/freeze.ts";
import type { GatePolicy, LoadPolicy } from "#core/gate-policy.ts";
import type { LoadState } from "#core/load.ts";
import type { Measurement } from "#core/measurement.ts";
import type { PlanInput, StreamPlan } from "#core/plan-types.ts";
import { weekdays, type Window } from "#core/window.ts";

import { anArtifact, anEnvironment, aPlanInput, aPolicy, before, noon } from "../builders.ts";
import { solve, type Oracle } from "../oracle.ts";
import { arbitraryWorld, type World } from "./arbitrary-world.ts";
import { loadFigures } from "./load-figures.ts";
import { parseStream, showPlan } from "./plan-situation.ts";

/** Any situation, with any gates about people, times and numbers in all environments. */
const bound = 0.05;

/** In UTC, where it is Monday noon: what is so can be told without any calendar. */
const window: fc.Arbitrary<Window> = fc
  .record({
    effect: fc.constantFrom("allow", "allow", "deny"),
    days: fc.subarray([...weekdays], { minLength: 1 }),
    from: fc.constantFrom("00:00", "11:00", "11:59", "12:00", "12:01", "13:30"),
    to: fc.constantFrom("10:00", "11:30", "12:00", "12:01", "14:00", "23:59"),
    timezone: fc.constant("UTC"),
  })
  .filter(({ from, to }) => from !== to);

const freeze: fc.Arbitrary<Freeze> = fc
  .record({
    environment: fc.constantFrom("dev", "staging", "prod"),
    from: fc.constantFrom(-60, -1, 0, 1, 60),
    minutes: fc.constantFrom(1, 60, null),
  })
  .map(({ environment, from, minutes }) => ({
    environment,
    from: before(from),
    until: minutes === null ? null : new Date(before(from).getTime() + minutes * 60_000),
    reason: "",
    by: "dana",
    strict: false,
  }));

const review: fc.Arbitrary<Review> = fc.record({
  by: fc.constantFrom("anna", "dana", "erin", "Erin", "mallory"),
  byBot: fc.boolean(),
  state: fc.constantFrom("approved", "approved", "changes-requested", "dismissed", "commented"),
  head: fc.constantFrom("head-7", "head-7", "head-6"),
  at: fc.constant(before(5)),
});

const measurement: fc.Arbitrary<Measurement> = fc.oneof(
  fc.constantFrom(0, bound, 0.06, 1).map((value) => ({ kind: "value", value }) as const),
  fc.constant({ kind: "nothing", reason: "no-data", sentence: "None.", remedy: "Look." } as const),
);

const driven: fc.Arbitrary<LoadState> = fc.oneof(
  fc.constantFrom(0.01, bound, 0.06, null).map((p95) => ({
    kind: "done" as const,
    record: {
      key: "",
      environment: "",
      tenant: "a",
      attempt: 1,
      at: "2026-03-02T11:00:00.000Z",
      figures: { ...loadFigures, p95 },
    },
  })),
  fc.constantFrom({ kind: "running" } as const, { kind: "not-configured" } as const),
);

const loadPolicy: LoadPolicy = {
  kind: "load",
  durationMs: 1000,
  warmUpMs: 0,
  connections: 1,
  paths: ["/"],
  max: {},
  min: {},
};

const gates: fc.Arbitrary<readonly GatePolicy[]> = fc
  .tuple(
    fc.option(fc.array(window, { minLength: 1, maxLength: 2 })),
    fc.option(fc.tuple(fc.constantFrom(1, 2), fc.boolean())),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([windows, approvals, metric, load]) => {
    const written: GatePolicy[] = [];
    if (windows !== null) written.push({ kind: "window", windows });
    if (approvals !== null) {
      const [count, distinct] = approvals;
      written.push({ kind: "approvals", count, distinct, teams: [], people: [] });
    }
    if (metric) {
      const over = "upstream";
      written.push({ kind: "metric", name: "m", query: "m", max: bound, min: null, over });
    }
    if (load) written.push({ ...loadPolicy, max: { p95: bound } });
    return written;
  });

/** A world in which nothing but the gates keeps anything from being merged. */
const readyWorld: fc.Arbitrary<World> = fc
  .record({
    merge: fc.constantFrom("auto", "auto", "manual"),
    consent: fc.constantFrom("", "/promote", "/promote-before"),
    open: fc.constantFrom("pr=v2", "pr=v2", ""),
  })
  .map(({ merge, consent, open }) => {
    const streams = [
      parseStream("dev", "v1 ok@80 pr=v2 +v2=ok@90"),
      parseStream("staging", "v2 ok@70"),
      parseStream("prod", `v1 ok ${open} ${consent}`),
    ];
    const policy = aPolicy({
      environments: [
        anEnvironment("dev"),
        anEnvironment("staging"),
        anEnvironment("prod", { merge }),
      ],
    });
    const candidates = new Map([["demo-api", [anArtifact("v2")]]]);
    const input = aPlanInput(streams, { policy, candidates });
    return { input, oracle: {} };
  });

type GatedWorld = World & {
  readonly said: readonly Review[];
  readonly measured: Measurement;
  readonly load: LoadState;
};

function gated(world: fc.Arbitrary<World>): fc.Arbitrary<GatedWorld> {
  const more = {
    gates,
    freezes: fc.array(freeze, { maxLength: 2 }),
    said: fc.array(review, { maxLength: 4 }),
    measured: measurement,
    load: driven,
  };
  return fc
    .record({ world, ...more })
    .map(({ world: ungated, ...rest }) => withGates(ungated, rest));
}

function withGates(
  world: World,
  more: {
    readonly gates: readonly GatePolicy[];
    readonly freezes: readonly Freeze[];
    readonly said: readonly Review[];
    readonly measured: Measurement;
    readonly load: LoadState;
  },
): GatedWorld {
  const { gates: written, freezes, said, measured, load } = more;
  const environments = world.input.policy.environments.map((environment) => ({
    ...environment,
    gates: [...environment.gates, ...written],
  }));
  const policy = { ...world.input.policy, environments };
  const input: PlanInput = { ...world.input, policy, freezes };
  const oracle: Oracle = {
    ...world.oracle,
    reviews: said,
    strangers: ["mallory"],
    measure: () => measured,
    load,
  };
  return { input, oracle, said, measured, load };
}

type Promotion = Extract<StreamPlan["promotion"], { kind: "promote" }>;

/** Runs a rule on everything that any plan merges, and makes sure that it was run at all. */
function eachMerge(rule: (world: GatedWorld, stream: StreamPlan, promotion: Promotion) => void) {
  let merges = 0;
  fc.assert(
    fc.property(gated(readyWorld), (world) => {
      for (const stream of solve(world.input, world.oracle).plan.streams) {
        if (stream.promotion.kind !== "promote" || !stream.promotion.merge) continue;
        merges += 1;
        rule(world, stream, stream.promotion);
      }
    }),
    { numRuns: 600 },
  );
  expect(merges).toBeGreaterThan(50);
}

function gatesIn<Kind extends GatePolicy["kind"]>(world: World, stream: StreamPlan, kind: Kind) {
  const environment = world.input.policy.environments.find(
    ({ name }) => name === stream.stream.environment,
  );
  return (environment?.gates ?? []).filter(
    (gate): gate is Extract<GatePolicy, { kind: Kind }> => gate.kind === kind,
  );
}

describe("whatever is merged", () => {
  it("is merged into no frozen environment", () => {
    eachMerge(({ input }, { stream }) => {
      const holding = input.freezes.filter(
        ({ environment, from, until }) =>
          environment === stream.environment && from <= noon && (until === null || until > noon),
      );
      expect(holding).toEqual([]);
    });
  });

  it("is merged while every window is open", () => {
    eachMerge((world, stream) => {
      for (const { windows } of gatesIn(world, stream, "window")) {
        const within = windows.filter(isWithinAtNoon);
        expect(within.some(({ effect }) => effect === "deny")).toBe(false);
        const allows = windows.filter(({ effect }) => effect === "allow");
        expect(allows.length === 0 || within.length > 0).toBe(true);
      }
    });
  });

  it("has a number within its bounds, unless nothing comes before", () => {
    eachMerge((world, stream) => {
      if (stream.stream.environment === "dev" || gatesIn(world, stream, "metric").length === 0)
        return;
      expect(world.measured.kind === "value" && world.measured.value <= bound).toBe(true);
    });
  });

  it("comes from where it bore its load, unless nothing comes before", () => {
    eachMerge((world, stream) => {
      if (stream.stream.environment === "dev" || gatesIn(world, stream, "load").length === 0)
        return;
      const p95 = world.load.kind === "done" ? world.load.record.figures.p95 : null;
      expect(p95 !== null && p95 <= bound).toBe(true);
    });
  });

  it("has as many approvals of this very head as it takes, and nobody against it", () => {
    eachMerge((world, stream, { open }) => {
      const [policy] = gatesIn(world, stream, "approvals");
      if (policy === undefined) return;
      const consents = (open?.consents ?? []).filter(({ head }) => head === open?.head);
      const last = new Map<string, Review>();
      for (const one of world.said)
        if (!one.byBot && one.state !== "commented") last.set(one.by.toLowerCase(), one);
      last.delete("mallory");
      const against = [...last.values()].filter(({ state }) => state === "changes-requested");
      expect(against).toEqual([]);
      const agreed = new Set(
        [...last.values()]
          .filter(({ state, head }) => state === "approved" && head === open?.head)
          .map(({ by }) => by.toLowerCase()),
      );
      for (const { by } of consents) agreed.add(by.toLowerCase());
      if (policy.distinct && open?.requestedBy) agreed.delete(open.requestedBy.toLowerCase());
      agreed.delete("anna");
      expect(agreed.size).toBeGreaterThanOrEqual(policy.count);
    });
  });
});

it("nothing changes before the moment at which the plan wants to be woken", () => {
  let waiting = 0;
  fc.assert(
    fc.property(
      gated(arbitraryWorld),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (world, share) => {
        const { streams } = solve(world.input, world.oracle).plan;
        const wakes = streams.flatMap(({ wakeAt }) => (wakeAt === null ? [] : [wakeAt.getTime()]));
        if (wakes.length > 0) waiting += 1;
        const first = wakes.length === 0 ? noon.getTime() + 10 * 86_400_000 : Math.min(...wakes);
        const span = first - 1000 - noon.getTime();
        const later = new Date(noon.getTime() + Math.max(0, Math.floor(span * share)));
        const then = solve({ ...world.input, now: later }, world.oracle).plan;
        expect(then.streams.map(showPlan)).toEqual(streams.map(showPlan));
      },
    ),
    { numRuns: 600 },
  );
  expect(waiting).toBeGreaterThan(100);
});

/** Monday, 12:00: within, or within what began on Sunday. */
function isWithinAtNoon({ days, from, to }: Window): boolean {
  const overnight = to < from;
  if (days.includes("mon") && from <= "12:00" && (overnight || "12:00" < to)) return true;
  return overnight && days.includes("sun") && "12:00" < to;
}
