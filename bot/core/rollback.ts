import { isFloating, type Artifact } from "./artifact.ts";
import { orderOf } from "./inquiry.ts";
import { artifactKey, type PlanContext } from "./plan-context.ts";
import type { StreamState } from "./plan-types.ts";
import { placeName } from "./target.ts";
import { verifiedBefore, type Verified } from "./verified-before.ts";
import { listNames } from "./words.ts";

/** What somebody, or the policy, wants to be taken back in one stream. */
export type RollbackWish = {
  /** To this tag; null: to what was verified last, target by target. */
  readonly tag: string | null;
  /** Null: every tenant of the stream. */
  readonly tenants: ReadonlySet<string> | null;
};

export type RollbackMove = { readonly artifact: Artifact; readonly tenants: readonly string[] };

export type RollbackChoice =
  | {
      readonly kind: "back";
      /** One an artifact, most tenants first. */
      readonly moves: readonly RollbackMove[];
      /** Tenants that were meant and stay where they are, each with the reason. */
      readonly staying: readonly { readonly tenant: string; readonly sentence: string }[];
    }
  | { readonly kind: "refused"; readonly reason: string; readonly sentence: string };

type Place = Pick<PlanContext, "state" | "service" | "inquiry">;
type Step =
  | { readonly to: Artifact }
  /** It stays: it stands there already, or there is nothing to go back to. */
  | { readonly stays: string }
  /** What was named was never verified there, or is no way back. */
  | { readonly not: string };

/** Tags that a refusal names. */
const mostNamed = 10;

/**
 * Where each target goes back to: the artifact that was verified there last before the one that stands there came, or
 * the one that was named, which must have been verified in each of them. Never forwards, whatever was verified when.
 * Preliminary while it asks.
 */
export function chooseRollback(place: Place, wish: RollbackWish): RollbackChoice {
  const { state } = place;
  const meant = state.targets.filter(({ target }) => wish.tenants?.has(target.tenant) ?? true);
  const histories = verifiedBefore(state, place.service.values.digest !== null);
  const moves = new Map<string, { artifact: Artifact; tenants: string[] }>();
  const staying: { tenant: string; sentence: string }[] = [];
  const refused: { tenant: string; sentence: string }[] = [];
  for (const { target, desired } of meant) {
    const { tenant } = target;
    if (desired.kind === "refused") {
      staying.push({ tenant, sentence: desired.refusal.sentence });
      continue;
    }
    const step = stepBack(place, desired.artifact, histories.get(tenant) ?? [], wish.tag);
    if ("to" in step) {
      const key = artifactKey(step.to);
      const move = moves.get(key) ?? { artifact: step.to, tenants: [] };
      move.tenants.push(tenant);
      moves.set(key, move);
    } else if ("not" in step) refused.push({ tenant, sentence: step.not });
    else staying.push({ tenant, sentence: step.stays });
  }
  const [first] = refused;
  if (first !== undefined) return notVerified(state, meant, histories, refused, first.sentence);
  if (moves.size === 0) return nothingBefore(state, staying);
  const byTenants = [...moves.values()].toSorted(
    (one, other) => other.tenants.length - one.tenants.length,
  );
  return { kind: "back", moves: byTenants, staying };
}

function stepBack(
  place: Place,
  from: Artifact,
  history: readonly Verified[],
  tag: string | null,
): Step {
  if (tag !== null && from.tag === tag) return { stays: `Holds ${tag} already.` };
  if (tag === null) {
    for (const { artifact } of history.filter(isWayBack))
      if (leadsBack(place, from, artifact)) return { to: artifact };
    return { stays: `Nothing was verified there before ${nameOf(from)}.` };
  }
  if (isFloating(tag)) return { not: `${tag} names another image every day.` };
  const named = history.find(({ artifact }) => artifact.tag === tag);
  if (named === undefined) return { not: `${tag} was never verified there.` };
  const relation = orderOf(place.inquiry, place.service.name, from, named.artifact)?.relation;
  if (relation === "newer" || relation === "values-only")
    return { not: `${tag} is newer than ${nameOf(from)}: write /promote --to ${tag}.` };
  // Where nobody can tell which is newer, what stood there before does.
  if (relation === "unordered" && !named.isBefore)
    return { not: `${tag} came after ${nameOf(from)}: write /promote --to ${tag}.` };
  return { to: named.artifact };
}

function isWayBack({ artifact, isBefore }: Verified): boolean {
  return isBefore && !isFloating(artifact.tag);
}

function leadsBack({ inquiry, service }: Place, from: Artifact, to: Artifact): boolean {
  const relation = orderOf(inquiry, service.name, from, to)?.relation;
  return relation !== "newer" && relation !== "values-only";
}

function notVerified(
  { stream }: StreamState,
  meant: StreamState["targets"],
  histories: ReadonlyMap<string, readonly Verified[]>,
  refused: readonly { readonly tenant: string }[],
  sentence: string,
): RollbackChoice {
  const who = listNames(refused.map(({ tenant }) => tenant));
  const tags = tagsForAll(meant, histories).slice(0, mostNamed);
  const could =
    tags.length === 0
      ? "Nothing was verified in all of them before: leave out --to, then each goes back to its own."
      : `What could be named: ${tags.join(", ")}.`;
  return {
    kind: "refused",
    reason: "not-verified",
    sentence: `${who} in ${placeName(stream)}: ${sentence} ${could}`,
  };
}

/** What every target that can be read could go back to, newest first. */
function tagsForAll(
  meant: StreamState["targets"],
  histories: ReadonlyMap<string, readonly Verified[]>,
): readonly string[] {
  let common: readonly string[] | null = null;
  for (const { target, desired } of meant) {
    if (desired.kind === "refused") continue;
    const own = (histories.get(target.tenant) ?? []).filter(isWayBack);
    const tags = new Set([...own.map(({ artifact }) => artifact.tag), desired.artifact.tag]);
    common = (common ?? [...tags]).filter((tag) => tags.has(tag));
  }
  const standing = new Set(
    meant.flatMap(({ desired }) => (desired.kind === "artifact" ? [desired.artifact.tag] : [])),
  );
  return (common ?? []).filter((tag) => standing.size > 1 || !standing.has(tag));
}

function nothingBefore(
  { stream }: StreamState,
  staying: readonly { readonly tenant: string; readonly sentence: string }[],
): RollbackChoice {
  const [first] = staying;
  const why =
    first === undefined
      ? "there is no target that was meant."
      : `${first.tenant}: ${first.sentence}`;
  return {
    kind: "refused",
    reason: "nothing-before",
    sentence: `There is nothing to go back to in ${placeName(stream)}. ${why}`,
  };
}

/** What no registry could hold has no name. */
function nameOf({ tag }: Artifact): string {
  return tag === "" ? "what stands there" : tag;
}
