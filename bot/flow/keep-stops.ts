import {
  freezeEnd,
  readStops,
  renderStops,
  stopKey,
  stopsInForce,
  withoutStop,
  withStop,
  type Stop,
  type StopRecord,
} from "#core/stop.ts";
import { formatMoment } from "#core/words.ts";

import {
  dashboardRemedy,
  isRefused,
  needDashboard,
  readStopsBack,
  withRecord,
  writeDashboard,
} from "./dashboard-issue.ts";
import { rememberStops } from "./remember-stops.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** What people stopped, in force at this run's moment. The dashboard issue is the truth, the memory a cache of it. */
export async function listStops(context: RepositoryContext): Promise<readonly Stop[]> {
  return stopsInForce(await recallStops(context), context.now);
}

export type StopResult =
  | { readonly kind: "kept" }
  /** Nothing was stopped, and what would help. */
  | {
      readonly kind: "refused";
      readonly reason: "too-many" | "no-dashboard" | "lifted-since" | "longer-freeze";
      readonly sentence: string;
    };

/**
 * Stops an environment or a service until somebody lifts it. It stands on the dashboard issue when this returns.
 * Carried out again, it changes nothing; it does not bring back what was lifted later, nor shorten a longer freeze: then
 * it says so.
 */
export async function addStop(context: RepositoryContext, stop: Stop): Promise<StopResult> {
  const before = await recallStops(context);
  let full = false;
  let stands: Stop | undefined;
  await rememberStops(context).changeStops((known) => {
    const next = withStop(readStops(known) ?? before, stop);
    full = next === null;
    stands = next?.stops.find((one) => stopKey(one) === stopKey(stop));
    return next ?? undefined;
  });
  if (full)
    return {
      kind: "refused",
      reason: "too-many",
      sentence:
        "There are more holds and freezes than the dashboard issue can keep: lift some that are not needed any more.",
    };
  const other = whatStandsInstead(stop, stands);
  if (other !== null) return other;
  try {
    await writeStops(context);
    return { kind: "kept" };
  } catch (error) {
    if (!isRefused(error)) throw error;
    // What stands nowhere but in the memory would be gone with it.
    await rememberStops(context).changeStops((known) =>
      withoutStop(readStops(known) ?? before, stopKey(stop), stop.at),
    );
    const sentence = `Nothing was stopped, because the dashboard issue cannot be kept: ${dashboardRemedy}.`;
    return { kind: "refused", reason: "no-dashboard", sentence };
  }
}

/** Why a stop that was asked for does not stand now; null: it does. */
function whatStandsInstead(stop: Stop, stands: Stop | undefined): StopResult | null {
  const { environment } = stop;
  if (stands === undefined)
    return {
      kind: "refused",
      reason: "lifted-since",
      sentence: `Nothing is stopped in ${environment} by this: it was lifted since it was asked for. Ask once more if it shall stand.`,
    };
  if (stands.kind !== "freeze" || freezeEnd(stands) === freezeEnd(stop)) return null;
  const end =
    stands.until === null ? "until somebody lifts it" : `until ${formatMoment(stands.until)}`;
  return {
    kind: "refused",
    reason: "longer-freeze",
    sentence: `${environment} stays frozen ${end}, as ${stands.by} asked: ${stands.reason}. A shorter freeze does not end it earlier; write /unfreeze ${environment} first.`,
  };
}

/** Which stop is lifted, and when that was said: what was set later stays. */
export type Lifting = { readonly at: Date } & (
  | { readonly kind: "hold"; readonly environment: string; readonly service: string | null }
  | { readonly kind: "freeze"; readonly environment: string }
);

/** Lifts a stop. Gives what stood there; null where nothing did. */
export async function removeStop(
  context: RepositoryContext,
  lifting: Lifting,
): Promise<Stop | null> {
  const before = await recallStops(context);
  const key = stopKey(lifting);
  let stood: Stop | null = null;
  await rememberStops(context).changeStops((known) => {
    const record = readStops(known) ?? before;
    stood = record.stops.find((stop) => stopKey(stop) === key && stop.at <= lifting.at) ?? null;
    return stood === null ? undefined : withoutStop(record, key, lifting.at);
  });
  if (stood !== null) await writeStops(context);
  return stood;
}

/**
 * Lifts the holds of these services in an environment, and that of the whole environment. That it was said stands in the
 * dashboard's record as well: on the dashboard, or on the pull request of another place, no pull request of this one
 * tells it. Where no dashboard can be kept, it counts as long as the memory does. Says whether a hold was lifted.
 */
export async function liftHolds(
  context: RepositoryContext,
  lifting: {
    readonly environment: string;
    readonly services: readonly string[];
    readonly everything: boolean;
    readonly at: Date;
  },
): Promise<boolean> {
  const { environment, services, everything, at } = lifting;
  const before = await recallStops(context);
  let changed = false;
  await rememberStops(context).changeStops((known) => {
    const record = readStops(known) ?? before;
    const holds = record.stops.filter(
      (stop) =>
        stop.kind === "hold" &&
        stop.environment === environment &&
        stop.at <= at &&
        (stop.service === null || everything || services.includes(stop.service)),
    );
    const said = everything ? ["*"] : services;
    const keys = [...holds.map(stopKey), ...said.map((service) => resumeKey(environment, service))];
    changed = holds.length > 0;
    return keys.reduce((all, key) => withoutStop(all, key, at), record);
  });
  try {
    await writeStops(context);
  } catch (error) {
    if (!isRefused(error)) throw error;
    context.log.warn(
      { code: error.code, remedy: dashboardRemedy },
      "the dashboard issue cannot be kept",
    );
  }
  return changed;
}

/** When `/resume` was last said for a service in an environment, as the dashboard tells; null where never. */
export async function resumedOnDashboard(
  context: RepositoryContext,
  environment: string,
  service: string,
): Promise<Date | null> {
  const { lifted } = await recallStops(context);
  const times = [service, "*"].flatMap((name) => lifted[resumeKey(environment, name)] ?? []);
  return times.toSorted((one, other) => other.getTime() - one.getTime())[0] ?? null;
}

/** Beside the keys of stops: nothing stands there, it only says when. */
function resumeKey(environment: string, service: string): string {
  return `resume/${environment}/${service}`;
}

/** Everything that is kept of stops, read back from the issue where the memory was emptied. */
export async function recallStops(context: RepositoryContext): Promise<StopRecord> {
  const known = readStops(await rememberStops(context).stops());
  if (known !== null) return known;
  const found = await readStopsBack(context);
  await rememberStops(context).changeStops((other) =>
    readStops(other) === null ? found : undefined,
  );
  return readStops(await rememberStops(context).stops()) ?? found;
}

/** More rounds than people can press buttons in while one request is under way. */
const mostRounds = 10;

/**
 * Brings the issue up to what the memory says. GitHub has no compare-and-swap for issues: whoever writes looks again
 * afterwards, so that of two at the same time the last one writes what both wanted.
 */
export async function writeStops(context: RepositoryContext): Promise<void> {
  for (let round = 0; round < mostRounds; round += 1) {
    const record = await recallStops(context);
    const issue = await needDashboard(context, record);
    const body = withRecord(issue.body, record);
    await writeDashboard(context, issue, body);
    if (renderStops(await recallStops(context)) === renderStops(record)) return;
  }
  throw new Error(`the stops of ${context.job.repository} changed with every look`);
}
