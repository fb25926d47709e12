import type { Place } from "#core/next-place.ts";
import type { Policy } from "#core/policy.ts";
import { streamBranch } from "#core/promotion-branch.ts";
import type { PullRequest } from "#ports/github-things.ts";

import { streamsOf } from "./observe-streams.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** The branches of a place's own promotions, in the order of the rings. */
export function branchesOf(policy: Policy, { environment, service, ring }: Place): string[] {
  return streamsOf(policy)
    .filter((one) => one.environment === environment && one.service === service)
    .filter((one) => (ring ?? one.ring) === one.ring)
    .map(streamBranch);
}

/** The open promotions of a place, in the order of the rings. */
export async function findOpenPromotions(
  { repository }: RepositoryContext,
  policy: Policy,
  place: Place,
): Promise<readonly PullRequest[]> {
  const branches = branchesOf(policy, place);
  const found = await Promise.all(branches.map((branch) => repository.pullRequestsOf(branch)));
  return found.flat().filter((pull) => pull.state === "open" && pull.sameRepository);
}
