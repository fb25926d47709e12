import type { StreamState } from "#core/plan-types.ts";
import type { Policy } from "#core/policy.ts";
import { streamBranch } from "#core/promotion-branch.ts";

import { observePullRequests, type ObservedPulls } from "./observe-pull-requests.ts";
import { observeStreams, streamsOf } from "./observe-streams.ts";
import { observeTargets } from "./observe-targets.ts";
import { recover, recoverDesired } from "./recover.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** One service in one environment, as a command sees it. */
export type ObservedPlace = {
  /** The policy with nothing else in it. */
  readonly policy: Policy;
  readonly states: readonly StreamState[];
  readonly pulls: ObservedPulls;
};

/** Observes one service in one environment; what was forgotten is found out again first. */
export async function observePlace(
  context: RepositoryContext,
  whole: Policy,
  head: string,
  place: { readonly environment: string; readonly service: string },
): Promise<ObservedPlace> {
  const environments = whole.environments.filter(({ name }) => name === place.environment);
  const services = whole.services.filter(({ name }) => name === place.service);
  const policy = { ...whole, services, environments };
  const [{ targets: all }, pulls] = await Promise.all([
    // Which ring a tenant is in depends on all that it has there.
    observeTargets(context.repository, { ...whole, environments }, head),
    observePullRequests(context, streamsOf(whole).map(streamBranch)),
  ]);
  const targets = all.filter(({ target }) => target.service === place.service);
  const recovered = await context.memory.recovered();
  if (!recovered) await recover(context, policy, pulls);
  const observe = () => observeStreams(context, policy, head, targets, pulls);
  const states = await observe();
  const more = !recovered && (await recoverDesired(context, states));
  return { policy, pulls, states: more ? await observe() : states };
}
