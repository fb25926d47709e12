import { describe, expect, it } from "vitest";

import { parsePolicy } from "../../bot/core/policy-parse.ts";

const weekdays = "days: [mon, tue, wed, thu, fri]";
const place = "timezone: Europe/Berlin";
const hours = `from: "09:00", to: "16:00", ${place}`;

function sentencesOf(...gates: readonly string[]): readonly string[] {
  const text = `version: 1
services:
  web: { image: r.io/a, source: {}, tags: { match: "^v$" }, values: { file: "a/{tenant}/{environment}.yaml", tag: a }, application: "{tenant}-{environment}" }
environments:
  - name: prod
    gates:
${gates.map((gate) => `      - window: ${gate}`).join("\n")}
`;
  const parsed = parsePolicy(text, { repository: "acme/platform" });
  if (parsed.kind === "policy") return [];
  return parsed.problems.map(({ line, sentence }) => `${line} ${sentence}`);
}

const never = "these windows are never open: those that deny cover all of those that allow";
const apart = "the windows of this environment are never open at the same time";

describe("windows of an environment", () => {
  it.each([
    [[`{ ${weekdays}, ${hours} }`]],
    [[`[{ days: [mon], ${hours} }, { days: [tue], ${hours} }]`]],
    [[`{ ${weekdays}, ${hours} }`, `{ days: [mon], from: "15:00", to: "18:00", ${place} }`]],
    [
      [
        `{ days: [sun], from: "22:00", to: "02:00", ${place} }`,
        `{ days: [mon], from: "01:00", to: "03:00", ${place} }`,
      ],
    ],
    [[`[{ ${weekdays}, ${hours} }, { effect: deny, days: [fri], ${hours} }]`]],
    [[`{ days: [sun], from: "00:00", to: "24:00", ${place} }`]],
    [[`{ effect: deny, days: [sat, sun], from: "00:00", to: "24:00", ${place} }`]],
    [
      [
        `{ days: [sun], from: "23:00", to: "24:00", ${place} }`,
        `{ days: [sun], from: "00:00", to: "24:00", ${place} }`,
      ],
    ],
  ])("are open sometime: %j", (gates) => {
    expect(sentencesOf(...gates)).toEqual([]);
  });

  it.each([
    [[`[{ ${weekdays}, ${hours} }, { effect: deny, ${weekdays}, ${hours} }]`], never],
    [[`{ days: [mon], ${hours} }`, `{ days: [tue], ${hours} }`], apart],
    [[`{ days: [mon], ${hours} }`, `{ days: [mon], from: "16:00", to: "18:00", ${place} }`], apart],
    [
      [
        `{ ${weekdays}, ${hours} }`,
        `{ effect: deny, ${weekdays}, from: "08:00", to: "17:00", ${place} }`,
      ],
      apart,
    ],
  ])("never are: %j", (gates, sentence) => {
    expect(sentencesOf(...gates)).toEqual([expect.stringContaining(sentence)]);
  });
});
