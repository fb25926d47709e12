import type { Application } from "./application.ts";
import { isCompleted } from "./application.ts";

/** Rules of the real controller that no write of the simulator may break. */
export function checkInvariants(before: Application, after: Application, cause: string): string[] {
  const broken: string[] = [];
  const name = after.metadata.name;
  const say = (text: string) => broken.push(`${name} (${cause}): ${text}`);

  if (Number(after.metadata.resourceVersion) <= Number(before.metadata.resourceVersion)) {
    say("resourceVersion did not grow");
  }
  const phase = after.status.operationState?.phase;
  if (after.operation === undefined && phase !== undefined && !isCompleted(phase)) {
    say(`phase ${phase} without an operation`);
  }
  if (after.operation !== undefined && isCompleted(phase)) {
    say(`an operation is set although the phase is ${phase}`);
  }
  const compared = cause.startsWith("compare");
  const changed = (read: (app: Application) => unknown) =>
    JSON.stringify(read(before)) !== JSON.stringify(read(after));
  if (!compared && (changed((app) => app.status.sync) || changed((app) => app.status.health))) {
    say("sync and health change only in a comparison");
  }
  if (changed((app) => app.status.reconciledAt) && !/^compare level [23]/.test(cause)) {
    say("reconciledAt changes only at level 2 and above");
  }
  if (
    changed((app) => app.status.health.lastTransitionTime) &&
    !changed((app) => app.status.health.status)
  ) {
    say("lastTransitionTime changed without a new health status");
  }
  const ids = (after.status.history ?? []).map((item) => item.id);
  if (ids.length > 10) say("more than ten history entries");
  if (ids.some((id, index) => index > 0 && id !== ids[index - 1]! + 1)) {
    say("history ids are not consecutive");
  }
  return broken;
}
