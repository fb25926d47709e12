import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { parsePolicy } from "../../bot/core/policy-parse.ts";

const folder = new URL("../fixtures/policy/invalid/", import.meta.url);

/** `line:column sentence`, one a line. */
function problemsOf(file: string): string {
  const text = readFileSync(new URL(`${file}.yaml`, folder), "utf8");
  const parsed = parsePolicy(text, { repository: "acme/platform" });
  if (parsed.kind === "policy") return "no problem";
  return parsed.problems
    .map(({ line, column, sentence }) => `${line}:${column} ${sentence}`)
    .join("\n");
}

describe("the parts of a policy", () => {
  it("are all built", () => {
    expect(problemsOf("../valid/design-example")).toBe("no problem");
    expect(problemsOf("../valid/everything")).toBe("no problem");
  });

  it("are judged, each where it stands", () => {
    expect(problemsOf("parts")).toMatchInlineSnapshot(`
      "7:20 "many" is a text: write a number or keys with values
      8:32 "mon" is named twice: keep one
      8:37 "monday" is unknown: did you mean "mon"?
      8:52 "9:00" is not a time of day: write it in quotes, as in "09:00"
      8:83 "Berlin" is no time zone: write its IANA name, as in "Europe/Berlin"
      9:51 the window ends when it begins: write another time
      9:70 "+01:00" is no time zone: write its IANA name, as in "Europe/Berlin"
      10:9 the metric has no bound: write "max" or "min"
      10:9 there is no environment before the first, so there is nothing to measure: give the gate to the next one
      11:9 there is no environment before the first, so there is nothing to measure: give the gate to the next one
      11:43 no number fulfils it: "min" is above "max"
      12:33 the target leaves no budget to spend: write a share between 0 and 1
      12:44 the window of an error budget is at least 1h: write more
      13:9 there is no environment before the first, so there is nothing to drive: give the gate to the next one
      13:9 the load test has no bound: write "max" or "min"
      13:27 a load test lasts between 1s and 1h: write another duration
      13:39 "https://example.com/" is no path: start it with one "/", hosts come from the settings only
      14:25 the pattern nests one repetition in another so that a tag can be matched in countless ways: begin the inner part with a character that cannot occur in its repetitions
      17:9 a ring takes its tenants by "tenants" or by "percent": write one of the two
      17:9 no tenant is left here: the ring "all" before it takes all
      17:48 too large: write at most 100
      17:59 "0s" is out of bounds: write a duration between 1s and 90d, or remove it if nothing is to be waited for
      18:9 a ring takes its tenants by "tenants" or by "percent": write one of the two
      18:9 no tenant is left here: the ring "all" before it takes all
      18:17 the ring "all" is written twice: keep one
      19:9 no tenant is left here: the ring "all" before it takes all
      19:34 "A" is no name or pattern of tenants: write it as in "acme" or "eu-*"
      21:22 there is no environment "prd": did you mean "prod"?
      21:60 the freeze ends before it begins: swap the two
      21:90 is empty: write it or remove the key
      22:35 "2027-01-04" is not a moment: write it as in "2026-12-20T00:00Z"
      22:51 "tomorrow" is not a moment: write it as in "2026-12-20T00:00Z"
      24:5 the pin names no artifact: write "tag" or "digest"
      24:16 there is no service "wbe": did you mean "web"?
      25:20 there is no environment "dev": here are "prod"
      25:47 "a b" is no tag of an image: write one
      25:62 "sha256:1" is no digest: write "sha256:" and 64 hexadecimal digits
      27:5 the notification goes nowhere: write "slack" or "webhook"
      27:12 "on-promotted" is unknown: did you mean "on-promoted"?"
    `);
  });
});
