import type { PullRequest } from "#ports/github-things.ts";
import type { GitopsRepo } from "#ports/gitops-repo.ts";

import type { Memory } from "./remember.ts";

/** The pull requests that matter to promotions: open ones, Sluice's branches, and other recent merges. */
export type ObservedPulls = readonly PullRequest[];

type Stored = { readonly since: string; readonly pulls: readonly StoredPull[] };
type StoredPull = Omit<PullRequest, "mergedAt" | "createdAt" | "updatedAt" | "closedAt"> & {
  readonly mergedAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly closedAt: string | null;
};

/** Pages of 100 that a first look may take; streams that are still unknown are then asked for one by one. */
const firstLookPages = 10;
/** Closed pull requests that are kept a branch, and merged ones of other people. */
const keptClosed = 20;
const keptOthers = 60;

/**
 * Brings the remembered list up to date with one request: what changed since the last look. A pull request that
 * Sluice has just opened is in the memory already, so a list that lags behind cannot hide it.
 */
export async function observePullRequests(
  repository: GitopsRepo,
  memory: Memory,
  streamBranches: readonly string[],
): Promise<ObservedPulls> {
  const stored = await memory.get<Stored>("pulls");
  if (stored === null) return firstLook(repository, memory, streamBranches);
  const before = stored.pulls.map(revive);
  const { pulls } = await repository.pullRequests({
    updatedSince: new Date(stored.since),
    atMost: firstLookPages,
  });
  return keep(memory, merge(before, pulls));
}

/** Puts one pull request, as a write has just returned it, into the memory. */
export async function rememberPullRequest(memory: Memory, pull: PullRequest): Promise<void> {
  const stored = await memory.get<Stored>("pulls");
  if (stored === null) return;
  const pulls = merge(stored.pulls.map(revive), [pull]);
  await memory.set("pulls", { since: stored.since, pulls: pulls.map(store) });
}

async function firstLook(
  repository: GitopsRepo,
  memory: Memory,
  streamBranches: readonly string[],
): Promise<ObservedPulls> {
  const { pulls, complete } = await repository.pullRequests({
    updatedSince: null,
    atMost: firstLookPages,
  });
  const known = new Set(pulls.map((pull) => pull.headBranch));
  const missing = complete ? [] : streamBranches.filter((branch) => !known.has(branch));
  const found = await Promise.all(missing.map((branch) => repository.pullRequestsOf(branch)));
  return keep(memory, merge(pulls, found.flat()));
}

async function keep(memory: Memory, pulls: readonly PullRequest[]): Promise<ObservedPulls> {
  const kept = prune(pulls);
  const newest = kept.reduce((time, pull) => Math.max(time, pull.updatedAt.getTime()), 0);
  await memory.set("pulls", { since: new Date(newest).toISOString(), pulls: kept.map(store) });
  return kept;
}

function merge(
  before: readonly PullRequest[],
  after: readonly PullRequest[],
): readonly PullRequest[] {
  const byNumber = new Map(before.map((pull) => [pull.number, pull]));
  for (const pull of after) {
    const known = byNumber.get(pull.number);
    if (known === undefined || known.updatedAt <= pull.updatedAt) byNumber.set(pull.number, pull);
  }
  return [...byNumber.values()].sort((one, other) => other.number - one.number);
}

function prune(pulls: readonly PullRequest[]): readonly PullRequest[] {
  const closed = new Map<string, number>();
  return pulls.filter((pull) => {
    if (pull.state === "open") return true;
    const own = isSluiceBranch(pull.headBranch) && pull.sameRepository;
    const bucket = own ? pull.headBranch : "";
    if (bucket === "" && pull.mergedAt === null) return false;
    const count = (closed.get(bucket) ?? 0) + 1;
    closed.set(bucket, count);
    return count <= (bucket === "" ? keptOthers : keptClosed);
  });
}

/** `sluice/…`, `sluice-rollback/…`, `sluice-catch-up/…`, `sluice-subset/…` */
export function isSluiceBranch(branch: string): boolean {
  return /^sluice(-rollback|-catch-up|-subset)?\//.test(branch);
}

function store(pull: PullRequest): StoredPull {
  return {
    ...pull,
    body: pull.state === "open" ? pull.body : "",
    mergedAt: pull.mergedAt?.toISOString() ?? null,
    createdAt: pull.createdAt.toISOString(),
    updatedAt: pull.updatedAt.toISOString(),
    closedAt: pull.closedAt?.toISOString() ?? null,
  };
}

function revive(pull: StoredPull): PullRequest {
  return {
    ...pull,
    mergedAt: pull.mergedAt === null ? null : new Date(pull.mergedAt),
    createdAt: new Date(pull.createdAt),
    updatedAt: new Date(pull.updatedAt),
    closedAt: pull.closedAt === null ? null : new Date(pull.closedAt),
  };
}
