import type { PullRequest } from "#ports/github-things.ts";
import type { GitopsRepo } from "#ports/gitops-repo.ts";

import type { Memory } from "./remember.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** The pull requests that matter to promotions: open ones, Sluice's branches, and other recent merges. */
export type ObservedPulls = readonly PullRequest[];

type Stored = {
  /** The newest update that was seen. */
  readonly since: string;
  /** When the list was last read as a whole. */
  readonly wholeAt: string;
  readonly pulls: readonly StoredPull[];
};
type StoredPull = Omit<PullRequest, "mergedAt" | "createdAt" | "updatedAt" | "closedAt"> & {
  readonly mergedAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly closedAt: string | null;
};

/** Pages of 100 that one look may take; streams that a first look leaves unknown are then asked for one by one. */
const mostPages = 10;
/**
 * GitHub's lists lag behind: a change may appear after another one that happened later. What was updated
 * in this time before the newest that was seen is read again with every look.
 */
const lagMs = 2 * 60_000;
/** After this time the whole list is read again: whatever was missed must not be missed for ever. */
const wholeEveryMs = 15 * 60_000;
/** Closed pull requests that are kept a branch, and merged ones of other people. */
const keptClosed = 20;
const keptOthers = 60;

/**
 * Brings the remembered list up to date with one request: what changed since the last look. A pull request that
 * Sluice has just opened is in the memory already, so a list that lags behind cannot hide it.
 */
export async function observePullRequests(
  { repository, memory, now }: Pick<RepositoryContext, "repository" | "memory" | "now">,
  streamBranches: readonly string[],
): Promise<ObservedPulls> {
  const stored = await memory.get<Stored>("pulls");
  const before = (stored?.pulls ?? []).map(revive);
  if (stored === null || now.getTime() - Date.parse(stored.wholeAt) > wholeEveryMs) {
    const whole = await wholeLook(repository, stored === null ? streamBranches : []);
    return keep(memory, merge(before, whole), now.toISOString());
  }
  const { pulls } = await repository.pullRequests({
    updatedSince: new Date(Date.parse(stored.since) - lagMs),
    atMost: mostPages,
  });
  return keep(memory, merge(before, pulls), stored.wholeAt);
}

/** Puts one pull request, as a write has just returned it, into the memory. */
export async function rememberPullRequest(memory: Memory, pull: PullRequest): Promise<void> {
  const stored = await memory.get<Stored>("pulls");
  if (stored === null) return;
  const pulls = merge(stored.pulls.map(revive), [pull]);
  await memory.set("pulls", { ...stored, pulls: pulls.map(store) } satisfies Stored);
}

async function wholeLook(
  repository: GitopsRepo,
  streamBranches: readonly string[],
): Promise<readonly PullRequest[]> {
  const { pulls, complete } = await repository.pullRequests({
    updatedSince: null,
    atMost: mostPages,
  });
  const known = new Set(pulls.map((pull) => pull.headBranch));
  const missing = complete ? [] : streamBranches.filter((branch) => !known.has(branch));
  const found = await Promise.all(missing.map((branch) => repository.pullRequestsOf(branch)));
  return [...found.flat(), ...pulls];
}

async function keep(
  memory: Memory,
  pulls: readonly PullRequest[],
  wholeAt: string,
): Promise<ObservedPulls> {
  const kept = prune(pulls);
  const newest = kept.reduce((time, pull) => Math.max(time, pull.updatedAt.getTime()), 0);
  const since = new Date(newest).toISOString();
  await memory.set("pulls", { since, wholeAt, pulls: kept.map(store) } satisfies Stored);
  return kept;
}

function merge(
  before: readonly PullRequest[],
  after: readonly PullRequest[],
): readonly PullRequest[] {
  const byNumber = new Map(before.map((pull) => [pull.number, pull]));
  for (const pull of after) {
    const known = byNumber.get(pull.number);
    if (known === undefined || isNewer(pull, known)) byNumber.set(pull.number, pull);
  }
  return [...byNumber.values()].sort((one, other) => other.number - one.number);
}

/** Times are whole seconds: within one, what is closed does not open again. */
function isNewer(pull: PullRequest, known: PullRequest): boolean {
  if (pull.updatedAt.getTime() !== known.updatedAt.getTime())
    return pull.updatedAt > known.updatedAt;
  return pull.state === "closed" || known.state === "open";
}

function prune(pulls: readonly PullRequest[]): readonly PullRequest[] {
  const closed = new Map<string, number>();
  return pulls.filter((pull) => {
    if (pull.state === "open") return true;
    const own = isSluiceBranch(pull.headBranch) && pull.sameRepository;
    const bucket = own ? bucketOf(pull.headBranch) : "";
    if (bucket === "" && pull.mergedAt === null) return false;
    const count = (closed.get(bucket) ?? 0) + 1;
    closed.set(bucket, count);
    return count <= (bucket === "" ? keptOthers : keptClosed);
  });
}

/** Promotions beside a stream's own one have a branch each: they are counted by stream and kind. */
function bucketOf(branch: string): string {
  return branch.split("/").slice(0, 4).join("/");
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
