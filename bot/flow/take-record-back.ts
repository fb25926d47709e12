import type { SluiceEvent } from "#core/event.ts";
import { heldForLoss, withoutLoss } from "#core/lost-record.ts";
import type { Policy } from "#core/policy.ts";
import { mergeStops, parseStops, readStops } from "#core/stop.ts";

import { recallStops } from "./keep-stops.ts";
import { mayPromote } from "./may-promote.ts";
import { rememberStops } from "./remember-stops.ts";
import type { RepositoryContext } from "./repository-context.ts";

type IssueEvent = Extract<SluiceEvent, { kind: "issue.edited" }>;

/**
 * Somebody edited the dashboard: did they put the lost record back? It counts where that person may promote; what it
 * stopped stands again, although it may be older than what was lost.
 */
export async function takeRecordBack(
  context: RepositoryContext,
  policy: Policy,
  event: IssueEvent,
): Promise<void> {
  const held = heldForLoss(await recallStops(context));
  if (held.length === 0) return;
  const issue = await context.issues.issue(event.number);
  const found = issue?.isSealed === true ? parseStops(issue.body) : null;
  if (found === null || found.doubt?.why === "changed" || heldForLoss(found).length > 0) return;
  const standings = await Promise.all(
    policy.environments
      .filter(({ name }) => held.includes(name))
      .map(async (environment) => ({
        name: environment.name,
        may: (await mayPromote(context, environment, event.sender)).kind === "may",
      })),
  );
  const freed = standings.flatMap(({ name, may }) => (may ? [name] : []));
  if (freed.length === 0) return;
  await rememberStops(context).changeStops((known) => {
    const record = readStops(known);
    if (record === null) return undefined;
    const both = mergeStops(record, { stops: found.stops, lifted: found.lifted });
    return withoutLoss(both, freed, new Date(event.editedAt));
  });
  context.log.info({ by: event.sender, environments: freed }, "the dashboard's record is back");
}
