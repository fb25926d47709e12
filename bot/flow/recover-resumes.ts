import { parseResumeMarker } from "#core/comment.ts";
import type { StreamState } from "#core/plan-types.ts";
import { parsePromotionBranch, streamBranch } from "#core/promotion-branch.ts";

import { resumedOnDashboard } from "./keep-stops.ts";
import type { ObservedPulls } from "./observe-pull-requests.ts";
import type { RepositoryContext } from "./repository-context.ts";

/**
 * Where a hold or a veto stands after everything was forgotten, has `/resume` lifted it? Our answer stands under any
 * pull request of that service in that environment, and writing it updated the pull request: those that nobody touched
 * since the stop began are not read. What was said elsewhere stands in the dashboard's record. Says whether anything was found.
 */
export async function recoverResumes(
  context: RepositoryContext,
  states: readonly StreamState[],
  pulls: ObservedPulls,
): Promise<boolean> {
  const groups = Map.groupBy(
    states,
    ({ stream }) => `${stream.environment}/${stream.service}`,
  ).values();
  const found = await Promise.all([...groups].map((group) => recoverGroup(context, group, pulls)));
  return found.includes(true);
}

async function recoverGroup(
  context: RepositoryContext,
  states: readonly StreamState[],
  pulls: ObservedPulls,
): Promise<boolean> {
  const { conversation, login, memory, repository } = context;
  const stops = states.flatMap(({ holds, vetoes }) => [
    ...holds.map(({ since }) => since.getTime()),
    ...vetoes.map(({ at }) => at.getTime()),
  ]);
  const [first] = states;
  if (stops.length === 0 || first === undefined) return false;
  const { environment, service } = first.stream;
  const since = Math.min(...stops);
  const branches = states.map(({ stream }) => streamBranch(stream));
  const lists = await Promise.all(branches.map((branch) => repository.pullRequestsOf(branch)));
  const beside = pulls.filter(({ sameRepository, headBranch }) => {
    const place = sameRepository ? parsePromotionBranch(headBranch) : null;
    if (place?.side == null) return false;
    return place.stream.environment === environment && place.stream.service === service;
  });
  const newestFirst = [...lists.flat(), ...beside]
    .filter(({ updatedAt }) => updatedAt.getTime() >= since)
    .toSorted((one, other) => other.updatedAt.getTime() - one.updatedAt.getTime());
  let latest = await resumedOnDashboard(context, environment, service);
  for (const { number, updatedAt } of newestFirst) {
    if (latest !== null && latest > updatedAt) break;
    for (const { author, body } of await conversation.comments(number)) {
      const resumed = author === login ? parseResumeMarker(body) : null;
      if (resumed?.environment !== environment || resumed.service !== service) continue;
      if (latest === null || resumed.at > latest) latest = resumed.at;
    }
  }
  if (latest === null) return false;
  await memory.setResumed(environment, service, latest);
  return true;
}
