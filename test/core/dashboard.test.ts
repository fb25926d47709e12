import { describe, expect, it } from "vitest";

import { newTicks, renderTick, renderUnheard, standingTicks } from "#core/dashboard-tick.ts";
import { renderDashboard, type DashboardView } from "#core/dashboard.ts";
import { findDrift } from "#core/drift.ts";
import { findLags } from "#core/lag.ts";
import { makePlan } from "#core/plan.ts";
import { noStops, parseStops, withStop, type Stop } from "#core/stop.ts";
import { streamKey } from "#core/target.ts";

import {
  anArtifact,
  anOpenPromotion,
  aPlanInput,
  aPolicy,
  aStream,
  aStreamState,
  aTarget,
  aTargetState,
  aVerdict,
  before,
  noon,
} from "../builders.ts";

const [v1, v2] = [anArtifact("v1"), anArtifact("v2")];
const head = "0123456789abcdef0123456789abcdef01234567";

const hold: Stop = {
  kind: "hold",
  environment: "prod",
  service: null,
  by: "mona",
  at: before(20),
  reason: "looks | odd, see #7 and @bob",
};

function aState(environment: string, artifact = v1, tenants = ["a", "b"]) {
  const stream = aStream({ environment });
  const targets = tenants.map((tenant) => aTargetState(aTarget(tenant, { environment }), artifact));
  return aStreamState(stream, targets, { verdicts: [aVerdict(artifact, { tenants })] });
}

function aView(change: Partial<DashboardView> = {}): DashboardView {
  const states = [
    aState("dev", v2),
    aState("staging"),
    { ...aState("prod"), open: anOpenPromotion(v2, { head, number: 12 }) },
  ];
  const plans = new Map(
    makePlan(aPlanInput(states)).streams.map((one) => [streamKey(one.stream), one]),
  );
  const lags = findLags(aPolicy(), states);
  return {
    paused: false,
    record: withStop(noStops, hold) ?? noStops,
    promotions: [{ number: 9, title: "promote(dev): demo-api v1 → v2 (@all)", mergedAt: noon }],
    environments: aPolicy().environments.map(({ name }) => ({
      name,
      freezes:
        name === "staging"
          ? [
              {
                environment: name,
                from: noon,
                until: before(-60),
                reason: "sale",
                by: "rita",
                strict: false,
              },
            ]
          : [],
      stops: name === "prod" ? [hold] : [],
      drift: name === "dev" ? { missing: [], drifted: ["a"], behind: [] } : null,
      streams: states
        .filter(({ stream }) => stream.environment === name)
        .map((state) => ({
          state,
          plan: plans.get(streamKey(state.stream)) ?? null,
          lag: lags.get(streamKey(state.stream)) ?? null,
        })),
    })),
    ...change,
  };
}

