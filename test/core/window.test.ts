import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { weekdays, windowState, type Window } from "#core/window.ts";

function aWindow(from: string, to: string, change: Partial<Window> = {}): Window {
  return { effect: "allow", days: weekdays, from, to, timezone: "Europe/Berlin", ...change };
}

/** `open until 2026-03-02T15:00:00Z`; the moment is a real one, to the second. */
function show(windows: readonly Window[], now: string): string {
  const { open, until, denied } = windowState(windows, new Date(now));
  const what = open ? "open" : denied ? "denied" : "closed";
  return `${what} until ${until === null ? "ever" : until.toISOString().replace(".000", "")}`;
}

const office = aWindow("09:00", "16:00", { days: ["mon", "tue", "wed", "thu"] });

describe("one window", () => {
  it.for([
    ["before it opens", "2026-03-02T07:59:59Z", "closed until 2026-03-02T08:00:00Z"],
    ["at its first second", "2026-03-02T08:00:00Z", "open until 2026-03-02T15:00:00Z"],
    ["at its last second", "2026-03-02T14:59:59Z", "open until 2026-03-02T15:00:00Z"],
    ["when it has closed", "2026-03-02T15:00:00Z", "closed until 2026-03-03T08:00:00Z"],
    ["over the weekend", "2026-03-05T15:00:00Z", "closed until 2026-03-09T08:00:00Z"],
    ["a millisecond before", "2026-03-02T07:59:59.999Z", "closed until 2026-03-02T08:00:00Z"],
  ] as const)("%s", ([, now, expected]) => {
    expect(show([office], now)).toBe(expected);
  });

  it("in summer opens an hour earlier by UTC", () => {
    expect(show([office], "2026-07-06T06:59:59Z")).toBe("closed until 2026-07-06T07:00:00Z");
  });

  it.for([
    ["Friday evening", "2026-03-06T21:30:00Z", "open until 2026-03-07T03:00:00Z"],
    [
      "Saturday morning, begun on Friday",
      "2026-03-07T02:59:59Z",
      "open until 2026-03-07T03:00:00Z",
    ],
    ["Saturday night, not begun", "2026-03-07T22:30:00Z", "closed until 2026-03-13T21:00:00Z"],
  ] as const)("reaches over midnight: %s", ([, now, expected]) => {
    const night = aWindow("22:00", "04:00", { days: ["fri"] });
    expect(show([night], now)).toBe(expected);
  });

  it("ends at midnight where it ends at 00:00", () => {
    const day = aWindow("20:00", "00:00");
    expect(show([day], "2026-03-02T22:59:59Z")).toBe("open until 2026-03-02T23:00:00Z");
    expect(show([day], "2026-03-02T23:00:00Z")).toBe("closed until 2026-03-03T19:00:00Z");
  });

  it.for([
    ["Asia/Kolkata", "2026-03-02T03:29:59Z", "closed until 2026-03-02T03:30:00Z"],
    ["America/New_York", "2026-03-02T14:00:00Z", "open until 2026-03-02T21:00:00Z"],
    ["Pacific/Auckland", "2026-03-01T20:00:00Z", "open until 2026-03-02T03:00:00Z"],
    ["UTC", "2026-03-02T09:00:00Z", "open until 2026-03-02T16:00:00Z"],
  ] as const)("goes by the clocks of %s", ([timezone, now, expected]) => {
    expect(show([{ ...office, timezone }], now)).toBe(expected);
  });
});

describe("a whole day, from 00:00 to 24:00", () => {
  const sunday = (timezone: string) => [
    aWindow("00:00", "24:00", { days: ["sun"], effect: "deny", timezone }),
  ];

  it.for([
    ["begins", "Europe/Berlin", "2026-03-07T22:59:59Z", "open until 2026-03-07T23:00:00Z"],
    ["ends", "Europe/Berlin", "2026-03-08T22:59:59Z", "denied until 2026-03-08T23:00:00Z"],
    ["is over", "Europe/Berlin", "2026-03-08T23:00:00Z", "open until 2026-03-14T23:00:00Z"],
    ["of 23 hours", "Europe/Berlin", "2026-03-28T23:00:00Z", "denied until 2026-03-29T22:00:00Z"],
    ["of 25 hours", "Europe/Berlin", "2026-10-24T22:00:00Z", "denied until 2026-10-25T23:00:00Z"],
    // Its midnight is skipped: Saturday ends, and Sunday begins, when the clocks jump.
    [
      "without its midnight",
      "Asia/Beirut",
      "2026-03-28T21:59:59Z",
      "open until 2026-03-28T22:00:00Z",
    ],
    [
      "without its midnight",
      "Asia/Beirut",
      "2026-03-28T22:00:00Z",
      "denied until 2026-03-29T21:00:00Z",
    ],
    // Its last hour before midnight comes twice, and is Saturday's both times.
    [
      "after an hour twice",
      "Asia/Beirut",
      "2026-10-24T21:59:59Z",
      "open until 2026-10-24T22:00:00Z",
    ],
  ] as const)("%s (%s)", ([, timezone, now, expected]) => {
    expect(show(sunday(timezone), now)).toBe(expected);
  });

  it("leaves no gap between two days, whatever the clocks do", () => {
    const always = [aWindow("00:00", "24:00")];
    for (const now of ["2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z"])
      expect(show(always, now)).toBe("open until ever");
  });

  it("may begin later", () => {
    const evening = [aWindow("20:00", "24:00")];
    expect(show(evening, "2026-03-02T22:59:59Z")).toBe("open until 2026-03-02T23:00:00Z");
  });
});

