import type { Application } from "#core/application.ts";
import { Fault } from "#core/error.ts";
import type { TreeNode } from "#core/rollout-images.ts";
import { rememberAct } from "#core/rollout-judgement.ts";
import type {
  Judged,
  Promoted,
  RevisionAnswer,
  RolloutAnswers,
  RolloutMemory,
  RolloutQuestion,
} from "#core/rollout-types.ts";
import { judgeApplication } from "#core/rollout.ts";
import type { Target } from "#core/target.ts";
import type { Clock } from "#ports/clock.ts";
import type { ApplicationAnswer, Deployer } from "#ports/deployer.ts";

import type { SyncClaims } from "./claim-sync.ts";
import type { RevisionAnswers } from "./revision-answers.ts";
import type { TargetMemory } from "./rollout-state.ts";

/** A look's three first GETs are free; what still moves after that is read once in a while. */
const freeLooks = 3;
const lookPauseMs = 30_000;
/** What looks well needs one or two more to be proven, and they do not wait that long: a sync has used up the free ones. */
const provePauseMs = 5_000;
/** When a list is older than what a GET has shown, it is waited for this long. */
const oldListMs = 5_000;
/** More questions than any judgement asks. */
const mostQuestions = 12;

/** What a look at one target needs. */
export type Looking = {
  readonly deployer: Deployer;
  readonly clock: Clock;
  readonly promoted: Promoted;
  readonly revisions: RevisionAnswers;
  readonly claims: SyncClaims;
  readonly signal: AbortSignal;
};

/** What was seen, without since when. */
export type Seen = Omit<TargetMemory, "since">;

/**
 * Brings one target up to date. What the list shows decides only whether it is worth a GET, or time to ask Argo CD for
 * something; at most one thing is asked for.
 */
export async function lookAtTarget(
  looking: Looking,
  target: Target,
  listed: Application,
  before: TargetMemory | undefined,
): Promise<Seen> {
  const memory = before?.memory ?? {};
  const now = looking.clock.now().getTime();
  if (before?.state === "healthy" && !["Degraded", "Missing"].includes(listed.health.status))
    return before;
  const old =
    memory.version !== undefined &&
    listed.resourceVersion !== null &&
    listed.resourceVersion < memory.version;
  if (old && before !== undefined && now - (memory.lookedAt ?? 0) < oldListMs) return before;

  const hint = old ? null : await judge(looking, target, listed, memory, "hint");
  if (hint !== null && !hint.confirm && hint.act !== "sync")
    return hint.act === null ? hint : act(looking, target, listed, hint);
  const well = hint?.state === "settling" || hint?.state === "healthy";
  const pause = well ? provePauseMs : lookPauseMs;
  if ((memory.looks ?? 0) >= freeLooks && now - (memory.lookedAt ?? 0) < pause)
    return before ?? settleLater(hint, memory);
  const looked = { ...memory, looks: (memory.looks ?? 0) + 1, lookedAt: now };
  const answer = await looking.deployer.application(listed, looking.signal);
  const fresh = await judgeAnswer(looking, target, answer, looked);
  return fresh.act === null ? fresh : act(looking, target, listed, fresh);
}

/** Does the one thing that the judgement asks for, and judges what came of it; nothing more is asked for then. */
async function act(
  looking: Looking,
  target: Target,
  at: Application,
  judged: Judged,
): Promise<Seen> {
  const { deployer, clock, promoted, claims, signal } = looking;
  if (judged.act === null) return judged;
  const memory = rememberAct(judged.memory, judged.act, clock.now());
  if (judged.act !== "sync") {
    const answer = await deployer.refresh(at, { hard: judged.act === "refresh-hard" }, signal);
    const lookedAt = clock.now().getTime();
    const looks = (memory.looks ?? 0) + (judged.act === "freshen" ? 1 : 0);
    return judgeAnswer(looking, target, answer, { ...memory, looks, lookedAt });
  }
  const { syncRefusal: _refusal, ...asked } = memory;
  if (!(await claims.take(at.name)))
    return { ...judged, sentence: "Another worker of Sluice has just asked Argo CD to sync." };
  const answer = await deployer.sync(at, promoted.promotionId, signal);
  switch (answer.kind) {
    case "started":
      return judge(looking, target, answer.application, asked, "fresh");
    case "adopted":
      await claims.release(at.name);
      return {
        ...judged,
        state: "syncing",
        sentence: "Another operation is running; it is waited for.",
      };
    case "window":
    case "absent":
    case "forbidden":
    case "refused": {
      const detail = answer.kind === "refused" ? answer.detail : null;
      const refused = { ...asked, syncRefusal: answer.sentence };
      return { state: "blocked", sentence: answer.sentence, detail, memory: refused };
    }
  }
}

async function judgeAnswer(
  looking: Looking,
  target: Target,
  answer: ApplicationAnswer,
  memory: RolloutMemory,
): Promise<Judged> {
  if (answer.kind === "found") return judge(looking, target, answer.application, memory, "fresh");
  const { sentence } = answer;
  return {
    kind: "judged",
    state: "blocked",
    sentence,
    detail: null,
    act: null,
    confirm: false,
    memory,
  };
}

/** Judges until nothing is asked any more. A hint that needs more than Git's answers is worth a GET. */
async function judge(
  looking: Looking,
  target: Target,
  application: Application,
  memory: RolloutMemory,
  kind: "hint" | "fresh",
): Promise<Judged> {
  const revisions = new Map<string, RevisionAnswer>();
  let answers: RolloutAnswers = { revision: (revision) => revisions.get(revision) };
  const version = application.resourceVersion;
  const known = version === null || kind === "hint" ? memory : { ...memory, version };
  for (let asked = 0; asked < mostQuestions; asked += 1) {
    const look = { promoted: looking.promoted, answers, memory: known, now: looking.clock.now() };
    const judgement = judgeApplication(application, look);
    if (judgement.kind === "judged") return judgement;
    const { question } = judgement;
    if (question.kind === "revision")
      revisions.set(question.revision, await looking.revisions(target, question.revision));
    else if (kind === "hint") return worthALook(known);
    else answers = { ...answers, ...(await ask(looking, application, question)) };
  }
  throw new Error(`the judgement of ${target.application} asks without end`);
}

async function ask(
  { deployer, signal }: Looking,
  application: Application,
  question: Exclude<RolloutQuestion, { kind: "revision" }>,
): Promise<Partial<RolloutAnswers>> {
  switch (question.kind) {
    case "tree":
      return { tree: await deployer.tree(application, signal) };
    case "pods":
      return { pods: await treeOrNothing(deployer, application, signal) };
    case "manifests":
      return { manifests: await deployer.manifestImages(application, signal) };
    case "owner":
      return { owner: await deployer.owner(question.owner, application.namespace, signal) };
    case "window":
      return { window: await deployer.syncWindow(application, signal) };
  }
}

async function treeOrNothing(
  deployer: Deployer,
  application: Application,
  signal: AbortSignal,
): Promise<readonly TreeNode[]> {
  try {
    return await deployer.tree(application, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Fault)) throw error;
    return [];
  }
}

function worthALook(memory: RolloutMemory): Judged {
  const sentence = "Its state has to be looked at more closely.";
  const state = "progressing";
  return { kind: "judged", state, sentence, detail: null, act: null, confirm: true, memory };
}

function settleLater(hint: Judged | null, memory: RolloutMemory): Seen {
  return hint ?? worthALook(memory);
}
