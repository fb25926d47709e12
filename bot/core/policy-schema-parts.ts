import { z } from "zod";

import { durationPattern } from "./duration.ts";
import { readMoment } from "./moment.ts";
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
const notAMoment = 'not a moment: write it as in "2026-12-20T00:00Z"';
export const moment = z
  .string(notAMoment)
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/, {
    error: notAMoment,
    abort: true,
  })
  .refine(isMoment, { error: ({ input }) => `${quoted(String(input))} is ${notAMoment}` })
  .describe("With its zone; seconds may be left out: `2026-12-20T00:00Z`.");
const timeRule = 'not a time of day: write it in quotes, as in "09:00"';
const timeInQuotes = z.string('write a time of day in quotes, as in "09:00"');
export const timeOfDay = timeInQuotes.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, timeRule);
export const endOfDay = timeInQuotes.regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, timeRule);
const slug = text.regex(/^[^\s/@]+$/, {
  error: ({ input }) => `no team's slug: ${slugFor(String(input))}`,
});
export const teams = z
  .array(slug)
  .describe("Slugs of teams of the repository's owner, without the owner.");

/** As a `/freeze` reads it; a leap second is none. */
function isMoment(written: string): boolean {
  return readMoment([written]).kind === "moment" && !Number.isNaN(Date.parse(written));
}

function slugFor(written: string): string {
  const own = written.slice(written.lastIndexOf("/") + 1).replace(/^@/, "");
  const meant = own.trim().toLowerCase().replaceAll(/\s+/g, "-");
  return `write it without its owner, as in ${quoted(meant === "" ? "sre" : meant)}`;
}

export const people = z.array(text).describe("Logins.");
export const share = z.number().min(0).max(1);
