import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  mergeStops,
  noStops,
  parseStops,
  renderStops,
  stopKey,
  stopsInForce,
  withoutStop,
  withStop,
  type Stop,
  type StopRecord,
} from "#core/stop.ts";

import { before, noon } from "../builders.ts";

function aHold(change: Partial<Extract<Stop, { kind: "hold" }>> = {}): Stop {
  const rest = { environment: "prod", service: "demo-api", by: "mona", at: before(30) };
  return { kind: "hold", ...rest, reason: "looks odd", ...change };
}

function aFreeze(change: Partial<Extract<Stop, { kind: "freeze" }>> = {}): Stop {
  const rest = { environment: "prod", until: null, by: "mona", at: before(30) };
  return { kind: "freeze", ...rest, reason: "sale", ...change };
}

function recordOf(...stops: readonly Stop[]): StopRecord {
  return stops.reduce((record, stop) => withStop(record, stop) ?? record, noStops);
}

describe("stops", () => {
  it("stand once a place: setting one again replaces it", () => {
    const record = recordOf(aHold(), aHold({ service: null }), aHold({ at: noon, reason: "why" }));
    expect(record.stops.map(stopKey)).toEqual(["hold/prod/*", "hold/prod/demo-api"]);
    expect(record.stops[1]).toMatchObject({ reason: "why" });
  });

  it("that come late change nothing: neither what was set, nor what was lifted since", () => {
    const newer = recordOf(aHold({ at: noon, reason: "newer" }));
    expect(withStop(newer, aHold())).toBe(newer);
    const lifted = withoutStop(recordOf(aHold()), "hold/prod/demo-api", before(10));
    expect(lifted.stops).toEqual([]);
    expect(withStop(lifted, aHold())).toBe(lifted);
    expect(withStop(lifted, aHold({ at: noon }))?.stops).toHaveLength(1);
  });

  it("are not lifted by what was said before they were set", () => {
    const record = withoutStop(recordOf(aHold({ at: noon })), "hold/prod/demo-api", before(10));
    expect(record.stops).toHaveLength(1);
  });

  it("of a freeze end by themselves, to the second", () => {
    const record = recordOf(aHold(), aFreeze({ until: noon }));
    expect(stopsInForce(record, new Date(noon.getTime() - 1000))).toHaveLength(2);
    expect(stopsInForce(record, noon).map(({ kind }) => kind)).toEqual(["hold"]);
  });

  it("of two freezes the one that ends later stands, whichever came first", () => {
    const long = aFreeze({ until: null, at: before(30), reason: "long" });
    const short = aFreeze({ until: noon, at: before(10), reason: "short" });
    for (const record of [recordOf(long, short), recordOf(short, long)])
      expect(record.stops).toMatchObject([{ reason: "long", until: null }]);
  });

  it("that are more than an issue can keep are refused, the others stay", () => {
    let record: StopRecord = noStops;
    let refused = 0;
    for (let count = 0; count < 500; count += 1) {
      const next = withStop(
        record,
        aHold({ service: `service-${count}`, reason: "@".repeat(200) }),
      );
      if (next === null) refused += 1;
      else record = next;
    }
    expect(refused).toBeGreaterThan(0);
    expect(renderStops(record).length).toBeLessThanOrEqual(25_000);
    expect(parseStops(renderStops(record))).toEqual(record);
  });

  it("of two dashboards stand where either has them, unless they were lifted later", () => {
    const one = recordOf(aHold(), aFreeze());
    const other = withoutStop(recordOf(aHold({ service: null })), "freeze/prod", noon);
    expect(mergeStops(one, other).stops.map(stopKey)).toEqual([
      "hold/prod/*",
      "hold/prod/demo-api",
    ]);
    expect(mergeStops(other, one)).toEqual(mergeStops(one, other));
  });

  it("are read back from the issue as they were written, whatever people wrote", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string(), (reason, by) => {
        const record = withoutStop(recordOf(aHold({ reason, by }), aFreeze()), "freeze/dev", noon);
        expect(parseStops(`text\n\n${renderStops(record)}`)).toEqual(record);
      }),
    );
  });

  it.for(["", "text", "<!-- sluice:v1 {} -->", '<!-- sluice:v1 {"kind":"stops"} -->'])(
    "are none where %j stands",
    (body) => {
      expect(parseStops(body)).toBeNull();
    },
  );
});
