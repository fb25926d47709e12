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
import { isOpen, type Verdict } from "#core/verdict.ts";
import type { JobContext, JobOutcome, RolloutJob } from "#ports/job-queue.ts";

import type { Deps } from "./deps.ts";
import { lookAtTargets } from "./look-at-targets.ts";
import { measureRing } from "./measure-ring.ts";
import { remember } from "./remember.ts";
import { whatToTell } from "./report-pace.ts";
import {
  readState,
  reviveVerdict,
  startAnew,
  storeVerdict,
  writeState,
  type RolloutState,
} from "./rollout-state.ts";
import { assignmentKey } from "./start-rollouts.ts";

/** How long Argo CD gets to come back to what Git took away and wants again. Ours. */
const comeBackMs = 10_000;

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

export type RolloutDeps = Pick<
  Deps,
  "deployers" | "host" | "facts" | "clock" | "log" | "measurements"
> &
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
  const before = await readState(facts, assignment, clock.now());
  const { settled } = before;
  if (settled?.told !== false && (await hasVerdict(deps, assignment))) return { kind: "done" };
  const goesOn = settled?.told === true && isOpen(settled.verdict);
  if (settled !== null && !goesOn)
    return settle(deps, assignment, before, reviveVerdict(settled.verdict));
  // Git still wants what had moved on: Argo CD needs a moment to come back to it.
  const moved = settled?.verdict.result === "superseded" ? Date.parse(settled.verdict.at) : null;
  if (moved !== null && clock.now().getTime() < moved + comeBackMs)
    return { kind: "later", at: new Date(moved + comeBackMs) };
  const state = moved === null ? before : startAnew(assignment, clock.now());

  const look = await lookAtTargets(deps, assignment, state, context);
  const now = clock.now();
  const answered = look.trouble === null ? (state.answered ?? now.getTime()) : null;
  const seen = { ...state, targets: look.targets, answered };
  const standing = progressIn(assignment, seen, look.trouble);
  const healthy = judgeStream(assignment, standing, now);
  const { verdict, waiting } = await measureRing(
    deps,
    assignment,
    healthy,
    standing,
    context.signal,
  );
  const progress = { ...standing, waiting };
  const uncertain = seen.settled !== null && verdict?.uncertain === true;
  if (verdict !== null && !uncertain) return settle(deps, assignment, seen, verdict, look.trouble);

  // What was seen is kept even where it cannot be told just now.
  await save(deps, assignment, state, seen);
  // A run that said how it ended is not opened again for less than another ending.
  const tell = seen.settled === null ? whatToTell(progress, state.reported, now.getTime()) : null;
  if (tell !== null) {
    await deps.reportProgress(assignment, progress, tell.trouble);
    await save(deps, assignment, seen, { ...seen, reported: tell.reported });
  }
  return later(deps, progress, state);
}

function later(deps: RolloutDeps, progress: RolloutProgress, state: RolloutState): JobOutcome {
  const now = deps.clock.now().getTime();
  return {
    kind: "later",
    at: new Date(now + pauseBeforeNextLook(progress, now - state.firstLook)),
  };
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
  const ended = verdict.result === "timed-out" || verdict.failures !== undefined;
  const last = ended ? timeOut(progress) : progress;
  await deps.settle(assignment, verdict, last);
  await writeState(deps.facts, assignment, { ...state, settled: { verdict: stored, told: true } });
  return verdict.uncertain === true ? later(deps, progress, state) : { kind: "done" };
}

async function hasVerdict(deps: RolloutDeps, assignment: RolloutAssignment): Promise<boolean> {
  const memory = remember(deps.facts, assignment.repository);
  const verdicts = await memory.verdicts(assignment.stream);
  const since = new Date(assignment.retriedAt ?? 0);
  return verdicts.some(
    (verdict) =>
      !isOpen(verdict) &&
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
  state: Pick<RolloutState, "targets" | "firstLook" | "settled" | "answered">,
  trouble: string | null,
): RolloutProgress {
  const targets = assignment.targets.flatMap(({ tenant, application }) => {
    const seen = state.targets[tenant];
    if (seen === undefined) return [];
    const { memory: _memory, since, ...view } = seen;
    return [{ tenant, application, ...view, since: new Date(since) }];
  });
  const first = deadlineOf(assignment, new Date(state.firstLook));
  // Nobody could use the time in which nothing was to be learned: it is given once more.
  const { answered, settled } = state;
  const deadline =
    settled === null || answered === null ? first : new Date(answered + assignment.timeoutMs);
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
