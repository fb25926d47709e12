import { Temporal } from "temporal-polyfill";

import { quoted } from "./nearest.ts";

/** A moment that a person wrote, and how many of the words it took. */
export type ReadMoment =
  | { readonly kind: "moment"; readonly at: Date; readonly words: number }
  /** What is wrong and what to write instead. */
  | { readonly kind: "unreadable"; readonly sentence: string };

/**
 * Reads a moment from the beginning of a list of words, strictly: a date, a time and a zone, nothing guessed.
 * `2026-12-24T18:00Z`, `2026-12-24T18:00+01:00`, `2026-12-24 18:00 UTC`, `2026-12-24 18:00 Europe/Berlin`. A time that
 * the clocks of its zone skip, or show twice, is refused.
 */
export function readMoment(words: readonly string[]): ReadMoment {
  const [first = "", second = "", third = ""] = words;
  const whole = /^(\d{4}-\d{2}-\d{2})[Tt](.+)$/.exec(first);
  const [, date = first, joined] = whole ?? [];
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return unreadable(first);
  const clock = joined ?? second;
  const time = /^(\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?(.*)$/.exec(clock);
  if (time === null) return unreadable(joined === undefined ? `${first} ${second}`.trim() : first);
  const [, hours = "", zone = ""] = time;
  const used = joined === undefined ? 2 : 1;
  const next = joined === undefined ? third : second;
  const named = zone === "" ? next : zone;
  if (named === "") return withoutZone(`${date} ${hours}`);
  return resolve(date, hours, named, zone === "" ? used + 1 : used);
}

const example = 'write it as in "2026-12-24T18:00Z" or "2026-12-24 18:00 Europe/Berlin"';

function unreadable(text: string): ReadMoment {
  return { kind: "unreadable", sentence: `${quoted(text)} is no date and time: ${example}.` };
}

function withoutZone(text: string): ReadMoment {
  return { kind: "unreadable", sentence: `${quoted(text)} names no time zone: ${example}.` };
}

function resolve(date: string, time: string, zone: string, words: number): ReadMoment {
  const local = plainDateTime(date, time);
  if (local === null) {
    return {
      kind: "unreadable",
      sentence: `There is no ${quoted(`${date} ${time}`)}: ${example}.`,
    };
  }
  const timeZone = zoneOf(zone);
  if (timeZone === null) {
    const sentence = `${quoted(zone)} is no time zone: ${example}.`;
    return { kind: "unreadable", sentence };
  }
  try {
    const at = local.toZonedDateTime(timeZone, { disambiguation: "reject" });
    return { kind: "moment", at: new Date(at.epochMilliseconds), words };
  } catch {
    const sentence = `In ${timeZone} the clocks change at ${date} ${time}, so there is no such time, or it comes twice: write it in UTC, as in "${date}T${time}Z".`;
    return { kind: "unreadable", sentence };
  }
}

function plainDateTime(date: string, time: string): Temporal.PlainDateTime | null {
  try {
    return Temporal.PlainDateTime.from(`${date}T${time}`, { overflow: "reject" });
  } catch {
    return null;
  }
}

/** `Z`, `UTC`, an offset or an IANA name; an abbreviation such as `CET` says too little. */
function zoneOf(text: string): string | null {
  if (/^(?:z|utc)$/i.test(text)) return "UTC";
  if (!/^[+-]\d{2}:?\d{2}$/.test(text) && !text.includes("/")) return null;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text).timeZoneId;
  } catch {
    return null;
  }
}
