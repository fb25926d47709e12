import { sameArtifact, type Artifact } from "#core/artifact.ts";
import type { Place } from "#core/next-place.ts";
import type { Policy } from "#core/policy.ts";
import { parsePromotionBranch } from "#core/promotion-branch.ts";
import type { PullRequest } from "#ports/github-things.ts";

import { findOpenPromotions } from "./find-open-promotions.ts";
import { carriedBy } from "./observe-open-promotion.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** What somebody agrees to. */
export type ConsentOrder = {
  /** The promotion that it was written on; null where it was written elsewhere. */
  readonly on: PullRequest | null;
  readonly place: Place;
  /** The one that is meant; null: the one of the promotion that it was written on, or whatever is open there. */
  readonly artifact: Artifact | null;
  readonly dryRun: boolean;
};

export type ChosenOpen =
  | { readonly kind: "chosen"; readonly pull: PullRequest }
  | { readonly kind: "refused"; readonly sentence: string };

/**
 * The open promotion that `/promote` means which was written elsewhere: it must bring what is meant there, the artifact
 * that was named or the one of the promotion that it was written on.
 */
export async function chooseOpen(
  context: RepositoryContext,
  policy: Policy,
  { on, place, artifact: named }: ConsentOrder,
): Promise<ChosenOpen> {
  const open = await findOpenPromotions(context, policy, place);
  const wanted = named ?? (on === null ? null : await carriedBy(context, on));
  const pulls = await Promise.all(
    open.map(async (pull) => ({ pull, brings: await carriedBy(context, pull) })),
  );
  const [first] = pulls;
  if (first === undefined) return refused(noneOpen(place, wanted));
  if (on !== null && wanted === null)
    return refused(
      `Nothing says any more what #${on.number} brings: write /promote on ${list(pulls)}.`,
    );
  const meant =
    wanted === null
      ? pulls
      : pulls.filter(({ brings }) => brings !== null && sameArtifact(brings, wanted));
  const [only, ...others] = meant;
  if (only !== undefined)
    return others.length === 0
      ? { kind: "chosen", pull: only.pull }
      : refused(whichOne(place, meant));
  const whose = on === null ? "" : ` of #${on.number}`;
  const there = pulls.map(({ pull, brings }) => `#${pull.number} (${nameOf(brings)})`).join(", ");
  return refused(
    `You meant ${nameOf(wanted)}${whose}, and what is open in ${place.environment} brings something else: ${there}. Write /promote on that, or /promote ${place.environment} --to ${wanted?.tag ?? ""} for what you meant.`,
  );
}

type Seen = { readonly pull: PullRequest; readonly brings: Artifact | null };

function noneOpen(place: Place, wanted: Artifact | null): string {
  const where = place.ring === null ? place.environment : `${place.environment}/${place.ring}`;
  const none = `There is no open promotion of ${place.service} into ${where} that could be agreed to`;
  return wanted === null
    ? `${none}.`
    : `${none}: to open one of ${wanted.tag}, write /promote ${place.environment} --to ${wanted.tag}.`;
}

/** Several rings may be open, each with another artifact: nobody is taken to mean all of them. */
function whichOne({ service, environment }: Place, pulls: readonly Seen[]): string {
  return `Several promotions of ${service} into ${environment} are open: ${list(pulls)}. Write /promote on the one that you mean.`;
}

function list(pulls: readonly Seen[]): string {
  return pulls
    .map(({ pull: { number, headBranch } }) => {
      const ring = parsePromotionBranch(headBranch)?.stream.ring ?? "";
      return `#${number} (ring ${ring})`;
    })
    .join(", ");
}

/** Two images of one tag are told apart by their digests. */
function nameOf(artifact: Artifact | null): string {
  if (artifact === null) return "nobody knows what";
  const { tag, digest } = artifact;
  return digest === null ? tag : `${tag}, ${digest.slice(0, "sha256:".length + 12)}`;
}

function refused(sentence: string): ChosenOpen {
  return { kind: "refused", sentence };
}
