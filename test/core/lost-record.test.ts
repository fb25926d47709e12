import { describe, expect, it } from "vitest";

import { decideDoubt, heldForLoss, withoutLoss } from "#core/lost-record.ts";
import { holdsOfPeople } from "#core/stop-hold.ts";
import { mergeStops, noStops, parseStops, renderStops, withoutStop, withStop } from "#core/stop.ts";

import { aStream, before, noon } from "../builders.ts";

const environments = ["dev", "prod"];
const changed = { ...noStops, doubt: { why: "changed", at: noon } } as const;
const absent = { ...noStops, doubt: { why: "absent", at: noon } } as const;

describe("a record that may not be all", () => {
  it("holds every environment where something was lost, and nothing where there never was one", () => {
    const held = decideDoubt(changed, environments, true);
    expect(heldForLoss(held)).toEqual(environments);
    expect(held.doubt).toBeUndefined();
    expect(decideDoubt(absent, environments, false)).toEqual(noStops);
    expect(parseStops(renderStops(held))).toEqual(held);
    expect(parseStops(renderStops(changed))).toEqual(changed);
  });

  it.for([
    [
      changed,
      "Sluice put prod on hold: somebody changed the dashboard's record, all that Sluice knew of holds and freezes. The issue's edit history shows it; putting that text back ends this too.",
    ],
    [
      absent,
      "Sluice put prod on hold: the dashboard issue was taken away, and with it all that Sluice knew of holds and freezes: look what else was stopped.",
    ],
  ] as const)("says what happened, whole: %#", ([record, sentence]) => {
    const { stops } = decideDoubt(record, ["prod"], true);
    const [hold] = holdsOfPeople(stops, aStream({ environment: "prod" }));
    expect(hold).toMatchObject({ sentence, artifact: null, since: noon });
  });

  it("leaves what somebody holds already, and what was resumed since", () => {
    const own = {
      kind: "hold",
      environment: "prod",
      service: null,
      by: "mona",
      at: before(30),
      reason: "",
    } as const;
    const record = withoutStop(withStop(changed, own) ?? changed, "hold/dev/*", before(-1));
    const decided = decideDoubt(record, environments, true);
    expect(decided.stops).toEqual([own]);
  });

  it("keeps its doubt whatever is set, lifted or put together meanwhile", () => {
    const hold = {
      kind: "hold",
      environment: "dev",
      service: null,
      by: "mona",
      at: noon,
      reason: "",
    } as const;
    const more = withoutStop(withStop(changed, hold) ?? noStops, "hold/dev/*", noon);
    expect(more.doubt).toEqual(changed.doubt);
    expect(mergeStops(noStops, changed).doubt).toEqual(changed.doubt);
    expect(mergeStops(changed, noStops).doubt).toEqual(changed.doubt);
  });

  it("is whole again where it was put back, and only there", () => {
    const held = decideDoubt(changed, environments, true);
    expect(heldForLoss(withoutLoss(held, ["prod"], before(-1)))).toEqual(["dev"]);
  });
});
