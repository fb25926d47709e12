import { sameArtifact } from "./artifact.ts";
import { orderOf } from "./inquiry.ts";
import type { PlanContext } from "./plan-context.ts";
import type { DesiredArtifact, NoWayBack } from "./plan-types.ts";
import { chooseRollback, type RollbackMove } from "./rollback.ts";
import { isOpen } from "./verdict.ts";

/** What `rollout.onFailure: rollback` wants in one stream. */
export type AutomaticRollback =
  | { readonly kind: "none" }
  | {
      readonly kind: "back";
      readonly failed: DesiredArtifact;
      readonly moves: readonly RollbackMove[];
    }
  | ({ readonly kind: "no-way-back" } & NoWayBack);

const none: AutomaticRollback = { kind: "none" };

/**
 * Does the policy take back what failed here? Once for each time that it came, and never what was itself a way back:
 * a rollback or a revert that fails is for a person to look at.
 */
export function automaticRollback(context: PlanContext): AutomaticRollback {
  const { environment, state } = context;
  if (environment.rollout.onFailure !== "rollback") return none;
  const failed = state.desired
    .filter((group) => hasFailed(context, group))
    .toSorted((one, other) => other.tenants.length - one.tenants.length)
    .find((group) => mayGoBack(context, group));
  if (failed === undefined) return none;
  const choice = chooseRollback(context, { tag: null, tenants: new Set(failed.tenants) });
  return choice.kind === "back"
    ? { kind: "back", failed, moves: choice.moves }
    : { kind: "no-way-back", failed, sentence: choice.sentence };
}

/** The verdict on what stands there, as this very commit brought it; what is still open may yet end well. */
function hasFailed({ state }: PlanContext, { artifact, commit }: DesiredArtifact): boolean {
  const verdict = state.verdicts.find((one) => sameArtifact(one.artifact, artifact));
  return (
    verdict !== undefined &&
    verdict.commit === commit &&
    verdict.result !== "verified" &&
    !isOpen(verdict)
  );
}

function mayGoBack(context: PlanContext, group: DesiredArtifact): boolean {
  const { state, inquiry, service } = context;
  const past = state.pastRollbacks ?? [];
  if (past.some(({ mergeRevision }) => mergeRevision === group.commit)) return false;
  if (past.some(({ openedAt }) => openedAt >= group.broughtAt)) return false;
  if (group.previous === null) return true;
  const order = orderOf(inquiry, service.name, group.previous, group.artifact);
  return order !== null && order.relation !== "older";
}
