import { describe, expect, it } from "vitest";

import { findNotifications, type NotificationInput } from "#core/find-notifications.ts";
import { headOf, renderMessage } from "#core/notification-text.ts";
import { targetsFor, type NotificationPolicy } from "#core/notification.ts";
import type { PlannedPromotion, StreamState } from "#core/plan-types.ts";

import {
  anArtifact,
  anOpenPromotion,
  aStream,
  aStreamState,
  aTarget,
  aTargetState,
  aVerdict,
  before,
  noon,
} from "../builders.ts";

const v2 = anArtifact("v2");
const stream = aStream({ environment: "prod" });

function aState(change: Partial<StreamState> = {}): StreamState {
  const targets = ["a", "b"].map((tenant) =>
    aTargetState(aTarget(tenant, { environment: "prod" }), v2),
  );
  return aStreamState(stream, targets, change);
}

function find(change: Partial<NotificationInput> = {}) {
  const nothing = { states: [], plans: [], freezes: [], budgets: [] };
  return findNotifications({ repository: "acme/platform", now: noon, ...nothing, ...change });
}

function aPlan(promotion: PlannedPromotion) {
  return [{ stream, promotion, rollouts: [], wakeAt: null, sides: [], noWayBack: null }];
}

const hold = {
  reason: "moved-backwards",
  sentence: "Went back.",
  since: before(200),
  artifact: null,
} as const;

describe("what people are told of", () => {
  it.for([
    ["on-promoted", aVerdict(v2)],
    ["on-degraded", aVerdict(v2, { result: "failed", sentence: "a: Degraded for 30 seconds." })],
    ["on-degraded", aVerdict(v2, { result: "timed-out", sentence: "a did not become healthy." })],
    ["on-sync-failed", aVerdict(v2, { result: "failed", failure: "sync" })],
    ["on-degraded", aVerdict(v2, { result: "failed", sentence: "a: replica sync lag." })],
  ] as const)("%s: a rollout that ended", ([kind, verdict]) => {
    expect(find({ states: [aState({ verdicts: [verdict] })] })).toMatchObject([
      {
        kind,
        environment: "prod",
        stream,
        artifact: v2,
        at: verdict.at,
        sentence: verdict.sentence,
      },
    ]);
  });

  it("nothing of what was there before, came by a push, or is still open", () => {
    const state = aState({ verdicts: [aVerdict(v2)] });
    const desired = state.desired.map((group) => ({ ...group, mergedAt: null }));
    const uncertain = aVerdict(v2, { result: "timed-out", uncertain: true });
    const other = aVerdict(v2, { commit: "another" });
    const states = [
      { ...state, desired },
      aState({ verdicts: [uncertain] }),
      aState({ verdicts: [other] }),
      aState(),
    ];
    expect(find({ states })).toEqual([]);
  });

  it("rolled-back: a step back, and not that what came back is verified", () => {
    const state = aState({ holds: [hold], verdicts: [aVerdict(v2)] });
    expect(find({ states: [state] }).map(({ kind }) => kind)).toEqual(["on-rolled-back"]);
  });

  it("blocked: what waits for somebody, not what waits for time", () => {
    const base = {
      kind: "promote",
      artifact: v2,
      from: null,
      targets: [],
      sentence: "Needs an approval.",
      merge: false,
      open: anOpenPromotion(v2, { number: 12 }),
      holds: [],
    } as const;
    const gate = { gate: "manual", reason: "approval-missing", sentence: "" } as const;
    const waiting = { ...gate, status: "pending" } as const;
    const decision = { ...waiting, decision: true } as const;
    const plans = (
      state: "waiting" | "decision" | "failed",
      gates: readonly (typeof decision | typeof waiting)[],
    ) => aPlan({ ...base, state, gates });
    const states = [aState()];
    expect(find({ states, plans: plans("waiting", [waiting]) })).toEqual([]);
    const [blocked] = find({ states, plans: plans("decision", [decision]) });
    expect(blocked).toMatchObject({ kind: "on-blocked", pull: 12, at: null });
    const [own] = plans("decision", [decision]);
    if (own === undefined) throw new Error("unreachable");
    const nothing = { kind: "none", reason: "up-to-date", sentence: "", close: null } as const;
    const side = { number: 13, requestedBy: "dana", failed: null } as const;
    const open = anOpenPromotion(v2, { number: 13 });
    const beside = { ...own.promotion, open } as PlannedPromotion;
    const sides = (["rollback", "subset"] as const).map((kind) => ({
      ...side,
      kind,
      promotion: beside,
    }));
    const told = find({ states, plans: [{ ...own, promotion: nothing, sides }] });
    expect(told).toMatchObject([
      { kind: "on-blocked", pull: 13 },
      { kind: "on-blocked", pull: 13 },
    ]);
    expect(new Set(told.map(({ id }) => id)).size).toBe(2);
    const refused = aPlan({
      kind: "refused",
      artifact: v2,
      reason: "not-on-branch",
      sentence: "No.",
    });
    expect(find({ states, plans: refused })).toMatchObject([{ kind: "on-blocked", pull: null }]);
  });

  it("frozen and budget: an environment, once", () => {
    const freeze = {
      environment: "prod",
      from: before(5),
      until: null,
      reason: "sale",
      by: "mona",
      strict: false,
    };
    const spent = { ...freeze, by: "the error budget", from: noon };
    const budgets = [{ environment: "prod", sentence: "104% is spent." }];
    const found = find({ freezes: [freeze, spent], budgets });
    expect(found.map(({ kind, sentence }) => `${kind}: ${sentence}`)).toEqual([
      "on-frozen: prod is frozen until somebody lifts it, by mona: sale",
      "on-budget: 104% is spent.",
    ]);
  });

  it("has the same id whenever it is looked at, and another one for anything else", () => {
    const states = [aState({ holds: [hold], verdicts: [aVerdict(v2, { result: "failed" })] })];
    const ids = find({ states }).map(({ id }) => id);
    expect(find({ states, now: new Date(noon.getTime() + 1) }).map(({ id }) => id)).toEqual(ids);
    expect(new Set(ids).size).toBe(2);
    expect(find({ states, repository: "acme/other" }).map(({ id }) => id)).not.toEqual(ids);
  });
});

