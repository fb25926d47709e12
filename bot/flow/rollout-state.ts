import type { RolloutMemory, TargetRollout } from "#core/rollout-types.ts";
import { rolloutId, type RolloutAssignment } from "#core/stream-rollout.ts";
import { streamKey } from "#core/target.ts";
import type { Verdict } from "#core/verdict.ts";
import type { Facts } from "#ports/facts.ts";

import type { Reported } from "./report-pace.ts";

/** What is remembered of one rollout between two ticks. Losing it costs time. Times are milliseconds or ISO 8601. */
export type RolloutState = {
  /** The rollout that this is about: another one starts anew. */
  readonly rollout: string;
  readonly firstLook: number;
  /** By tenant. */
  readonly targets: Readonly<Record<string, TargetMemory>>;
  /** What was last told, and when. */
  readonly reported: Reported | null;
  /** Since when every question has been answered; null while something cannot be learned. */
  readonly answered: number | null;
  /** Reached; `told` once everybody knows. */
  readonly settled: { readonly verdict: StoredVerdict; readonly told: boolean } | null;
};

export type TargetMemory = {
  readonly state: TargetRollout;
  readonly since: number;
  readonly sentence: string;
  readonly detail: string | null;
  readonly memory: RolloutMemory;
  readonly failure?: "sync" | undefined;
  readonly stuck?: true | undefined;
};

type StoredVerdict = Omit<Verdict, "at"> & { readonly at: string };

/** The longest timeout is hours; what is older belongs to a rollout that nobody runs any more. */
const keptForMs = 7 * 24 * 60 * 60 * 1000;

/** The remembered state of this very rollout, or the first one. */
export async function readState(
  facts: Facts,
  assignment: RolloutAssignment,
  now: Date,
): Promise<RolloutState> {
  const stored = await facts.get<RolloutState>(stateKey(assignment));
  return stored?.rollout === rolloutId(assignment) ? stored : startAnew(assignment, now);
}

export function startAnew(assignment: RolloutAssignment, now: Date): RolloutState {
  const rollout = rolloutId(assignment);
  const nothing = { targets: {}, reported: null, answered: null, settled: null };
  return { rollout, firstLook: now.getTime(), ...nothing };
}

export async function writeState(
  facts: Facts,
  assignment: RolloutAssignment,
  state: RolloutState,
): Promise<void> {
  await facts.set(stateKey(assignment), state, { ttlMs: keptForMs });
}

export function storeVerdict(verdict: Verdict): StoredVerdict {
  return { ...verdict, at: verdict.at.toISOString() };
}

export function reviveVerdict(stored: StoredVerdict): Verdict {
  return { ...stored, at: new Date(stored.at) };
}

function stateKey(assignment: RolloutAssignment): string {
  return `rollout-state/${assignment.repository}/${streamKey(assignment.stream)}`;
}
