import { sameArtifact } from "#core/artifact.ts";
import type { OpenPromotion, OpenSide, PastRollback } from "#core/plan-types.ts";
import type { ServicePolicy } from "#core/policy.ts";
import { isBranchOf, parsePromotionBranch } from "#core/promotion-branch.ts";
import { parseTrailers } from "#core/promotion-pull-request.ts";
import type { SideKind } from "#core/side-kind.ts";
import type { Stream, TargetState } from "#core/target.ts";
import type { PullRequest } from "#ports/github-things.ts";

import { observeOpenPromotion } from "./observe-open-promotion.ts";
import type { ObservedPulls } from "./observe-pull-requests.ts";
import { artifactAt } from "./observe-targets.ts";
import type { RepositoryContext } from "./repository-context.ts";

export type ObservedSides = {
  readonly sides: readonly OpenSide[];
  readonly pastRollbacks: readonly PastRollback[];
};

/** What stands open beside a stream's own promotion, and which rollbacks are over. Only what Sluice opened counts. */
export async function observeSides(
  context: RepositoryContext,
  place: {
    readonly stream: Stream;
    readonly service: ServicePolicy;
    readonly targets: readonly TargetState[];
    readonly head: string;
  },
  pulls: ObservedPulls,
): Promise<ObservedSides> {
  const own = sidesOf(place.stream, pulls).filter(({ pull }) => pull.author === context.login);
  const open = own.filter(({ pull }) => pull.state === "open");
  const sides = await Promise.all(open.map((one) => observeSide(context, place, one)));
  const past = own.filter(({ kind, pull }) => kind === "rollback" && pull.state === "closed");
  return {
    sides: sides.filter((side): side is OpenSide => side !== null),
    pastRollbacks: past.map(({ pull }) => ({
      openedAt: pull.createdAt,
      mergeRevision: pull.mergeRevision,
    })),
  };
}

type Side = { readonly kind: SideKind; readonly id: string; readonly pull: PullRequest };

/** Pull requests on branches beside a stream's own one, whoever opened them. */
export function sidesOf(stream: Stream, pulls: ObservedPulls): readonly Side[] {
  return pulls.flatMap((pull) => {
    if (!pull.sameRepository || !isBranchOf(pull.headBranch, stream)) return [];
    const side = parsePromotionBranch(pull.headBranch)?.side;
    return side == null ? [] : [{ ...side, pull }];
  });
}

async function observeSide(
  context: RepositoryContext,
  place: Parameters<typeof observeSides>[1],
  { kind, id, pull }: Side,
): Promise<OpenSide | null> {
  const { repository, memory, login } = context;
  const { service } = place;
  const targets = place.targets.map(({ target }) => target);
  const open = await observeOpenPromotion(repository, memory, { pull, service, targets, login });
  if (open === null) return null;
  const commit = await repository.commit(open.head);
  const trailers = parseTrailers(commit.message);
  // The branch is the promotion's name: a commit of ours that belongs elsewhere says nothing here.
  const ours = trailers !== null && trailers.promotionId === id;
  const ownership: OpenPromotion["ownership"] = ours ? open.ownership : "person";
  const requestedBy = trailers?.requestedBy ?? null;
  const overtaken = ownership === "sluice" ? await findOvertaken(context, place, open) : [];
  return { kind, id, open: { ...open, ownership, requestedBy }, overtaken };
}

/** Tenants that hold neither what the commit replaced nor what it brings. Only files that changed since are read. */
async function findOvertaken(
  { repository, memory }: RepositoryContext,
  { service, targets, head }: Parameters<typeof observeSides>[1],
  open: OpenPromotion,
): Promise<readonly string[]> {
  const made = await memory.made(open.head);
  if (made === null) return [];
  const files = await repository.files(head);
  const moving = new Set(open.tenants);
  const changed = targets.filter(
    ({ target }) =>
      moving.has(target.tenant) && files.get(target.file)?.sha !== made.before[target.file],
  );
  const overtaken = await Promise.all(
    changed.map(async ({ target, desired }) => {
      if (desired.kind === "refused" || sameArtifact(desired.artifact, open.artifact)) return [];
      const replaced = await artifactAt(repository, service, target, made.parent);
      const same = replaced !== null && sameArtifact(replaced, desired.artifact);
      return same ? [] : [target.tenant];
    }),
  );
  return overtaken.flat();
}
