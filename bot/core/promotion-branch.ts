import { isPromotionId } from "./promotion-id.ts";
import type { SideKind } from "./side-kind.ts";
import { streamKey, type Stream } from "./target.ts";

/** Where a promotion's branch says that it belongs. */
export type PromotionPlace = {
  readonly stream: Stream;
  /** Null: the stream's own promotion. */
  readonly side: { readonly kind: SideKind; readonly id: string } | null;
};

const sides: ReadonlyMap<string, SideKind> = new Map([
  ["sluice-rollback", "rollback"],
  ["sluice-catch-up", "catch-up"],
  ["sluice-subset", "subset"],
]);

/** `sluice/prod/demo-api/canary`: the stream's own branch, updated in place. */
export function streamBranch({ environment, service, ring }: Stream): string {
  return `sluice/${environment}/${service}/${ring}`;
}

/** `sluice-rollback/prod/demo-api/canary/<promotion id>`: one branch for one promotion beside the stream's own one. */
export function sideBranch(kind: SideKind, { environment, service, ring }: Stream, id: string) {
  return `sluice-${kind}/${environment}/${service}/${ring}/${id}`;
}

/** The stream whose own branch this is; null for any other branch. */
export function parseStreamBranch(branch: string): Stream | null {
  const place = parsePromotionBranch(branch);
  return place?.side === null ? place.stream : null;
}

/** Is this the branch of any promotion of this stream? Asked often: most branches are told apart before they are read. */
export function isBranchOf(branch: string, stream: Stream): boolean {
  if (!branch.includes(`/${streamKey(stream)}`)) return false;
  const place = parsePromotionBranch(branch);
  return place !== null && streamKey(place.stream) === streamKey(stream);
}

/** What a branch of Sluice's is for; null for any other branch. */
export function parsePromotionBranch(branch: string): PromotionPlace | null {
  const [prefix = "", environment, service, ring, ...more] = branch.split("/");
  if (!environment || !service || !ring) return null;
  const stream = { environment, service, ring };
  if (prefix === "sluice") return more.length === 0 ? { stream, side: null } : null;
  const kind = sides.get(prefix);
  const [id = "", ...rest] = more;
  if (kind === undefined || rest.length > 0 || !isPromotionId(id)) return null;
  return { stream, side: { kind, id } };
}