/** On 2026-03-29 Berlin jumps from 02:00 to 03:00 (01:00 UTC); on 2026-10-25 from 03:00 back to 02:00 (01:00 UTC). */
describe("when the clocks change", () => {
  it.for([
    [
      "a window around the jump is an hour shorter",
      aWindow("01:00", "04:00"),
      "2026-03-29T00:00:00Z",
      "open until 2026-03-29T02:00:00Z",
    ],
    [
      "a beginning that is skipped is the jump",
      aWindow("02:30", "04:00"),
      "2026-03-29T00:59:59Z",
      "closed until 2026-03-29T01:00:00Z",
    ],
    [
      "an end that is skipped is the jump",
      aWindow("01:00", "02:30"),
      "2026-03-29T00:59:59Z",
      "open until 2026-03-29T01:00:00Z",
    ],
    [
      "a window that is skipped whole does not open",
      aWindow("02:10", "02:50"),
      "2026-03-29T00:00:00Z",
      "closed until 2026-03-30T00:10:00Z",
    ],
    [
      "a window around the repeated hour is an hour longer",
      aWindow("01:00", "04:00"),
      "2026-10-24T23:00:00Z",
      "open until 2026-10-25T03:00:00Z",
    ],
    [
      "of a beginning that comes twice the first counts",
      aWindow("02:30", "04:00"),
      "2026-10-25T00:29:59Z",
      "closed until 2026-10-25T00:30:00Z",
    ],
    [
      "of an end that comes twice the first counts",
      aWindow("01:00", "02:30"),
      "2026-10-25T00:29:59Z",
      "open until 2026-10-25T00:30:00Z",
    ],
    [
      "but what denies lasts until the second",
      aWindow("01:00", "02:30", { effect: "deny" }),
      "2026-10-25T00:30:00Z",
      "denied until 2026-10-25T01:30:00Z",
    ],
    [
      "the day after is as ever",
      aWindow("02:30", "04:00"),
      "2026-10-26T01:29:59Z",
      "closed until 2026-10-26T01:30:00Z",
    ],
  ] as const)("%s", ([, window, now, expected]) => {
    expect(show([window], now)).toBe(expected);
  });

  it("half an hour of change is no trouble (Lord Howe Island)", () => {
    // 2026-04-05 02:00 +11:00 → 01:30 +10:30.
    const window = aWindow("01:45", "03:00", { timezone: "Australia/Lord_Howe" });
    expect(show([window], "2026-04-04T14:44:59Z")).toBe("closed until 2026-04-04T14:45:00Z");
    expect(show([window], "2026-04-04T14:45:00Z")).toBe("open until 2026-04-04T16:30:00Z");
  });
});

describe("several windows", () => {
  const lunch = aWindow("12:00", "13:00", { effect: "deny" });

  it.for([
    ["what denies wins", "2026-03-02T11:00:00Z", "denied until 2026-03-02T12:00:00Z"],
    ["until it begins it is open", "2026-03-02T10:59:59Z", "open until 2026-03-02T11:00:00Z"],
    ["after it it is open again", "2026-03-02T12:00:00Z", "open until 2026-03-02T15:00:00Z"],
    ["it opens nothing by itself", "2026-03-06T12:00:00Z", "closed until 2026-03-09T08:00:00Z"],
  ] as const)("%s", ([, now, expected]) => {
    expect(show([office, lunch], now)).toBe(expected);
  });

  it("that follow one another are one", () => {
    const windows = [aWindow("09:00", "12:00"), aWindow("12:00", "16:00")];
    expect(show(windows, "2026-03-02T08:00:00Z")).toBe("open until 2026-03-02T15:00:00Z");
  });

  it("that only deny leave the rest open", () => {
    expect(show([lunch], "2026-03-02T10:00:00Z")).toBe("open until 2026-03-02T11:00:00Z");
  });

  it("of several places go each by its own clocks", () => {
    const windows = [
      aWindow("09:00", "10:00"),
      aWindow("09:00", "10:00", { timezone: "America/New_York" }),
    ];
    expect(show(windows, "2026-03-02T09:00:00Z")).toBe("closed until 2026-03-02T14:00:00Z");
  });

  it("that cover everything never change", () => {
    const windows = [aWindow("00:00", "12:00"), aWindow("12:00", "00:00")];
    expect(show(windows, "2026-03-02T09:00:00Z")).toBe("open until ever");
    const denied = windows.map((window) => ({ ...window, effect: "deny" }) as const);
    expect(show([office, ...denied], "2026-03-02T09:00:00Z")).toBe("denied until ever");
  });
});

it("until is the first second at which it changes, and not one before", () => {
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map((parts) => parts.map((part) => String(part).padStart(2, "0")).join(":"));
  const window = fc
    .record({
      effect: fc.constantFrom("allow", "allow", "deny"),
      days: fc.subarray([...weekdays], { minLength: 1 }),
      from: time,
      to: time,
      timezone: fc.constantFrom("Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"),
    })
    .filter(({ from, to }) => from !== to);
  // Around both changes of the clocks, in whole seconds.
  const now = fc
    .tuple(
      fc.constantFrom("2026-03-01T00:00:00Z", "2026-10-20T00:00:00Z"),
      fc.integer({ min: 0, max: 40 * 86_400 }),
    )
    .map(([base, seconds]) => Date.parse(base) + seconds * 1000);
  fc.assert(
    fc.property(fc.array(window, { minLength: 1, maxLength: 3 }), now, (windows, at) => {
      const open = (ms: number) => windowState(windows, new Date(ms)).open;
      const { until } = windowState(windows, new Date(at));
      if (until === null) return;
      const end = until.getTime();
      expect(end).toBeGreaterThan(at);
      expect(open(end)).toBe(!open(at));
      expect(open(end - 1000)).toBe(open(at));
      expect(open(at + Math.floor((end - at) / 2))).toBe(open(at));
    }),
    { numRuns: 200 },
  );
});
