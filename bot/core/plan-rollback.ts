import { isFloating, sameArtifact, type Artifact } from "./artifact.ts";
import { freezesInForce, frozenUntil } from "./freeze.ts";
import type { GateResult } from "./gate.ts";
import { orderOf } from "./inquiry.ts";
import { movesNothing, obsolete, tenantsOf } from "./open-side.ts";
import type { PlanContext } from "./plan-context.ts";
import { mostCommon, notMeant } from "./plan-targets.ts";
import type { Consent, OpenSide, PlannedPromotion, PlannedTarget } from "./plan-types.ts";
import { firstConsent } from "./requester.ts";
import { formatMoment } from "./words.ts";

/** A rollback, open or to be opened. */
type Rollback = Pick<OpenSide, "overtaken"> & {
  readonly open: OpenSide["open"] | null;
  readonly artifact: Artifact;
  readonly tenants: ReadonlySet<string>;
};

/** One that is to be opened. */
export function freshRollback(artifact: Artifact, tenants: readonly string[]): Rollback {
  return { open: null, artifact, tenants: new Set(tenants), overtaken: [] };
}

export function openRollback(context: PlanContext, side: OpenSide): Rollback {
  const { open, overtaken } = side;
  return { open, overtaken, artifact: open.artifact, tenants: tenantsOf(context, side) };
}

/**
 * What happens to a rollback. Whoever asked for it consented with that, and nothing but a strict freeze holds it: no
 * other gate, no rollout that is under way, no hold.
 *
 * @param wanted the policy itself wants it now.
 */
export function planRollback(
  context: PlanContext,
  rollback: Rollback,
  wanted: boolean,
): PlannedPromotion {
  const { artifact, open } = rollback;
  const targets = targetsOf(context, rollback);
  const moving = targets.filter(({ outcome }) => outcome === "move");
  if (open !== null && moving.length === 0) return obsolete({ open }, movesNothing(artifact));
  if (open !== null && isFloating(artifact.tag))
    return obsolete({ open }, `${artifact.tag} names another image every day.`);
  const consent = open === null ? null : firstConsent(open.consents, open.head);
  const byPolicy = open === null || (open.requestedBy ?? null) === null;
  if (open !== null && byPolicy && !wanted && consent === null)
    return obsolete({ open }, "What it was to take back has not failed any more.");
  const gates = strictFreeze(context);
  const names = new Set(moving.map(({ target }) => target.tenant));
  const status = statusOf(rollback, gates, wanted, consent);
  return {
    kind: "promote",
    artifact,
    from: mostCommon(
      context.state.targets.flatMap(({ target, desired }) =>
        desired.kind === "artifact" && names.has(target.tenant) ? [desired.artifact] : [],
      ),
    ),
    targets,
    gates,
    ...status,
    merge: status.state === "ready",
    open,
    holds: [],
  };
}

/** Never forwards, and nothing that has moved on since somebody looked at it. */
function targetsOf(context: PlanContext, rollback: Rollback): readonly PlannedTarget[] {
  const { artifact, tenants } = rollback;
  const overtaken = new Set(rollback.overtaken);
  return context.state.targets.map(({ target, desired }) => {
    if (desired.kind === "refused")
      return { target, outcome: "refused", sentence: desired.refusal.sentence };
    const { artifact: held } = desired;
    if (!tenants.has(target.tenant) || sameArtifact(held, artifact))
      return { target, ...notMeant(held, artifact) };
    if (overtaken.has(target.tenant)) {
      const sentence = `Holds ${held.tag} by now, which nobody asked to take back.`;
      return { target, outcome: "kept", sentence };
    }
    const order = orderOf(context.inquiry, context.service.name, held, artifact);
    if (order?.relation === "newer" || order?.relation === "values-only") {
      const sentence = `Holds ${held.tag}, which is older: a rollback never moves forward.`;
      return { target, outcome: "kept", sentence };
    }
    return { target, outcome: "move", sentence: null };
  });
}

type Status = Pick<Extract<PlannedPromotion, { kind: "promote" }>, "state" | "sentence">;

function statusOf(
  { open }: Rollback,
  gates: readonly GateResult[],
  wanted: boolean,
  consent: Consent | null,
): Status {
  if (open?.ownership === "person")
    return {
      state: "decision",
      sentence:
        "Somebody else's commit is on the branch, so Sluice neither pushes to it nor merges it: merge by hand, or close it and write /rollback again.",
    };
  if (!wanted && consent === null)
    return {
      state: "decision",
      sentence:
        "Nobody who may has asked for this very commit: write /promote if it shall go back.",
    };
  const [freeze] = gates;
  if (freeze !== undefined) return { state: "waiting", sentence: freeze.sentence };
  const why =
    consent === null ? "The policy rolls back what has failed" : `${consent.by} asked for it`;
  return {
    state: "ready",
    sentence: `${why}, and a rollback waits for no gate: Sluice merges it.`,
  };
}

/** The one thing that holds a rollback. */
function strictFreeze({ freezes, environment, now }: PlanContext): readonly GateResult[] {
  const strict = freezes.filter((freeze) => freeze.strict);
  const [freeze] = freezesInForce(strict, environment.name, now);
  if (freeze === undefined) return [];
  const until = frozenUntil(strict, environment.name, now);
  const end = until === null ? "until somebody lifts it" : `until ${formatMoment(until)}`;
  return [
    {
      gate: "freeze",
      status: "pending",
      reason: "frozen-strictly",
      sentence: `${environment.name} is frozen ${end}, rollbacks too (${freeze.reason}, by ${freeze.by}).`,
      remedy: "Merge it by hand if it cannot wait, or lift the freeze.",
      ...(until === null ? {} : { until }),
    },
  ];
}
