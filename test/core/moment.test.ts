import { describe, expect, it } from "vitest";

import { readMoment } from "#core/moment.ts";

function read(text: string) {
  return readMoment(text.split(" "));
}

describe("a moment that a person wrote", () => {
  it.for([
    ["2026-12-24T18:00Z", "2026-12-24T18:00:00.000Z", 1],
    ["2026-12-24T18:00:30Z the sale", "2026-12-24T18:00:30.000Z", 1],
    ["2026-12-24T18:00+01:00 sale", "2026-12-24T17:00:00.000Z", 1],
    ["2026-12-24T18:00 Europe/Berlin sale", "2026-12-24T17:00:00.000Z", 2],
    ["2026-12-24 18:00 Europe/Berlin sale", "2026-12-24T17:00:00.000Z", 3],
    ["2026-12-24 18:00 UTC", "2026-12-24T18:00:00.000Z", 3],
    ["2026-12-24 18:00Z sale", "2026-12-24T18:00:00.000Z", 2],
    ["2026-12-24 18:00 -05:00", "2026-12-24T23:00:00.000Z", 3],
    ["2026-07-24 18:00 America/New_York", "2026-07-24T22:00:00.000Z", 3],
  ] as const)("%s is %s", ([text, at, words]) => {
    expect(read(text)).toEqual({ kind: "moment", at: new Date(at), words });
  });

  it.for([
    ["", "no date and time"],
    ["tomorrow", "no date and time"],
    ["2h", "no date and time"],
    ["24.12.2026 18:00", "no date and time"],
    ["2026-12-24", "no date and time"],
    ["2026-12-24 6pm UTC", "no date and time"],
    ["2026-12-24 18:00", "no time zone"],
    ["2026-12-24T18:00", "no time zone"],
    ["2026-12-24 18:00 CET", "no time zone"],
    ["2026-12-24 18:00 the sale", "no time zone"],
    ["2026-12-24 18:00 Europe/Berlim", "no time zone"],
    ["2026-02-30 18:00 UTC", "There is no"],
    ["2026-12-24 25:00 UTC", "There is no"],
    ["2026-03-29 02:30 Europe/Berlin", "the clocks change"],
    ["2026-10-25 02:30 Europe/Berlin", "the clocks change"],
  ] as const)("%s is refused: %s", ([text, part]) => {
    const moment = read(text);
    expect(moment.kind).toBe("unreadable");
    expect(moment.kind === "unreadable" ? moment.sentence : "").toContain(part);
  });
});
