import type { Application } from "#core/application.ts";
import { Fault } from "#core/error.ts";
import { isFinal } from "#core/rollout-types.ts";
import type { RolloutAssignment } from "#core/stream-rollout.ts";
import type { Target } from "#core/target.ts";
import type { JobContext } from "#ports/job-queue.ts";

import { claimSyncs } from "./claim-sync.ts";
import type { Deps } from "./deps.ts";
import { lookAtTarget, type Looking, type Seen } from "./look-at-target.ts";
import { answerRevisions } from "./revision-answers.ts";
import type { RolloutState, TargetMemory } from "./rollout-state.ts";

/** Targets that are looked at side by side; the deployer itself lets fewer calls through. */
const width = 20;
/** After this no further target is begun: a tick stays short, and what is left comes with the next. */
const tickMs = 20_000;

/** What one tick learned. */
export type Look = {
  readonly targets: Readonly<Record<string, TargetMemory>>;
  /** Why something could not be learned. */
  readonly trouble: string | null;
};

/** Looks at all targets of a rollout: one list for all, more only for those that have something to show. */
export async function lookAtTargets(
  deps: Pick<Deps, "deployers" | "host" | "facts" | "clock">,
  assignment: RolloutAssignment,
  state: RolloutState,
  context: JobContext,
): Promise<Look> {
  const { signal } = context;
  const { clock } = deps;
  const deployer = deps.deployers.instance(assignment.instance);
  const targets: Record<string, TargetMemory> = {};
  const troubles: string[] = [];
  for (const { tenant } of assignment.targets)
    targets[tenant] = state.targets[tenant] ?? unseen(clock.now());
  if (deployer === null) {
    const suffix = assignment.instance.toUpperCase().replaceAll("-", "_");
    const setting = assignment.instance === "default" ? "ARGOCD_URL" : `ARGOCD_URL__${suffix}`;
    return {
      targets,
      trouble: `No Argo CD instance ${assignment.instance} is configured: set ${setting} and its token.`,
    };
  }

  const repository = deps.host
    .installation(assignment.installation, signal)
    .repository(assignment.repository);
  const looking: Looking = {
    deployer,
    clock,
    signal,
    claims: claimSyncs(deps, assignment),
    revisions: answerRevisions(repository, assignment),
    promoted: {
      artifact: assignment.artifact,
      commit: assignment.commit,
      repository: assignment.repository,
      promotionId: assignment.promotionId,
      since: new Date(assignment.startedAt),
      retriedAt: assignment.retriedAt === null ? null : new Date(assignment.retriedAt),
    },
  };
  const listed = await orTrouble(troubles, signal, () => deployer.applications(signal));
  if (listed === null) return { targets, trouble: troubles[0] ?? null };
  const byName = Map.groupBy(listed, ({ name }) => name);
  const end = clock.now().getTime() + tickMs;
  const waiting = [...assignment.targets];

  async function work(): Promise<void> {
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      if (clock.now().getTime() > end) return;
      const before = state.targets[target.tenant];
      const found = byName.get(target.application) ?? [];
      const one = target;
      const seen = await orTrouble(troubles, signal, async () => lookAtOne(one, found, before));
      if (seen !== null) targets[target.tenant] = since(seen, before, clock.now());
    }
  }
  async function lookAtOne(
    target: Target,
    found: readonly Application[],
    before: TargetMemory | undefined,
  ): Promise<Seen> {
    const [only, ...others] = found;
    if (only === undefined)
      return blocked(
        `There is no application ${target.application} in Argo CD instance ${assignment.instance} yet.`,
        before,
      );
    if (others.length === 0) return lookAtTarget(looking, target, only, before);
    const places = found.map(({ namespace }) => namespace).join(", ");
    return blocked(
      `There are ${found.length} applications ${target.application}, in the namespaces ${places}: give them names of their own.`,
      before,
    );
  }

  await Promise.all(Array.from({ length: Math.min(width, waiting.length) }, work));
  return { targets, trouble: troubles[0] ?? null };
}

/** Runs what may fail because another system does not answer; the sentence is kept, the next tick tries again. */
async function orTrouble<T>(
  troubles: string[],
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Fault)) throw error;
    troubles.push(error.message);
    return null;
  }
}

function since(seen: Seen, before: TargetMemory | undefined, now: Date): TargetMemory {
  const { state, sentence, detail, memory, failure, stuck } = seen;
  const from = before?.state === state ? before.since : now.getTime();
  // Over and done: nothing of how it got there is needed again.
  const kept = isFinal(state) ? {} : memory;
  return { state, sentence, detail, memory: kept, since: from, failure, stuck };
}

function blocked(sentence: string, before: TargetMemory | undefined): Seen {
  return { state: "blocked", sentence, detail: null, memory: before?.memory ?? {} };
}

function unseen(now: Date): TargetMemory {
  return {
    state: "waiting",
    sentence: "Argo CD has not been asked yet.",
    detail: null,
    memory: {},
    since: now.getTime(),
  };
}
