import {
  dashboardLabel,
  dashboardMarker,
  dashboardTitle,
  renderDuplicateDashboard,
  renderFirstDashboard,
} from "#core/dashboard-text.ts";
import { Fault } from "#core/error.ts";
import {
  carefulStops,
  mergeStops,
  noStops,
  parseStops,
  renderStops,
  type StopRecord,
} from "#core/stop.ts";
import type { Issue } from "#ports/issues.ts";

import { rememberStops } from "./remember-stops.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** The one dashboard issue; null where there is none yet. What was found is remembered: then it costs one read. */
export async function findDashboard(context: RepositoryContext): Promise<Issue | null> {
  const memory = rememberStops(context);
  const known = await memory.dashboard();
  const there = known === null ? null : await context.issues.issue(known);
  if (there?.ours === true) return there;
  if (known !== null) await memory.dropDashboard();
  const [oldest, ...others] = await context.issues.own(dashboardMarker, dashboardLabel);
  if (oldest === undefined) return null;
  const kept = await memory.keepDashboard(oldest.number);
  if (kept !== oldest.number) return context.issues.issue(kept);
  return closeDuplicates(context, oldest, others);
}

/** Is this the number of the dashboard? No other plain issue is listened to. */
export async function isDashboard(context: RepositoryContext, number: number): Promise<boolean> {
  const known = await rememberStops(context).dashboard();
  return (known ?? (await findDashboard(context))?.number) === number;
}

/** The one dashboard issue, opened where there is none. Two that open one at the same time end with the same one. */
export async function needDashboard(
  context: RepositoryContext,
  record: StopRecord,
  body = renderFirstDashboard(renderStops(record)),
): Promise<Issue> {
  const found = await findDashboard(context);
  if (found !== null) return found;
  const opened = await context.issues.open({
    title: dashboardTitle,
    body,
    labels: [dashboardLabel],
    marker: dashboardMarker,
  });
  const kept = await rememberStops(context).keepDashboard(opened.number);
  context.log.info({ issue: kept }, "dashboard opened");
  if (kept === opened.number) return opened;
  const other = await context.issues.issue(kept);
  return other === null ? opened : closeDuplicates(context, other, [opened]);
}

/**
 * What stops stand on any of the dashboards that are there: for the moment at which everything was forgotten. Where none
 * is there, nobody stopped anything yet, or somebody took it away.
 */
export async function readStopsBack(context: RepositoryContext): Promise<StopRecord> {
  const found = await findDashboard(context);
  if (found === null) return { ...noStops, doubt: { why: "absent", at: context.now } };
  return recordOf(context, found);
}

/** A record without a right seal is not believed in everything: whoever may edit the issue may have changed it. */
function recordOf({ log, now }: RepositoryContext, issue: Issue): StopRecord {
  const record = parseStops(issue.body);
  if (record !== null && issue.isSealed) return record;
  log.warn(
    {
      issue: issue.number,
      remedy:
        "look at the issue's edits, and restore its text or write /resume for each environment",
    },
    "the dashboard's record was changed by somebody else, or by another webhook secret: its stops stand, what it says was lifted does not count",
  );
  const careful = record === null ? noStops : carefulStops(record, now);
  return { ...careful, doubt: { why: "changed", at: now } };
}

/** Brings the issue to this text, sealed and open: a dashboard that nobody sees tells nothing. */
export async function writeDashboard(
  { issues }: RepositoryContext,
  issue: Issue,
  body: string,
): Promise<void> {
  const isOpen = issue.state === "open";
  if (issue.body === body && issue.isSealed && isOpen) return;
  await issues.edit(issue.number, isOpen ? { body } : { body, state: "open" });
}

/** The oldest stays; what the others hold goes over to it first, so that no stop is lost. */
async function closeDuplicates(
  context: RepositoryContext,
  kept: Issue,
  others: readonly Issue[],
): Promise<Issue> {
  const { issues, log } = context;
  const open = others.filter((other) => other.number !== kept.number);
  if (open.length === 0) return kept;
  const records = [kept, ...open].map((issue) => recordOf(context, issue));
  const body = withRecord(kept.body, records.reduce(mergeStops));
  const merged = body === kept.body ? kept : await issues.edit(kept.number, { body });
  for (const { number } of open) {
    await issues.edit(number, { body: renderDuplicateDashboard(kept.number), state: "closed" });
    log.info({ issue: number, instead: kept.number }, "duplicate dashboard closed");
  }
  return merged;
}

/** The same text with this record in its machine block, which is the last line. */
export function withRecord(body: string, record: StopRecord): string {
  const lines = body.trimEnd().split("\n");
  const text = parseStops(body) === null ? lines : lines.slice(0, -1);
  const kept = text.join("\n").trimEnd();
  const marked = kept.includes(dashboardMarker) ? kept : `${dashboardMarker}\n\n${kept}`;
  return `${marked}\n\n${renderStops(record)}`;
}

/** Has GitHub refused for good what the dashboard needs? Nothing else may stop because of it. */
export function isRefused(error: unknown): error is Fault {
  return error instanceof Fault && ["github.forbidden", "github.refused"].includes(error.code);
}

export const dashboardRemedy =
  "give the App the permission issues: write, and switch issues on in the repository's settings";
