import { decideDoubt, withoutLoss } from "#core/lost-record.ts";
import type { Policy } from "#core/policy.ts";
import { readStops, type Doubt } from "#core/stop.ts";

import { isRefused } from "./dashboard-issue.ts";
import { sayDashboardAnew } from "./keep-dashboard.ts";
import { recallStops, writeStops } from "./keep-stops.ts";
import { isSluiceBranch, type ObservedPulls } from "./observe-pull-requests.ts";
import { rememberStops } from "./remember-stops.ts";
import type { RepositoryContext } from "./repository-context.ts";

/**
 * So long after its first promotion Sluice has written the dashboard in any case: where promotions are older and there
 * is no dashboard, somebody took it away. Ours.
 */
const dashboardWithinMs = 60 * 60_000;

/**
 * Everything was forgotten, and what people had stopped stood on the dashboard alone: where somebody changed that record
 * or took it away, every environment is put on hold before anything is planned. Nothing is where there never was one,
 * nor where there cannot be one.
 */
export async function holdWhatWasLost(
  context: RepositoryContext,
  policy: Policy,
  pulls: ObservedPulls,
): Promise<void> {
  const { doubt } = await recallStops(context);
  if (doubt === undefined) return;
  const isLost = doubt.why === "changed" || hasPromotedBefore(context, pulls, doubt);
  const environments = policy.environments.map(({ name }) => name);
  await rememberStops(context).changeStops((known) => {
    const record = readStops(known);
    return record?.doubt === undefined ? undefined : decideDoubt(record, environments, isLost);
  });
  if (!isLost) return;
  if (doubt.why === "absent" && !(await keepsDashboard(context))) {
    // Where GitHub lets nobody keep one, nothing can have been stopped.
    await rememberStops(context).changeStops((known) => {
      const record = readStops(known);
      return record === null ? undefined : withoutLoss(record, environments, context.now);
    });
    return;
  }
  context.log.warn(
    { why: doubt.why, remedy: "write /resume for each environment once it may go on" },
    "what people stopped is not known any more: every environment is on hold",
  );
  await sayDashboardAnew(context);
}

async function keepsDashboard(context: RepositoryContext): Promise<boolean> {
  try {
    await writeStops(context);
    return true;
  } catch (error) {
    if (!isRefused(error)) throw error;
    return false;
  }
}

function hasPromotedBefore(
  { login }: RepositoryContext,
  pulls: ObservedPulls,
  { at }: Doubt,
): boolean {
  const before = new Date(at.getTime() - dashboardWithinMs);
  return pulls.some(
    ({ author, headBranch, sameRepository, createdAt }) =>
      author === login && sameRepository && isSluiceBranch(headBranch) && createdAt < before,
  );
}
