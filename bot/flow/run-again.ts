import { renderNotAPromotionCheck } from "#core/check-run-gates.ts";
import type { SluiceEvent } from "#core/event.ts";
import { findEnvironment, type Policy } from "#core/policy.ts";
import { parseTrailers } from "#core/promotion-pull-request.ts";
import { streamKey, type Stream } from "#core/target.ts";
import type { JobContext } from "#ports/job-queue.ts";

import type { Deps } from "./deps.ts";
import { gitopsRepositories, type GitopsIndex } from "./find-gitops-repositories.ts";
import { mayPromote } from "./may-promote.ts";
import { observePolicy } from "./observe-policy.ts";
import { streamsOf } from "./observe-streams.ts";
import { sourceReports, sourceRunId } from "./report-on-source.ts";
import { reportPolicyOn } from "./report-policy.ts";
import { openRepository, type RepositoryContext } from "./repository-context.ts";
import { findLoadRetry, retryLoad, untilWhen } from "./retry-load.ts";
import { findRetry, retryRollout } from "./retry-rollout.ts";
import { sayRefusal } from "./say-refusal.ts";

type RunEvent = Extract<SluiceEvent, { kind: "check-run.rerequested" }>;
type SuiteEvent = Extract<SluiceEvent, { kind: "check-suite.rerequested" }>;

/** Where a "Re-run" was heard. */
export type Heard = {
  readonly deps: Deps;
  readonly installation: number;
  readonly index: GitopsIndex;
  readonly jobContext: JobContext;
};

/**
 * "Re-run" on one of Sluice's check runs, or on all of a commit's: `sluice/<environment>` does what `/retry` does, on
 * the commit that brought the artifact for one stream and on the source commit for all that were built from it; every
 * other one is said anew.
 */
export async function runAgain(heard: Heard, event: RunEvent | SuiteEvent): Promise<void> {
  for (const run of await runsOf(heard, event))
    if (run.externalId.startsWith(sourceRunId(""))) await retrySource(heard, run);
    else if (gitopsRepositories(heard.index).includes(run.repository)) await retryOwn(heard, run);
}

async function runsOf(
  { deps, installation, jobContext }: Heard,
  event: RunEvent | SuiteEvent,
): Promise<readonly RunEvent[]> {
  if (event.kind === "check-run.rerequested") return [event];
  const { repository, revision, sender } = event;
  const all = await deps.host
    .installation(installation, jobContext.signal)
    .checkRuns(repository)
    .list(revision);
  const newestFirst = all.filter(({ ours }) => ours).toSorted((one, other) => other.id - one.id);
  const newest = Map.groupBy(newestFirst, ({ name, externalId }) => `${name} ${externalId}`);
  return [...newest.values()].flatMap(([run]) =>
    run?.status !== "completed"
      ? []
      : [
          {
            kind: "check-run.rerequested" as const,
            repository,
            revision,
            name: run.name,
            externalId: run.externalId,
            completedAt: run.completedAt?.toISOString() ?? null,
            sender,
          },
        ],
  );
}

async function retryOwn({ deps, installation, jobContext }: Heard, run: RunEvent): Promise<void> {
  const job = { installation, repository: run.repository };
  const context = await openRepository(deps, job, jobContext);
  const delivery = jobContext.jobId;
  if (run.name === "sluice/gates") await forgetLoad(context, run, delivery);
  if (run.name === "sluice/gates" || run.name === "sluice/policy") await sayAnew(context, run);
  else {
    const policy = await policyOf(context);
    for (const stream of policy === null ? [] : streamsOf(policy))
      if (run.name === `sluice/${stream.environment}`)
        await retryStream(context, stream, run.revision, { run, delivery });
  }
  await deps.queue.addReconcile(job);
}

/** Drives the service once more for this head, if whoever asks may. */
async function forgetLoad(
  context: RepositoryContext,
  run: RunEvent,
  delivery: string,
): Promise<void> {
  const { repository, login, log } = context;
  const { author, message } = await repository.commit(run.revision);
  const stream = author === login ? parseTrailers(message)?.stream : undefined;
  const policy = stream === undefined ? null : await policyOf(context);
  const environment =
    policy === null || stream === undefined
      ? undefined
      : findEnvironment(policy, stream.environment);
  if (policy === null || stream === undefined || environment === undefined) return;
  const promoter = await mayPromote(context, environment, run.sender);
  const { revision: head, completedAt } = run;
  const askedAt = completedAt === null ? context.now : new Date(completedAt);
  if (promoter.kind === "may") return retryLoad(context, { head, until: untilWhen(askedAt) });
  const { sentence } = promoter;
  log.info({ by: run.sender, why: sentence }, "load test not repeated");
  // Anybody may have the check run said anew: only a test that could be repeated was refused.
  if ((await findLoadRetry(context, policy, { stream, head, askedAt })) !== null)
    await sayRefusal(context, { stream, revision: head, sentence, delivery });
}

/** What the reconcile says by itself it now says in a new run; the rest is said here. */
async function sayAnew(context: RepositoryContext, run: RunEvent): Promise<void> {
  const { checkRuns, memory, repository } = context;
  const { revision, name, externalId } = run;
  await checkRuns.renew({ revision, name, externalId });
  if (externalId === "not-a-promotion")
    await checkRuns.report({ ...renderNotAPromotionCheck(), revision, name, externalId });
  if (externalId === "targets") await memory.set("target-problems", { said: "" });
  if (externalId.startsWith("policy:")) {
    const observed = await observePolicy(repository, revision);
    if (observed.kind !== "absent") await reportPolicyOn(context, revision, observed);
  }
}

async function retrySource(heard: Heard, run: RunEvent): Promise<void> {
  const { deps, installation, index, jobContext } = heard;
  const environment = run.externalId.slice(sourceRunId("").length);
  const { repository, revision } = run;
  const place = { repository, revision, environment };
  const reports = await sourceReports(deps, installation, jobContext, place);
  for (const [name, { assignment }] of reports) {
    const { stream, commit } = assignment;
    const gitops = name.slice(0, -`/${streamKey(stream)}`.length);
    if (!gitopsRepositories(index).includes(gitops)) continue;
    const job = { installation, repository: gitops };
    const context = await openRepository(deps, job, jobContext);
    await retryStream(context, stream, commit, { run, delivery: jobContext.jobId });
  }
}

/** Tries the rollout of this commit once more, if it had failed by then and whoever asks may. */
async function retryStream(
  context: RepositoryContext,
  stream: Stream,
  commit: string,
  { run, delivery }: { readonly run: RunEvent; readonly delivery: string },
): Promise<void> {
  const policy = await policyOf(context);
  const environment = policy === null ? undefined : findEnvironment(policy, stream.environment);
  if (environment === undefined) return;
  const askedAt = run.completedAt === null ? context.now : new Date(run.completedAt);
  const retry = await findRetry(context, stream, askedAt);
  if (retry?.commit !== commit) return;
  const promoter = await mayPromote(context, environment, run.sender);
  if (promoter.kind === "may") return retryRollout(context, retry);
  const { sentence } = promoter;
  context.log.info({ by: run.sender, why: sentence }, "re-run refused");
  await sayRefusal(context, { stream, revision: commit, sentence, delivery });
}

async function policyOf({ repository }: RepositoryContext): Promise<Policy | null> {
  const observed = await observePolicy(repository, (await repository.head()).revision);
  return observed.kind === "policy" ? observed.policy : null;
}
