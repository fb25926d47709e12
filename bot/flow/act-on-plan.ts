import { Fault } from "#core/error.ts";
import type { NoWayBack, PlannedPromotion, PlannedSide, StreamPlan } from "#core/plan-types.ts";
import { streamBranch } from "#core/promotion-branch.ts";
import { streamKey, type Stream } from "#core/target.ts";

import { actOnSide } from "./act-on-side.ts";
import { actOnStream, type Acted } from "./act-on-stream.ts";
import type { Planned } from "./plan-repository.ts";
import { readPastVerdicts } from "./read-past-verdicts.ts";
import type { RepositoryContext } from "./repository-context.ts";
import { tellNoWayBack } from "./tell-rollback.ts";

/** What acting on a whole plan came to. */
export type ActedOnPlan = {
  /** The default branch moved: everything else is planned anew from there. */
  readonly merged: boolean;
  readonly again: readonly Date[];
  readonly errors: readonly unknown[];
};

type Step = {
  readonly plan: StreamPlan;
  readonly promotion: PlannedPromotion;
  readonly take: () => Promise<Acted>;
};

/**
 * Acts on everything that a plan names, rollbacks first; after a merge the rest is left to the next run, which sees the
 * branch as it then is. Merges into one base are serial that way. What fails for one stream keeps none of the others
 * from going on, except where nothing more can be asked for now.
 *
 * @param except By stream key: what has been acted on already, or must not be yet.
 */
export async function actOnPlan(
  context: RepositoryContext,
  planned: Planned,
  except: ReadonlySet<string> = new Set(),
): Promise<ActedOnPlan> {
  const again: Date[] = [];
  const errors: unknown[] = [];
  for (const { plan, promotion, take } of stepsOf(context, planned)) {
    if (except.has(streamKey(plan.stream))) continue;
    try {
      const acted = await take();
      if (acted.kind === "merged") return { merged: true, again, errors };
      if (acted.kind === "again") again.push(acted.at);
    } catch (error) {
      errors.push(error);
      if (context.signal.aborted || (error instanceof Fault && error.retryAt !== null)) break;
    }
    context.log.debug(
      {
        environment: plan.stream.environment,
        stream: streamKey(plan.stream),
        plan: promotion.kind,
        why: promotion.sentence,
      },
      "stream acted on",
    );
  }
  return { merged: false, again, errors };
}

/** While the policy is broken promotions wait; the way back stays open, by the last policy that was valid. */
function stepsOf(context: RepositoryContext, planned: Planned): readonly Step[] {
  const { plan, paused } = planned;
  const sides = (picks: (side: PlannedSide) => boolean) =>
    plan.streams.flatMap((one) => one.sides.filter(picks).map((side) => sideStep(one, side)));
  const rollbacks = sides(({ kind }) => kind === "rollback");
  const halts = plan.streams.filter(({ noWayBack }) => noWayBack !== null).map(haltStep);
  if (paused) return [...rollbacks, ...halts];
  return [
    ...rollbacks,
    ...halts,
    ...sides(({ kind }) => kind !== "rollback"),
    ...plan.streams.map(ownStep),
  ];

  function sideStep(one: StreamPlan, side: PlannedSide): Step {
    const take = () => actOnSide(context, planned, one.stream, side);
    return { plan: one, promotion: side.promotion, take };
  }

  function haltStep(one: StreamPlan): Step {
    const take = async (): Promise<Acted> => {
      if (one.noWayBack === null) return { kind: "done" };
      if (await foundInThePast(context, planned, one.stream, one.noWayBack))
        return { kind: "again", at: context.now };
      await tellNoWayBack(context, planned.pulls, one.stream, one.noWayBack);
      return { kind: "done" };
    };
    return { plan: one, promotion: one.promotion, take };
  }

  function ownStep(one: StreamPlan): Step {
    const { policy, head, pulls } = planned;
    const branch = streamBranch(one.stream);
    const pull = pulls.find(
      ({ state, sameRepository, headBranch }) =>
        state === "open" && sameRepository && headBranch === branch,
    );
    const take = () => actOnStream(context, policy, head, one, pull ?? null);
    return { plan: one, promotion: one.promotion, take };
  }
}

/** What the memory does not know may stand in history: looked for once, before it is said that there is nothing. */
async function foundInThePast(
  context: RepositoryContext,
  { states, pulls, head }: Planned,
  stream: Stream,
  { failed }: NoWayBack,
): Promise<boolean> {
  const note = `past-read/${streamKey(stream)}/${failed.commit}`;
  const state = states.find((one) => streamKey(one.stream) === streamKey(stream));
  if (state === undefined || (await context.memory.get(note)) !== null) return false;
  const verdicts = await readPastVerdicts(context, state, pulls, head.revision);
  await context.memory.set(note, true);
  return verdicts.length > state.verdicts.length;
}