describe("the dashboard", () => {
  it("shows by environment and ring what runs, what waits and what is stopped", () => {
    expect(renderDashboard(aView())).toMatchInlineSnapshot(`
      "<!-- sluice:dashboard -->

      What runs where, what waits for what, and what is stopped. **Tick a box to act**: Sluice checks whether you may, does it, and writes this page anew. Commands in comments work here as well; \`/help\` lists them.

      ## \`dev\`

      **Drift:** 1 target running another image than Git wants (a).

      | Service | Ring | Runs | Next | Behind |
      | --- | --- | --- | --- | --- |
      | \`demo-api\` | \`all\` | \`v2\` (2 tenants, verified) | Nothing that the policy's tags.match admits has been published yet. |  |

      - [ ] Put \`dev\` on hold <!-- sluice:tick hold dev -->
      - [ ] Freeze \`dev\` until somebody lifts it <!-- sluice:tick freeze dev -->

      ## \`staging\`

      **Frozen** until 2026-03-02 13:00 UTC, by rita: sale

      | Service | Ring | Runs | Next | Behind |
      | --- | --- | --- | --- | --- |
      | \`demo-api\` | \`all\` | \`v1\` (2 tenants, verified) | Sluice is still finding out what is newer. | \`v2\` since 2026-03-02 10:00 UTC |

      - [ ] Put \`staging\` on hold <!-- sluice:tick hold staging -->
      - [ ] Freeze \`staging\` until somebody lifts it <!-- sluice:tick freeze staging -->

      ## \`prod\`

      **On hold:** \`prod\`, by mona since 2026-03-02 11:40 UTC: looks \\| odd, see #​7 and @​bob

      | Service | Ring | Runs | Next | Behind |
      | --- | --- | --- | --- | --- |
      | \`demo-api\` | \`all\` | \`v1\` (2 tenants, verified) | #12 \`v2\`: Sluice is still finding this out. |  |

      - [ ] Agree to merge #12 (\`v2\`) once its gates have passed <!-- sluice:tick promote 12 0123456789abcdef0123456789abcdef01234567 -->
      - [ ] Take \`prod\` off hold <!-- sluice:tick lift hold/prod/* -->
      - [ ] Freeze \`prod\` until somebody lifts it <!-- sluice:tick freeze prod -->

      ## Last promotions

      - #9 \`promote(dev): demo-api v1 → v2 (@all)\`, merged 2026-03-02 12:00 UTC

      <!-- sluice:v1 {"kind":"stops","stops":[{"kind":"hold","environment":"prod","service":null,"by":"mona","at":"2026-03-02T11:40:00.000Z","reason":"looks | odd, see \\u00237 and \\u0040bob"}],"lifted":{}} -->"
    `);
  });

  it("keeps its record whole and stays below GitHub's limit, however much there is", () => {
    const [view] = aView().environments;
    if (view === undefined) throw new Error("unreachable");
    const [one] = view.streams;
    if (one === undefined) throw new Error("unreachable");
    const streams = Array.from({ length: 2000 }, (_, index) => ({
      ...one,
      state: { ...one.state, stream: { ...one.state.stream, service: `service-${index}` } },
    }));
    const record = Array.from({ length: 60 }, (_, index): Stop => ({
      ...hold,
      service: `s${index}`,
    })).reduce((all, stop) => withStop(all, stop) ?? all, noStops);
    const stops = record.stops;
    const environments = [1, 2, 3].map((index) => ({ ...view, name: `e${index}`, streams, stops }));
    const body = renderDashboard(aView({ environments, record }));
    expect(body.length).toBeLessThanOrEqual(60_000);
    expect(parseStops(body)).toEqual(record);
    expect(body).toMatch(/and \d+ streams more|More does not fit/);
    // Rows are whole: each has as many cells as the head.
    for (const row of body.split("\n").filter((line) => line.startsWith("| ")))
      expect(row.split(" | ").length).toBe(5);
  });
});

it("counts who is pinned or excluded, and who failed where the ring bears it", () => {
  const [dev] = aView().environments;
  if (dev === undefined) throw new Error("no environment");
  const state = aState("dev", v2, ["a", "b"]);
  const verdicts = state.verdicts.map((verdict) => ({ ...verdict, failures: ["b"] }));
  const stays = { kind: "pinned", sentence: "Pinned." } as const;
  const staying = [{ ...aTargetState(aTarget("c"), v1), stays }];
  const streams = [{ state: { ...state, verdicts, staying }, plan: null, lag: null }];
  const body = renderDashboard(aView({ environments: [{ ...dev, streams }] }));
  expect(body).toContain("`v2` (2 tenants, verified but for 1); 1 tenant pinned or excluded");
});

