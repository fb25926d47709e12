import { sameArtifact } from "#core/artifact.ts";
import { parseVerdictRecord } from "#core/check-run-environment.ts";
import { parseGatesRecord } from "#core/check-run-gates.ts";
import { parseCommand } from "#core/command.ts";
import { gatesOf } from "#core/gate-policy.ts";
import type { StreamState } from "#core/plan-types.ts";
import { findEnvironment, findService, type EnvironmentPolicy, type Policy } from "#core/policy.ts";
import { isBranchOf } from "#core/promotion-branch.ts";
import { parseTrailers } from "#core/promotion-pull-request.ts";
import { streamKey, type Stream } from "#core/target.ts";
import type { CheckRun, IssueComment, PullRequest } from "#ports/github-things.ts";

import { mayPromote } from "./may-promote.ts";
import type { ObservedPulls } from "./observe-pull-requests.ts";
import { streamsOf } from "./observe-streams.ts";
import type { RepositoryContext } from "./repository-context.ts";
import { retryNote } from "./start-rollouts.ts";

/** How many of a stream's youngest merged promotions are asked for their verdict. */
const mergesRead = 5;
/** How many successful runs of a workflow are looked at. */
const runsRead = 10;

/**
 * Finds out again what the facts held, after they were emptied or on the very first look: verdicts and soak starts from
 * our check runs on the commits that brought an artifact, consents from `sluice/gates`, candidates from successful runs
 * (deliveries are read back by the sweep). `recover-resumes.ts` reads what was lifted.
 */
export async function recover(
  context: RepositoryContext,
  policy: Policy,
  pulls: ObservedPulls,
): Promise<void> {
  await Promise.all([
    ...streamsOf(policy).map((stream) => recoverStream(context, policy, stream, pulls)),
    ...policy.services.map((service) => recoverBuilds(context, policy, service.name)),
  ]);
}

/** Verdicts of artifacts that other commits than a promotion's merge brought: known once these commits are. */
export async function recoverDesired(
  context: RepositoryContext,
  streams: readonly StreamState[],
): Promise<boolean> {
  const found = await Promise.all(
    streams.map(async ({ stream, desired, verdicts }) => {
      const unknown = desired.filter(
        (one) =>
          !verdicts.some(
            (verdict) =>
              verdict.commit === one.commit && sameArtifact(verdict.artifact, one.artifact),
          ),
      );
      const read = await Promise.all(
        unknown.map((one) => readVerdicts(context, stream, one.commit)),
      );
      return read.some((count) => count > 0);
    }),
  );
  return found.includes(true);
}

async function recoverStream(
  context: RepositoryContext,
  policy: Policy,
  stream: Stream,
  pulls: ObservedPulls,
): Promise<void> {
  const own = pulls.filter(
    ({ sameRepository, headBranch }) => sameRepository && isBranchOf(headBranch, stream),
  );
  const merged = own.filter((pull) => pull.mergeRevision !== null).slice(0, mergesRead);
  await Promise.all([
    ...merged.map((pull) => readVerdicts(context, stream, pull.mergeRevision ?? "")),
    ...merged.map((pull) => readPromoted(context, policy, stream, pull)),
    ...own
      .filter((pull) => pull.state === "open")
      .map((pull) => readConsents(context, policy, stream, pull)),
  ]);
}

/** Which digest a tag was promoted as: where no file pins it, only the trailers of our commit still say so. */
async function readPromoted(
  { repository, memory, login }: RepositoryContext,
  policy: Policy,
  stream: Stream,
  pull: PullRequest,
): Promise<void> {
  if (findService(policy, stream.service)?.values.digest !== null) return;
  const { author, message } = await repository.commit(pull.headRevision);
  const trailers = author === login ? parseTrailers(message) : null;
  if (trailers !== null) await memory.notePromoted(trailers.artifact);
}

