import * as z from "zod";

import { titleLine } from "./inert.ts";
import { parseMachineBlock, renderMachineBlock } from "./machine-block.ts";

/**
 * A stop that a person set by a command, a tick or a button. It stands until somebody lifts it, a freeze also until its
 * time is over. There is at most one of a kind for a place (`stopKey`): setting it again replaces it, but a
 * shorter freeze does not shorten a longer one.
 */
export type Stop =
  | {
      readonly kind: "hold";
      readonly environment: string;
      /** Null: every service of the environment. */
      readonly service: string | null;
      /** Login of whoever set it. */
      readonly by: string;
      readonly at: Date;
      /** One line of plain text, at most 200 characters; empty where nobody said why. */
      readonly reason: string;
      /** Sluice set it, because it is not known what people had stopped. */
      readonly because?: "record-lost" | undefined;
    }
  | {
      readonly kind: "freeze";
      readonly environment: string;
      /** Null: until somebody lifts it. */
      readonly until: Date | null;
      readonly by: string;
      readonly at: Date;
      readonly reason: string;
    };

/** Names a stop's place: `hold/prod/demo-api`, `hold/prod/*`, `freeze/prod`. */
export function stopKey(
  stop:
    | Pick<Extract<Stop, { kind: "hold" }>, "kind" | "environment" | "service">
    | Pick<Extract<Stop, { kind: "freeze" }>, "kind" | "environment">,
): string {
  if (stop.kind === "freeze") return `freeze/${stop.environment}`;
  return `hold/${stop.environment}/${stop.service ?? "*"}`;
}

/** Everything that is kept of stops: those that stand, and when each place was last set free. */
export type StopRecord = {
  readonly stops: readonly Stop[];
  /** By key: a command that is carried out again must not bring back what was lifted since it was written. */
  readonly lifted: Readonly<Record<string, Date>>;
  /** What was stopped may be more than stands here: `lost-record.ts` decides. Absent: this is all. */
  readonly doubt?: Doubt | undefined;
};

/** Why a record that was read back may not be all, and when that was seen. */
export type Doubt = {
  /** `absent`: there is no dashboard. `changed`: its record is not what Sluice wrote, or cannot be read. */
  readonly why: "absent" | "changed";
  readonly at: Date;
};

export const noStops: StopRecord = { stops: [], lifted: {} };

/** Longest record in characters: the dashboard issue has to hold it beside everything that people read there. */
const longestRecord = 25_000;

/** The record with one more stop; null where the dashboard cannot hold so many. */
export function withStop(record: StopRecord, stop: Stop): StopRecord | null {
  const key = stopKey(stop);
  const lifted = record.lifted[key];
  if (lifted !== undefined && lifted >= stop.at) return record;
  const known = record.stops.find((one) => stopKey(one) === key);
  if (known !== undefined && !replaces(stop, known)) return record;
  const kept = { ...stop, reason: titleLine(stop.reason, 200), by: titleLine(stop.by, 60) };
  const others = record.stops.filter((one) => stopKey(one) !== key);
  const stops = [...others, kept].toSorted((one, other) =>
    stopKey(one) < stopKey(other) ? -1 : 1,
  );
  const next = { ...record, stops };
  return renderStops(next).length > longestRecord ? null : next;
}

/** Of two freezes the one that ends later stands, of all others the newer one: the order they come in does not matter. */
function replaces(stop: Stop, known: Stop): boolean {
  if (freezeEnd(stop) !== freezeEnd(known)) return freezeEnd(stop) > freezeEnd(known);
  return stop.at >= known.at;
}

/** Milliseconds; a freeze without an end, and every hold, ends at infinity. */
export function freezeEnd(stop: Stop): number {
  return stop.kind === "freeze" && stop.until !== null ? stop.until.getTime() : Infinity;
}

/**
 * What may be believed of a record that somebody else may have changed: the stops that it names stand, from now at the
 * latest, since what was set in the future could not be lifted; what it says was lifted does not count.
 */
export function carefulStops(record: StopRecord, now: Date): StopRecord {
  return {
    stops: record.stops.map((stop) => ({ ...stop, at: stop.at > now ? now : stop.at })),
    lifted: {},
  };
}

/** The record without what stood at this place until `at`. */
export function withoutStop(record: StopRecord, key: string, at: Date): StopRecord {
  const before = record.lifted[key];
  return {
    ...record,
    stops: record.stops.filter((stop) => stopKey(stop) !== key || stop.at > at),
    lifted: { ...record.lifted, [key]: before !== undefined && before > at ? before : at },
  };
}

/** The stops in force now: freezes whose time is over are none. */
export function stopsInForce(record: StopRecord, now: Date): readonly Stop[] {
  return record.stops.filter(
    (stop) => stop.kind === "hold" || stop.until === null || stop.until > now,
  );
}

/** The careful union of two records: what stands in either stands, unless the other knows that it was lifted later. */
export function mergeStops(one: StopRecord, other: StopRecord): StopRecord {
  let merged = one;
  for (const stop of other.stops) merged = withStop(merged, stop) ?? merged;
  for (const [key, at] of Object.entries(other.lifted)) merged = withoutStop(merged, key, at);
  const doubt = one.doubt ?? other.doubt;
  return doubt === undefined ? merged : { ...merged, doubt };
}

/** The machine block of the dashboard issue. */
export function renderStops(record: StopRecord): string {
  return renderMachineBlock("stops", record);
}

/** Reads the dashboard's block back; null when it holds none that can be read. */
export function parseStops(body: string): StopRecord | null {
  return readStops(parseMachineBlock("stops", body));
}

const moment = z.iso.datetime().transform((at) => new Date(at));
const common = { environment: z.string().min(1), by: z.string(), at: moment, reason: z.string() };
const schema = z.object({
  stops: z.array(
    z.discriminatedUnion("kind", [
      z.object({
        kind: z.literal("hold"),
        service: z.string().min(1).nullable(),
        because: z.literal("record-lost").optional(),
        ...common,
      }),
      z.object({ kind: z.literal("freeze"), until: moment.nullable(), ...common }),
    ]),
  ),
  lifted: z.record(z.string(), moment),
  doubt: z.object({ why: z.enum(["absent", "changed"]), at: moment }).optional(),
});

/** Reads a record from its plain JSON, as the facts keep it; null for anything else. */
export function readStops(value: unknown): StopRecord | null {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : null;
}
