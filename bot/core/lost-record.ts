import { stopKey, withoutStop, withStop, type Doubt, type Stop, type StopRecord } from "./stop.ts";

/** Who the holds are by that Sluice sets itself. */
const bySluice = "Sluice";

/** Of at most 200 characters, as the reason of every stop. */
const reasons = {
  absent:
    "the dashboard issue was taken away, and with it all that Sluice knew of holds and freezes: look what else was stopped",
  changed:
    "somebody changed the dashboard's record, all that Sluice knew of holds and freezes. The issue's edit history shows it; putting that text back ends this too",
} as const satisfies Record<Doubt["why"], string>;

/**
 * The record once its doubt is decided: where something may have been lost, every environment is on hold until somebody
 * who may promote into it says otherwise. What is on hold as a whole stays as it is, and so does what was resumed since.
 */
export function decideDoubt(
  record: StopRecord,
  environments: readonly string[],
  isLost: boolean,
): StopRecord {
  const { doubt, ...known } = record;
  if (doubt === undefined || !isLost) return known;
  return environments.reduce<StopRecord>((all, environment) => {
    const stop: Stop = {
      kind: "hold",
      environment,
      service: null,
      by: bySluice,
      at: doubt.at,
      reason: reasons[doubt.why],
      because: "record-lost",
    };
    const stands = all.stops.some((one) => stopKey(one) === stopKey(stop));
    return stands ? all : (withStop(all, stop) ?? all);
  }, known);
}

/** The environments that are on hold because a record was lost. */
export function heldForLoss(record: StopRecord): readonly string[] {
  return record.stops.flatMap((stop) =>
    stop.kind === "hold" && stop.because === "record-lost" ? [stop.environment] : [],
  );
}

/** The record after somebody who may promote into these environments put the lost one back. */
export function withoutLoss(
  record: StopRecord,
  environments: readonly string[],
  at: Date,
): StopRecord {
  const holds = record.stops.filter(
    (stop) =>
      stop.kind === "hold" &&
      stop.because === "record-lost" &&
      environments.includes(stop.environment),
  );
  return holds.reduce((all, hold) => withoutStop(all, stopKey(hold), at), record);
}
