import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { describeDuration, formatDuration, parseDuration } from "../../bot/core/duration.ts";

describe("parseDuration", () => {
  it.for<[string, number]>([
    ["10m", 600_000],
    ["1h30m", 5_400_000],
    ["90s", 90_000],
    ["2d", 172_800_000],
    ["1d2h3m4s", 93_784_000],
    ["0s", 0],
  ])("%s", ([text, ms]) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.for([
    "",
    "10",
    "m",
    "1.5h",
    "-1h",
    "1m1h",
    "1h1h",
    "1h 30m",
    "10min",
    "1H",
    "10ms",
    "1w",
    "1234567s",
  ])("refuses %j", (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  it("reads back what formatDuration writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds * 1000))).toBe(seconds * 1000);
      }),
    );
  });
});

describe("describeDuration", () => {
  it.for<[number, string]>([
    [0, "0 seconds"],
    [-5, "0 seconds"],
    [1, "1 second"],
    [1000, "1 second"],
    [61_000, "1 minute 1 second"],
    [600_000, "10 minutes"],
    [5_400_000, "1 hour 30 minutes"],
    [3_599_001, "1 hour"],
    [3_601_000, "1 hour 1 minute"],
    [86_400_000, "1 day"],
    [2 * 86_400_000 + 1, "2 days 1 hour"],
  ])("%d ms", ([ms, text]) => {
    expect(describeDuration(ms)).toBe(text);
  });

  it("never says less than it is", () => {
    expect(formatDuration(1)).toBe("1s");
    expect(describeDuration(90_000_001)).toBe("1 day 2 hours");
  });
});
