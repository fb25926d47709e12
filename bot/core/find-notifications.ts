import { formatArtifact } from "./artifact.ts";
import { byBudget, type Freeze } from "./freeze.ts";
import type { Notification, NotificationKind } from "./notification.ts";
import type {
  DesiredArtifact,
  PlannedPromotion,
  PlannedSide,
  StreamPlan,
  StreamState,
} from "./plan-types.ts";
import { promotionId, shortHash } from "./promotion-id.ts";
import { streamKey } from "./target.ts";
import { isOpen, type Verdict } from "./verdict.ts";

/** What one look at a repository showed. */
export type NotificationInput = {
  /** `owner/name` of the GitOps repository. */
  readonly repository: string;
  readonly states: readonly StreamState[];
  readonly plans: readonly StreamPlan[];
  /** In force now. */
  readonly freezes: readonly Freeze[];
  /** What is new about error budgets. */
  readonly budgets: readonly { readonly environment: string; readonly sentence: string }[];
  readonly now: Date;
};

/**
 * Everything that people could be told of as things stand: the same look finds the same, with the same ids. Whoever
 * tells it leaves out what was told.
 */
export function findNotifications(input: NotificationInput): readonly Notification[] {
  const make = maker(input.repository);
  const plans = new Map(input.plans.map((plan) => [streamKey(plan.stream), plan.promotion]));
  const sides = new Map(input.plans.map((plan) => [streamKey(plan.stream), plan.sides]));
  return [
    ...input.states.flatMap((state) => [
      ...ofVerdicts(make, state),
      ...ofHolds(make, state),
      ...ofPlan(make, state, plans.get(streamKey(state.stream))),
      ...ofSides(make, state, sides.get(streamKey(state.stream)) ?? []),
    ]),
    ...input.freezes.flatMap((freeze) => ofFreeze(make, freeze)),
    ...input.budgets.map(({ environment, sentence }) =>
      make("on-budget", environment, [sentence, input.now.toISOString()], {
        sentence,
        at: input.now,
      }),
    ),
  ];
}

type Make = ReturnType<typeof maker>;

function maker(repository: string) {
  return (
    kind: NotificationKind,
    environment: string,
    about: readonly string[],
    said: Pick<Notification, "sentence" | "at"> &
      Partial<Pick<Notification, "stream" | "artifact" | "pull">>,
  ): Notification => {
    const { stream = null, artifact = null } = said;
    return {
      id: shortHash(JSON.stringify([repository, kind, environment, ...about])),
      kind,
      environment,
      pull: null,
      ...said,
      stream,
      artifact,
      promotion:
        stream === null || artifact === null
          ? null
          : promotionId({ repository, ...stream, artifact }),
    };
  };
}

/** A rollout that ended. What was there before Sluice, or came by a push, was promoted by nobody. */
function ofVerdicts(make: Make, state: StreamState): readonly Notification[] {
  const { stream } = state;
  return state.desired.flatMap((group) => {
    const verdict = state.verdicts.find(
      (one) =>
        one.commit === group.commit &&
        formatArtifact(one.artifact) === formatArtifact(group.artifact) &&
        !isOpen(one),
    );
    if (verdict === undefined) return [];
    const kind = kindOf(state, group, verdict);
    if (kind === null) return [];
    const { artifact, sentence, at } = verdict;
    const about = [streamKey(stream), formatArtifact(artifact), verdict.commit, at.toISOString()];
    return [make(kind, stream.environment, about, { stream, artifact, sentence, at })];
  });
}

function kindOf(
  { holds }: StreamState,
  { mergedAt }: DesiredArtifact,
  { result, failure, at }: Verdict,
): NotificationKind | null {
  if (result === "verified") {
    const back = holds.some((hold) => hold.reason === "moved-backwards" && hold.since <= at);
    return mergedAt === null || back ? null : "on-promoted";
  }
  return failure === "sync" ? "on-sync-failed" : "on-degraded";
}

function ofHolds(make: Make, { stream, holds, desired }: StreamState): readonly Notification[] {
  const back = holds.filter(({ reason }) => reason === "moved-backwards");
  return back.map(({ sentence, since }) => {
    const artifact = desired[0]?.artifact ?? null;
    const about = [streamKey(stream), since.toISOString()];
    return make("on-rolled-back", stream.environment, about, {
      stream,
      artifact,
      sentence,
      at: since,
    });
  });
}

/** What waits for somebody; what waits for time alone is not told. */
function ofPlan(
  make: Make,
  { stream }: StreamState,
  promotion: PlannedPromotion | undefined,
  which: readonly string[] = [],
): readonly Notification[] {
  if (promotion === undefined || promotion.kind === "none") return [];
  const { artifact, sentence } = promotion;
  const about = [streamKey(stream), formatArtifact(artifact), ...which];
  const said = { stream, artifact, sentence, at: null };
  if (promotion.kind === "refused")
    return [make("on-blocked", stream.environment, [...about, promotion.reason], said)];
  const { state, gates, holds, open } = promotion;
  if (open === null || (state !== "failed" && state !== "decision")) return [];
  const why = [
    ...gates
      .filter(({ status, decision }) => status === "failed" || decision === true)
      .map(({ gate, reason }) => `${gate}:${reason}`),
    ...holds.map(({ reason }) => reason),
  ];
  return [
    make("on-blocked", stream.environment, [...about, ...why], { ...said, pull: open.number }),
  ];
}

/** What goes beside the stream's own promotion waits for somebody just the same. */
function ofSides(
  make: Make,
  state: StreamState,
  sides: readonly PlannedSide[],
): readonly Notification[] {
  return sides.flatMap(({ kind, number, promotion }) =>
    ofPlan(make, state, promotion, [kind, `${number ?? "unopened"}`]),
  );
}

/** A budget's freeze is told with the budget: when it began is not known from one look to the next. */
function ofFreeze(make: Make, freeze: Freeze): readonly Notification[] {
  const { environment, by, reason, from, until } = freeze;
  if (by === byBudget) return [];
  const end = until === null ? "until somebody lifts it" : `until ${until.toISOString()}`;
  const why = reason === "" ? "" : `: ${reason}`;
  const sentence = `${environment} is frozen ${end}, by ${by}${why}`;
  return [make("on-frozen", environment, [by, from.toISOString()], { sentence, at: from })];
}