describe("who is told", () => {
  const slack = (channel: string) => ({ channel });
  const policies: readonly NotificationPolicy[] = [
    { on: ["on-promoted"], environments: ["prod"], slack: slack("releases"), webhook: "ops" },
    {
      on: ["on-promoted", "on-frozen"],
      environments: null,
      slack: slack("releases"),
      webhook: null,
    },
    { on: ["on-budget"], environments: null, slack: null, webhook: "ops" },
  ];
  it.for([
    ["on-promoted", "prod", ["slack releases", "webhook ops"]],
    ["on-promoted", "dev", ["slack releases"]],
    ["on-budget", "dev", ["webhook ops"]],
    ["on-degraded", "prod", []],
  ] as const)("%s in %s: %j", ([kind, environment, places]) => {
    const targets = targetsFor(policies, { kind, environment });
    expect(
      targets.map((target) =>
        target.kind === "slack" ? `slack ${target.channel}` : `webhook ${target.name}`,
      ),
    ).toEqual(places);
  });
});

it("a message is one of Slack's, with nothing of anybody else's in it", () => {
  const [notification] = find({ states: [aState({ verdicts: [aVerdict(v2)] })] });
  if (notification === undefined) throw new Error("unreachable");
  const head = { ...headOf(notification), pull: 12 };
  const lines = [
    { id: "2", at: noon.toISOString(), kind: "on-promoted", sentence: "Healthy *everywhere*." },
    {
      id: "1",
      at: before(60).toISOString(),
      kind: "on-blocked",
      sentence: "<!channel> & `x`\n_y_",
    },
  ] as const;
  const page = { repository: "acme/platform", web: "https://github.com" };
  expect(renderMessage(head, lines, page).replaceAll("\u200b", "·")).toMatchInlineSnapshot(`
    "\`demo-api v2\` → *prod* · <https://github.com/acme/platform/pull/12|acme/platform#12>
    • *Needs somebody.* &lt;!channel&gt; &amp; ·\`·x·\`· ·_·y·_· _(2026-03-02 11:00 UTC)_
    • *Promoted.* Healthy ·*·everywhere·*·. _(2026-03-02 12:00 UTC)_"
  `);
});
