import type { Veto } from "#core/plan-types.ts";
import { isBranchOf, parsePromotionBranch } from "#core/promotion-branch.ts";
import { parseTrailers } from "#core/promotion-pull-request.ts";
import type { Stream } from "#core/target.ts";
import type { PullRequest } from "#ports/github-things.ts";

import type { ObservedPulls } from "./observe-pull-requests.ts";
import type { RepositoryContext } from "./repository-context.ts";

/**
 * Promotions of a stream that somebody else than Sluice closed unmerged. What was merged later has overruled them, and
 * `/resume` lifts them.
 */
export async function findVetoes(
  context: RepositoryContext,
  stream: Stream,
  pulls: ObservedPulls,
): Promise<readonly Veto[]> {
  const own = pulls.filter((pull) => pull.sameRepository && isVetoable(pull.headBranch, stream));
  const lastMerge = Math.max(0, ...own.map((pull) => pull.mergedAt?.getTime() ?? 0));
  const resumed = await context.memory.resumedAt(stream.environment, stream.service);
  const since = Math.max(lastMerge, resumed?.getTime() ?? 0);
  const closed = own.filter(
    (pull) =>
      pull.state === "closed" && pull.mergedAt === null && (pull.closedAt?.getTime() ?? 0) > since,
  );
  const vetoes = await Promise.all(closed.map((pull) => vetoOf(context, pull)));
  return vetoes.filter((veto): veto is Veto => veto !== null);
}

/** Whoever closes a rollback, or what a person asked for, keeps no artifact out with that. */
function isVetoable(branch: string, stream: Stream): boolean {
  if (!isBranchOf(branch, stream)) return false;
  const side = parsePromotionBranch(branch)?.side;
  return side === null || side?.kind === "catch-up";
}

/** Who closed it cannot always be known; only Sluice's own closing is certain not to be a veto. */
async function vetoOf(context: RepositoryContext, pull: PullRequest): Promise<Veto | null> {
  const by = await closedBy(context, pull.number);
  if (by === context.login) return null;
  const made = await context.memory.made(pull.headRevision);
  const artifact =
    made?.artifact ??
    parseTrailers((await context.repository.commit(pull.headRevision)).message)?.artifact;
  if (artifact === undefined || pull.closedAt === null) return null;
  return { artifact, number: pull.number, by: by ?? "somebody", at: pull.closedAt };
}

async function closedBy(context: RepositoryContext, number: number): Promise<string | null> {
  const known = await context.memory.closedBy(number);
  if (known !== null) return known.login;
  const login = await context.repository.closedBy(number);
  if (login !== null) await context.memory.setClosedBy(number, login);
  return login;
}
