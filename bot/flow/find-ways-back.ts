import { formatArtifact, type Artifact } from "#core/artifact.ts";
import type { StreamState } from "#core/plan-types.ts";
import type { Policy } from "#core/policy.ts";
import type { Stream } from "#core/target.ts";

import { chooseWayBack } from "./choose-way-back.ts";
import { observePlace } from "./observe-place.ts";
import type { RepositoryContext } from "./repository-context.ts";
import type { SideRequest } from "./request-side-promotion.ts";
import { selectTenants } from "./select-tenants.ts";

/** What somebody wants to move beside a stream's own promotion. */
export type SideOrder = {
  readonly environment: string;
  readonly service: string;
  /** Null: every ring. */
  readonly ring: string | null;
  /** Null: going back, to what was verified last; going forward, to what the open promotion brings. */
  readonly tag: string | null;
  /** Names or patterns; null: everybody. */
  readonly tenants: readonly string[] | null;
  /** Login of the person. */
  readonly by: string;
  readonly at: Date;
};

export type WaysBack =
  | {
      readonly kind: "requests";
      readonly requests: readonly SideRequest[];
      /** Rings whose own open promotion brings all of it already: to be agreed to, not opened beside. */
      readonly open?: readonly { readonly stream: Stream; readonly artifact: Artifact }[];
    }
  | { readonly kind: "refused"; readonly sentence: string }
  | {
      readonly kind: "unknown-tenant";
      readonly sentence: string;
      readonly nearest: string | null;
    };

/**
 * What a rollback comes to: one promotion for each ring, and for each artifact where the tenants of a ring go back to
 * different ones. What was named must have been verified everywhere, or nothing moves at all. Nothing is done here:
 * `requestSidePromotion` opens each of them.
 */
export async function findWaysBack(
  context: RepositoryContext,
  policy: Policy,
  order: SideOrder,
): Promise<WaysBack> {
  const head = (await context.repository.head()).revision;
  const observed = await observePlace(context, policy, head, order);
  const states = observed.states.filter(
    ({ stream, targets }) =>
      targets.length > 0 && (order.ring === null || order.ring === stream.ring),
  );
  const known = states.flatMap(({ targets }) => targets.map(({ target }) => target.tenant));
  const selected = selectTenants(order.tenants, known);
  if (selected.kind === "unknown") return { ...selected, kind: "unknown-tenant" };
  const wish = { tag: order.tag, tenants: selected.tenants };
  const meant = states.filter(({ targets }) =>
    targets.some(({ target }) => selected.tenants?.has(target.tenant) ?? true),
  );
  if (meant.length === 0)
    return refused(`There is no target of ${order.service} in ${order.environment} to take back.`);
  const choices = await Promise.all(
    meant.map(async (state) => ({
      state,
      choice: await chooseWayBack(context, observed, state, wish, head),
    })),
  );
  const refusals = choices.flatMap(({ choice }) => (choice.kind === "refused" ? [choice] : []));
  const wrong = refusals.filter(({ reason }) => reason === "not-verified");
  if (wrong.length > 0) return refused(wrong.map(({ sentence }) => sentence).join(" "));
  const requests = choices.flatMap(({ state, choice }) =>
    choice.kind === "refused"
      ? []
      : choice.moves.map(({ artifact, tenants }): SideRequest => ({
          kind: "rollback",
          stream: state.stream,
          artifact,
          tenants: tenants.toSorted(),
          held: heldIn(state, tenants),
          named: order.tenants !== null,
          requestedBy: order.by,
          at: order.at.toISOString(),
        })),
  );
  return requests.length > 0
    ? { kind: "requests", requests }
    : refused(refusals.map(({ sentence }) => sentence).join(" "));
}

function heldIn({ targets }: StreamState, tenants: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    targets.flatMap(({ target: { tenant }, desired }) =>
      desired.kind === "artifact" && tenants.includes(tenant)
        ? [[tenant, formatArtifact(desired.artifact)]]
        : [],
    ),
  );
}

function refused(sentence: string): WaysBack {
  return { kind: "refused", sentence };
}
