import { sameArtifact } from "#core/artifact.ts";
import {
  deadlineOf,
  judgeStream,
  pauseBeforeNextLook,
  progressOf,
  timeOut,
  type RolloutAssignment,
  type RolloutProgress,
} from "#core/stream-rollout.ts";
import type { Verdict } from "#core/verdict.ts";
import type { JobContext, JobOutcome, RolloutJob } from "#ports/job-queue.ts";

import type { Deps } from "./deps.ts";
import { lookAtTargets, type Look } from "./look-at-targets.ts";
import { remember } from "./remember.ts";
import { whatToTell } from "./report-pace.ts";
import {
  readState,
  reviveVerdict,
  storeVerdict,
  writeState,
  type RolloutState,
} from "./rollout-state.ts";
import { assignmentKey } from "./start-rollouts.ts";

/** Whom a rollout tells. Both may be told the same thing twice. */
export type RolloutListeners = {
  /** Something has changed: at most every ten seconds. `everywhere`: it begins, or somebody should look at it. */
  reportProgress(
    assignment: RolloutAssignment,
    progress: RolloutProgress,
    everywhere: boolean,
  ): Promise<void>;
  /** It is over. */
  settle(assignment: RolloutAssignment, verdict: Verdict, progress: RolloutProgress): Promise<void>;
};

export type RolloutDeps = Pick<Deps, "deployers" | "host" | "facts" | "clock" | "log"> &
  RolloutListeners;

/**
 * One tick of a stream's rollout: look, judge, tell, and come back in a moment until there is a verdict. It reads
 * everything anew and writes nothing but what saves time, so it may die anywhere, run twice, or find its memory gone.
 */
export async function runRollout(
  deps: RolloutDeps,
  job: RolloutJob,
  context: JobContext,
): Promise<JobOutcome> {
  const { facts, clock } = deps;
  const assignment = await facts.get<RolloutAssignment>(assignmentKey(job.repository, job));
  if (assignment === null) return { kind: "done" };
  const state = await readState(facts, assignment, clock.now());
  // A verdict from before a tenant joined says nothing of that tenant.
  const settled =
    state.settled !== null && covers(state.settled.verdict, assignment) ? state.settled : null;
  const told = settled === null || settled.told;
  if (told && (await hasVerdict(deps, assignment))) return { kind: "done" };
  if (settled !== null) return settle(deps, assignment, state, reviveVerdict(settled.verdict));

  const look = await lookAtTargets(deps, assignment, state, context);
  const seen = { ...state, settled: null, targets: look.targets };
  const now = clock.now();
  const progress = progressIn(assignment, seen, look.trouble);
  const verdict = judgeStream(assignment, progress, now);
  if (verdict !== null) return settle(deps, assignment, seen, verdict, look.trouble);

  // What was seen is kept even where it cannot be told just now.
  await save(deps, assignment, state, seen);
  const tell = whatToTell(progress, state.reported, now.getTime());
  if (tell !== null) {
    await deps.reportProgress(assignment, progress, tell.trouble);
    await save(deps, assignment, seen, { ...seen, reported: tell.reported });
  }
  const pause = pauseBeforeNextLook(progress, now.getTime() - state.firstLook);
  return { kind: "later", at: new Date(clock.now().getTime() + pause) };
}

/** Writes the verdict down before it is told, so that it is told as it was reached, however often that takes. */
async function settle(
  deps: RolloutDeps,
  assignment: RolloutAssignment,
  state: RolloutState,
  verdict: Verdict,
  trouble: string | null = null,
): Promise<JobOutcome> {
  const stored = storeVerdict(verdict);
  await writeState(deps.facts, assignment, { ...state, settled: { verdict: stored, told: false } });
  const progress = progressIn(assignment, state, trouble);
  const last = verdict.result === "timed-out" ? timeOut(progress) : progress;
  await deps.settle(assignment, verdict, last);
  await writeState(deps.facts, assignment, { ...state, settled: { verdict: stored, told: true } });
  return { kind: "done" };
}

async function hasVerdict(deps: RolloutDeps, assignment: RolloutAssignment): Promise<boolean> {
  const memory = remember(deps.facts, assignment.repository);
  const verdicts = await memory.verdicts(assignment.stream);
  const since = new Date(assignment.retriedAt ?? 0);
  return verdicts.some(
    (verdict) =>
      verdict.at >= since &&
      verdict.commit === assignment.commit &&
      sameArtifact(verdict.artifact, assignment.artifact) &&
      covers(verdict, assignment),
  );
}

function covers(
  { tenants }: Pick<Verdict, "tenants">,
  { targets }: Pick<RolloutAssignment, "targets">,
): boolean {
  return targets.every(({ tenant }) => tenants.includes(tenant));
}

function progressIn(
  assignment: RolloutAssignment,
  state: { readonly targets: Look["targets"]; readonly firstLook: number },
  trouble: string | null,
): RolloutProgress {
  const targets = assignment.targets.flatMap(({ tenant, application }) => {
    const seen = state.targets[tenant];
    if (seen === undefined) return [];
    const { memory: _memory, since, ...view } = seen;
    return [{ tenant, application, ...view, since: new Date(since) }];
  });
  const deadline = deadlineOf(assignment, new Date(state.firstLook));
  return progressOf(targets, { trouble, deadline });
}

async function save(
  deps: RolloutDeps,
  assignment: RolloutAssignment,
  before: RolloutState,
  after: RolloutState,
): Promise<void> {
  if (JSON.stringify(before) !== JSON.stringify(after))
    await writeState(deps.facts, assignment, after);
}