describe("ticks", () => {
  const ticks = [
    { kind: "hold", environment: "prod" },
    { kind: "freeze", environment: "dev" },
    { kind: "lift", key: "hold/prod/*" },
    { kind: "lift", key: "freeze/prod" },
    { kind: "promote", pull: 12, head },
  ] as const;
  const body = ["text", ...ticks.map((tick) => renderTick(tick, "`x` (do it)"))].join("\n");

  it.for(ticks.map((tick, index) => ({ tick, index })))("$tick are read", ({ tick, index }) => {
    const lines = body.split("\n");
    const after = lines.map((line, at) => (at === index + 1 ? line.replace("[ ]", "[x]") : line));
    expect(newTicks(body, after.join("\r\n"))).toEqual([tick]);
  });

  it("count once, and only where the box was there before", () => {
    const ticked = body.replaceAll("[ ]", "[x]");
    expect(newTicks(body, `${ticked}\n${ticked}`)).toEqual(ticks);
    expect(newTicks(ticked, ticked)).toEqual([]);
    expect(newTicks("", ticked)).toEqual([]);
    expect(newTicks(ticked, body)).toEqual([]);
  });

  it("that stand there are named where nobody told of them, at most ten", () => {
    const ticked = body.replaceAll("[ ]", "[x]");
    expect(standingTicks(body)).toEqual([]);
    expect(standingTicks(`${ticked}\n${ticked}`)).toEqual(ticks);
    expect(renderUnheard([])).toBe("");
    expect(renderUnheard(ticks)).toMatchInlineSnapshot(
      `"**Not heard:** Sluice found ticked what nobody had told it of, so it does not know who it was, and did nothing: put \`prod\` on hold; freeze \`dev\`; lift \`hold/prod/*\`; lift \`freeze/prod\`; agree to merge #12. Tick it again, or write the command in a comment."`,
    );
    const many = Array.from({ length: 100 }, (_, n) => ({ ...ticks[4], pull: 100 + n }));
    expect(renderUnheard(many).match(/agree/g)).toHaveLength(10);
    expect(renderDashboard(aView(), ticks)).toContain(renderUnheard(ticks));
  });

  it.for([
    "hold ../x",
    "hold prod dev",
    "lift hold/prod",
    "lift hold/prod/../x",
    "promote 0 x",
    "run",
  ])("%s is none", (id) => {
    const line = `- [ ] x <!-- sluice:tick ${id} -->`;
    expect(newTicks(line, line.replace("[ ]", "[x]"))).toEqual([]);
  });
});

describe("lag", () => {
  it("is what the environment before is verified on, since then", () => {
    const states = [aState("dev", v2), aState("staging"), aState("prod")];
    const lags = findLags(aPolicy(), states);
    expect([...lags]).toEqual([
      ["staging/demo-api/all", { behind: "dev", tag: "v2", since: before(120) }],
    ]);
  });

  it("is none while the environment before is not verified, or this one changed since", () => {
    const failed = { ...aState("dev", v2), verdicts: [aVerdict(v2, { result: "failed" })] };
    expect(findLags(aPolicy(), [failed, aState("staging")]).size).toBe(0);
    const ahead = aState("staging");
    const desired = ahead.desired.map((group) => ({ ...group, broughtAt: before(10) }));
    expect(findLags(aPolicy(), [aState("dev", v2), { ...ahead, desired }]).size).toBe(0);
  });
});

describe("drift", () => {
  function application(name: string, images: readonly string[]) {
    return { name, images, deleting: false } as never;
  }
  const image = "ghcr.io/acme/demo-api";

  it("is an application that is not there, or runs another image", () => {
    const drift = findDrift(
      [aState("dev", v2, ["a", "b", "c"])],
      [application("a-dev", [`${image}:v2`]), application("b-dev", [`${image}:v1`])],
    );
    expect(drift).toEqual({ missing: ["c"], drifted: ["b"], behind: [] });
  });

  it("is nothing while a rollout is under way, or no image of the service is to be seen", () => {
    const applications = [application("a-dev", [`${image}:v1`]), application("b-dev", ["redis:7"])];
    const under = { ...aState("dev", v2), verdicts: [] };
    expect(findDrift([under], applications).drifted).toEqual([]);
    expect(findDrift([aState("dev", v2)], applications).drifted).toEqual(["a"]);
  });

  it("is not claimed where Argo CD did not answer", () => {
    expect(findDrift([aState("dev", v2)], null)).toEqual({ missing: [], drifted: [], behind: [] });
  });

  it("is a tenant behind its ring, unless a promotion is on its way", () => {
    const stream = aStream();
    const targets = [aTargetState(aTarget("a"), v1), aTargetState(aTarget("b"), v2)];
    const state = aStreamState(stream, targets);
    const desired = state.desired.map((group) =>
      group.artifact.tag === "v2" ? { ...group, broughtAt: before(5) } : group,
    );
    expect(findDrift([{ ...state, desired }], null).behind).toEqual(["a"]);
    const open = anOpenPromotion(v2);
    expect(findDrift([{ ...state, desired, open }], null).behind).toEqual([]);
  });
});
