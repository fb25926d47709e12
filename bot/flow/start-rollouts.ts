import type { DesiredArtifact, StreamPlan, StreamState } from "#core/plan-types.ts";
import { findEnvironment, findService, type Policy } from "#core/policy.ts";
import { promotionId } from "#core/promotion-id.ts";
import { ringMetrics } from "#core/ring-metrics.ts";
import { rolloutId, type RolloutAssignment } from "#core/stream-rollout.ts";
import { streamKey, type Target } from "#core/target.ts";

import { findRevision } from "./find-revision.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** The fact that a rollout's ticks read. */
export function assignmentKey(repository: string, stream: Parameters<typeof streamKey>[0]): string {
  return `rollout/${repository}/${streamKey(stream)}`;
}

/**
 * Sees to it that what Git wants without a verdict has a rollout. Runs on every reconcile: an assignment that stands
 * is left alone, a job that was lost is queued again, and one that was overtaken gives way to the new one.
 */
export async function startRollouts(
  context: RepositoryContext,
  policy: Policy,
  states: readonly StreamState[],
  plans: readonly StreamPlan[],
): Promise<void> {
  const byStream = new Map(states.map((state) => [streamKey(state.stream), state]));
  await Promise.all(
    plans.map(async (plan) => {
      const state = byStream.get(streamKey(plan.stream));
      // One at a time: what most targets hold comes first, the rest after its verdict.
      const next = plan.rollouts.toSorted(
        (one, other) => other.tenants.length - one.tenants.length,
      )[0];
      if (state === undefined || next === undefined) return;
      await assign(context, policy, states, state, next);
      await context.deps.queue.addRollout({ ...context.job, ...plan.stream });
    }),
  );
}

async function assign(
  context: RepositoryContext,
  policy: Policy,
  states: readonly StreamState[],
  state: StreamState,
  desired: DesiredArtifact,
): Promise<void> {
  const { facts } = context.deps;
  const key = assignmentKey(context.job.repository, state.stream);
  const standing = await facts.get<RolloutAssignment>(key);
  const tenants = new Set(desired.tenants);
  const targets = state.targets.map((one) => one.target).filter((one) => tenants.has(one.tenant));
  const rings = ringsOf(policy, states, state.stream);
  const found = await assignmentOf(context, policy, state, desired, targets, standing);
  const wanted = { ...found, rings };
  if (standing !== null && rolloutId(standing) === rolloutId(wanted)) return;
  await facts.set(key, wanted);
}

async function assignmentOf(
  context: RepositoryContext,
  policy: Policy,
  state: StreamState,
  desired: DesiredArtifact,
  targets: readonly Target[],
  standing: RolloutAssignment | null,
): Promise<RolloutAssignment> {
  const { stream } = state;
  const service = findService(policy, stream.service);
  const environment = findEnvironment(policy, stream.environment);
  if (service === undefined || environment === undefined)
    throw new Error(`the policy has no stream ${streamKey(stream)}`);
  const retried = await context.memory.get<{ at: string }>(retryNote(state.stream, desired));
  const revision =
    service.source === null ? null : await findRevision(context, service, desired.artifact);
  const sameCommit = standing?.commit === desired.commit;
  return {
    installation: context.job.installation,
    repository: context.job.repository,
    stream,
    artifact: desired.artifact,
    commit: desired.commit,
    promotionId: promotionId({
      repository: context.job.repository,
      ...stream,
      artifact: desired.artifact,
    }),
    targets,
    values: { tag: service.values.tag, digest: service.values.digest },
    // The timeout counts from the merge, else from when it was first seen.
    startedAt: sameCommit ? standing.startedAt : (desired.mergedAt ?? context.now).toISOString(),
    retriedAt: retried?.at ?? null,
    timeoutMs: environment.rollout.timeoutMs,
    instance: environment.argocd,
    deployments: environment.deployments && desired.watched === true,
    production: environment.name === policy.environments.at(-1)?.name,
    onFailure: environment.rollout.onFailure,
    metrics: ringMetrics(
      environment,
      stream,
      targets.map(({ tenant }) => tenant),
    ),
    maxFailures: environment.rings.find(({ name }) => name === stream.ring)?.maxFailures ?? 0,
    source:
      service.source !== null && revision?.kind === "found"
        ? { repository: service.source.repository, revision: revision.revision }
        : null,
  };
}

/** The rings of a stream's environment that its artifact has to pass, in order: those with targets that move. */
function ringsOf(
  policy: Policy,
  states: readonly StreamState[],
  { environment, service }: StreamState["stream"],
): readonly string[] {
  const own = states.filter(
    ({ stream, targets }) =>
      stream.environment === environment && stream.service === service && targets.length > 0,
  );
  const names = new Set(own.map(({ stream }) => stream.ring));
  const rings = findEnvironment(policy, environment)?.rings ?? [];
  return rings.map(({ name }) => name).filter((name) => names.has(name));
}

/** Under which `/retry` notes when it was said for one artifact as one commit brought it. */
export function retryNote(
  stream: Parameters<typeof streamKey>[0],
  desired: Pick<DesiredArtifact, "artifact" | "commit">,
): string {
  return `retried/${streamKey(stream)}/${desired.artifact.tag}/${desired.commit}`;
}
