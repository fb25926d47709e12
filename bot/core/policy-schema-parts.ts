import { z } from "zod";

import { durationPattern } from "./duration.ts";
import { namePattern, nameRule } from "./name.ts";
import { didYouMean, quoted } from "./nearest.ts";

/** A strict mapping; an unknown key is answered with the nearest known one, one line of the message a key. */
export function mapping<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => unknownKey(key, Object.keys(shape))).join("\n")
        : undefined,
  });
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = didYouMean(key, known);
  return `unknown key ${quoted(key)}${meant === "" ? `: here are ${known.join(", ")}` : meant}`;
}

export const text = z.string().min(1);
export const name = z.string().regex(namePattern, `no valid name: ${nameRule}`);
export const duration = z
  .string('write a duration, as in "10m", "1h30m", "90s" or "2d"')
  .regex(durationPattern, 'not a duration: write it as in "10m", "1h30m", "90s" or "2d"');
export const moment = z.iso.datetime({
  offset: true,
  error: 'not a moment: write it as in "2026-12-20T00:00:00Z"',
});
export const timeOfDay = z
  .string('write a time of day in quotes, as in "09:00"')
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'not a time of day: write it in quotes, as in "09:00"');
export const teams = z
  .array(text)
  .describe("Slugs of teams of the repository's owner, without the owner.");
export const people = z.array(text).describe("Logins.");
export const share = z.number().min(0).max(1);