/** Reads back what was said of a stream's rollouts on one commit; how many rollouts were found. */
export async function readVerdicts(
  context: RepositoryContext,
  stream: Stream,
  revision: string,
): Promise<number> {
  const runs = await context.checkRuns.list(revision, `sluice/${stream.environment}`);
  const newestFirst = runs.filter((run) => run.ours).toSorted((one, other) => other.id - one.id);
  const attempts = Map.groupBy(newestFirst, (run) => attemptOf(run).promotion);
  let count = 0;
  for (const [newest, ...older] of attempts.values()) {
    const record = [newest, ...older]
      .map((run) => (run?.status === "completed" ? parseVerdictRecord(run.text) : null))
      .find((one) => one !== null);
    if (newest === undefined || record === null || record === undefined) continue;
    if (streamKey(record.stream) !== streamKey(stream)) continue;
    const { at } = attemptOf(newest);
    if (newest.status === "completed") await context.memory.addVerdict(stream, record.verdict);
    else if (at !== null) await context.memory.set(retryNote(stream, record.verdict), { at });
    count += 1;
  }
  return count;
}

/** Which promotion a run is about, and since when it is tried again; null for the first time. */
function attemptOf({ externalId }: CheckRun): { promotion: string; at: string | null } {
  const [promotion = "", ...rest] = externalId.split(":");
  const at = rest.join(":");
  return { promotion, at: Number.isNaN(Date.parse(at)) || at === "1" ? null : at };
}

/**
 * Who agreed to the open head: as `sluice/gates` recorded it there, and as people wrote it since the head was made. The
 * second is needed where the memory went between a comment and the next look.
 */
async function readConsents(
  context: RepositoryContext,
  policy: Policy,
  stream: Stream,
  pull: PullRequest,
): Promise<void> {
  const { checkRuns, conversation, memory, repository } = context;
  const [runs, comments, head] = await Promise.all([
    checkRuns.list(pull.headRevision, "sluice/gates"),
    conversation.comments(pull.number),
    repository.commit(pull.headRevision),
  ]);
  for (const run of runs) {
    if (!run.ours) continue;
    for (const consent of parseGatesRecord(run.text)?.consents ?? [])
      await memory.addConsent(pull.number, consent);
    for (const approval of parseGatesRecord(run.text)?.approvals ?? [])
      await memory.addApproval(pull.number, approval);
  }
  // Only the newest: what stands in those before it may have been asked for once more.
  const newest = runs.filter(({ ours }) => ours).toSorted((one, other) => other.id - one.id)[0];
  for (const record of parseGatesRecord(newest?.text ?? "")?.loads ?? [])
    await memory.setLoad(pull.headRevision, record);
  const environment = findEnvironment(policy, stream.environment);
  for (const comment of comments) {
    const { author, authorIsBot, createdAt, updatedAt } = comment;
    if (authorIsBot || createdAt < head.at || updatedAt > createdAt) continue;
    const names = { environments: [stream.environment], services: [stream.service] };
    const parsed = parseCommand(comment.body, names);
    if (parsed.kind === "command" && parsed.command.name === "approve")
      await readApproval(context, environment, { comment, pull }, parsed.command.gate);
    if (parsed.kind !== "command" || parsed.command.name !== "promote") continue;
    // With a tag or tenants it asked for another promotion.
    const { to, tenants, dryRun } = parsed.command;
    if (to !== null || tenants !== null || dryRun) continue;
    if (environment === undefined) continue;
    if ((await mayPromote(context, environment, author)).kind === "may-not") continue;
    await memory.addConsent(pull.number, { by: author, at: createdAt, head: pull.headRevision });
  }
}

/** Whether the author's word counts is asked by the gate; a gate that nobody named is the only one. */
async function readApproval(
  { memory }: RepositoryContext,
  environment: EnvironmentPolicy | undefined,
  { comment, pull }: { comment: IssueComment; pull: PullRequest },
  named: string | null,
): Promise<void> {
  const gates = environment === undefined ? [] : gatesOf(environment, "manual");
  const gate = named ?? (gates.length === 1 ? gates[0]?.name : undefined);
  if (gate === undefined) return;
  const { author: by, createdAt: at } = comment;
  await memory.addApproval(pull.number, { gate, by, at, head: pull.headRevision });
}

async function recoverBuilds(
  context: RepositoryContext,
  policy: Policy,
  name: string,
): Promise<void> {
  const service = findService(policy, name);
  const source = service?.source;
  if (source === null || source === undefined || source.workflow === null) return;
  const runs = await context.installation
    .source(source.repository)
    .successfulRuns(source.workflow, source.branch, runsRead);
  for (const run of runs) await context.memory.addBuilt(name, run.revision, run.at);
}
