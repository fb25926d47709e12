import { renderDashboard, type DashboardView } from "#core/dashboard.ts";
import { freezesInForce } from "#core/freeze.ts";
import { findLags } from "#core/lag.ts";
import { renderStops, stopsInForce, type StopRecord } from "#core/stop.ts";
import { streamKey } from "#core/target.ts";

import { dashboardRemedy, isRefused, needDashboard, writeDashboard } from "./dashboard-issue.ts";
import { recallStops, writeStops } from "./keep-stops.ts";
import { lookForDrift, type SeenDrift } from "./look-for-drift.ts";
import { isSluiceBranch } from "./observe-pull-requests.ts";
import type { Planned } from "./plan-repository.ts";
import type { RepositoryContext } from "./repository-context.ts";
import { noteUnheard, recallUnheard } from "./unheard-ticks.ts";

/**
 * Between two edits, unless somebody did something that has to be answered: a promotion changes what is shown a dozen
 * times, and all of it together may take 16 writes (design §8). Ours.
 */
const pauseMs = 5 * 60_000;
/** What somebody else changed, closed or deleted there is mended that much later, where no delivery told of it. Ours. */
const lookAgainMs = 15 * 60_000;
/** After GitHub has refused it for good: the App may not write issues there, or the repository has none. */
const refusedMs = 60 * 60_000;

/** What the dashboard said last, and when. Times are milliseconds. */
type Told = {
  readonly says: string;
  readonly notBefore: number;
  /** From then on the issue itself is read, although nothing new is to be said. */
  readonly lookAgain: number;
  /** The wish that this answered. */
  readonly answered: string | null;
};
const note = "dashboard";
/** Names the last wish to have it written anew: one that comes while it is being written is another one. */
const wishNote = "dashboard-wish";

/**
 * Brings the dashboard issue up to what was observed and planned, if that changed what it shows. Nobody waits for it:
 * what changed too soon is written a little later.
 */
export async function keepDashboard(context: RepositoryContext, planned: Planned): Promise<void> {
  const now = context.now.getTime();
  const told = await context.memory.get<Told>(note);
  const wish = await context.memory.get<string>(wishNote);
  const drift = await lookForDrift(context, planned);
  const record = await recallStops(context);
  const view = viewOf(context, planned, record, drift);
  const says = await hashOf(renderDashboard(view, await recallUnheard(context)));
  const wished = wish !== (told?.answered ?? null);
  if (told?.says === says && !wished && now < told.lookAgain) return;
  const notBefore = told?.notBefore ?? now + pauseMs;
  if (told === null)
    await context.memory.set(note, {
      says: "",
      notBefore,
      lookAgain: 0,
      answered: null,
    } satisfies Told);
  if (notBefore > now && !wished) {
    await context.deps.queue.addWake(context.job, new Date(notBefore));
    return;
  }
  await write(context, view, {
    notBefore: now + pauseMs,
    lookAgain: now + lookAgainMs,
    answered: wish,
  });
}

/** Whatever stands there, the next look at the repository writes it anew, at once. */
export async function sayDashboardAnew({ memory }: RepositoryContext): Promise<void> {
  await memory.set(wishNote, crypto.randomUUID());
}

async function write(
  context: RepositoryContext,
  view: DashboardView,
  told: Omit<Told, "says">,
): Promise<void> {
  const { record } = view;
  let says: string;
  try {
    const issue = await needDashboard(context, record, renderDashboard(view));
    const written = await noteUnheard(context, issue.body);
    const body = renderDashboard(view, await recallUnheard(context));
    says = await hashOf(body);
    await writeDashboard(context, issue, body);
    await written();
  } catch (error) {
    if (!isRefused(error)) throw error;
    context.log.warn(
      { code: error.code, remedy: dashboardRemedy },
      "the dashboard issue cannot be kept",
    );
    const notBefore = context.now.getTime() + refusedMs;
    await context.memory.set(note, { ...told, says: "", notBefore } satisfies Told);
    return;
  }
  await context.memory.set(note, { ...told, says } satisfies Told);
  // Somebody may have set or lifted a stop since this was rendered: the issue is where it has to stand.
  if (renderStops(await recallStops(context)) !== renderStops(record)) await writeStops(context);
}

/** What the dashboard shows of one look at the repository. */
export function viewOf(
  context: RepositoryContext,
  { policy, paused, states, plan, input, pulls }: Planned,
  record: StopRecord,
  drift: SeenDrift,
): DashboardView {
  const stops = stopsInForce(record, context.now);
  const plans = new Map(plan.streams.map((one) => [streamKey(one.stream), one]));
  const lags = findLags(policy, states);
  const promotions = pulls.flatMap(({ number, title, mergedAt, headBranch, sameRepository }) =>
    mergedAt !== null && sameRepository && isSluiceBranch(headBranch)
      ? [{ number, title, mergedAt }]
      : [],
  );
  return {
    paused,
    record,
    promotions: promotions.toSorted(
      (one, other) =>
        other.mergedAt.getTime() - one.mergedAt.getTime() || other.number - one.number,
    ),
    environments: policy.environments.map(({ name }) => ({
      name,
      stops: stops.filter(({ environment }) => environment === name),
      freezes: freezesInForce(input.freezes, name, context.now),
      drift: drift.get(name) ?? null,
      streams: states
        .filter(({ stream }) => stream.environment === name)
        .map((state) => ({
          state,
          plan: plans.get(streamKey(state.stream)) ?? null,
          lag: lags.get(streamKey(state.stream)) ?? null,
        })),
    })),
  };
}

/** The text itself is too long to be kept only for a comparison. */
async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
