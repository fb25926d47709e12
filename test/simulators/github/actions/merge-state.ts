import { roleOf } from "../state/find.ts";
import type { Protection, Rules } from "../state/merge-rules.ts";
import type { Pull, Repository, Review } from "../state/records.ts";
import type { World } from "../state/world.ts";

export type MergeState = {
  mergeable: boolean | null;
  state: "unknown" | "dirty" | "draft" | "blocked" | "behind" | "unstable" | "clean";
};

type CheckState = "success" | "pending" | "failure";

/** `mergeable` and `mergeable_state`, from what is known now; a head or base that moved makes both unknown. */
export async function mergeState(
  world: World,
  repository: Repository,
  pull: Pull,
): Promise<MergeState> {
  const issue = world.tables.issues.need(pull.issueId);
  if (issue.state === "closed") return { mergeable: null, state: "unknown" };
  if (pull.mergeable === null) return { mergeable: null, state: "unknown" };
  if (!pull.mergeable) return { mergeable: false, state: "dirty" };
  if (pull.draft) return { mergeable: true, state: "draft" };
  if (unmetRequirements(world, repository, pull).length > 0) {
    return { mergeable: true, state: "blocked" };
  }
  if (await isBehind(world, repository, pull)) return { mergeable: true, state: "behind" };
  const checks = checkStates(world, repository, pull.headSha);
  const green = [...checks.values()].every(({ state }) => state === "success");
  return { mergeable: true, state: green ? "clean" : "unstable" };
}

/** True when protection wants the head to contain the base and it does not. */
export async function isBehind(world: World, repository: Repository, pull: Pull): Promise<boolean> {
  if (repository.protection[pull.baseRef]?.strict !== true) return false;
  const git = world.git(repository);
  const base = git.refs.get(`refs/heads/${pull.baseRef}`);
  return base !== undefined && !(await git.isAncestor(base, pull.headSha));
}

/** What protection still asks for, in GitHub's words. */
export function unmetRequirements(world: World, repository: Repository, pull: Pull): string[] {
  const rules = repository.rules[pull.baseRef];
  return [
    ...unmetProtection(world, repository, pull),
    ...(rules === undefined ? [] : unmetRules(world, repository, rules, pull)),
  ];
}

function unmetProtection(world: World, repository: Repository, pull: Pull): string[] {
  const protection = repository.protection[pull.baseRef];
  if (protection === undefined) return [];
  if (protection.locked) return ["This branch is locked and cannot be modified."];
  return [
    ...unmetChecks(world, repository, protection, pull.headSha),
    ...unmetReviews(world, repository, protection, pull),
  ];
}

function unmetRules(world: World, repository: Repository, rules: Rules, pull: Pull): string[] {
  if (rules.locked) return ["Cannot update this protected ref."];
  return [
    ...unmetChecks(world, repository, { requiredChecks: checksOf(rules) }, pull.headSha),
    ...unmetReviews(world, repository, rules, pull),
    ...unmetOwners(world, repository, rules, pull),
  ];
}

function checksOf({ requiredChecks }: Rules): Protection["requiredChecks"] {
  return requiredChecks.map((context) => ({ context, appId: null }));
}

function unmetOwners(
  world: World,
  repository: Repository,
  { codeOwners }: Rules,
  pull: Pull,
): string[] {
  if (codeOwners.length === 0) return [];
  const approved = decidingReviews(world, repository, pull)
    .filter(({ state }) => state === "APPROVED")
    .map(({ userId }) => world.tables.accounts.need(userId).login);
  if (codeOwners.some((login) => approved.includes(login))) return [];
  return [`Waiting on code owner review from ${codeOwners.join(", ")}.`];
}

/** How the checks that are required on a branch stand on a commit. */
export function requiredChecksOn(
  world: World,
  repository: Repository,
  branch: string,
  sha: string,
): CheckState {
  const rules = repository.rules[branch];
  const required = [
    ...(repository.protection[branch]?.requiredChecks ?? []),
    ...(rules === undefined ? [] : checksOf(rules)),
  ];
  const states = checkStates(world, repository, sha);
  const found = required.map(({ context }) => states.get(context)?.state ?? "pending");
  if (found.includes("failure")) return "failure";
  return found.includes("pending") ? "pending" : "success";
}

function unmetChecks(
  world: World,
  repository: Repository,
  protection: Pick<Protection, "requiredChecks">,
  sha: string,
): string[] {
  const states = checkStates(world, repository, sha);
  const open = protection.requiredChecks.flatMap(({ context, appId }) => {
    const found = states.get(context);
    if (found === undefined || (appId !== null && found.appId !== appId)) {
      return [{ context, how: "expected" }];
    }
    if (found.state === "success") return [];
    return [{ context, how: found.state === "pending" ? "in progress" : "failing" }];
  });
  const [first] = open;
  if (first === undefined) return [];
  if (open.length === 1) return [`Required status check "${first.context}" is ${first.how}.`];
  const all = protection.requiredChecks.length;
  const how = open.every((check) => check.how === first.how) ? first.how : "expected";
  return [`${open.length} of ${all} required status checks are ${how}.`];
}

/** The latest of each name: check runs and commit statuses together. Neutral and skipped are as good as success. */
export function checkStates(
  world: World,
  repository: Repository,
  sha: string,
): Map<string, { state: CheckState; appId: number | null }> {
  const states = new Map<string, { state: CheckState; appId: number | null }>();
  for (const status of world.tables.statuses.filter(
    (row) => row.repositoryId === repository.id && row.sha === sha,
  )) {
    const state = status.state === "error" ? "failure" : status.state;
    states.set(status.context, { state, appId: null });
  }
  for (const run of world.tables.checkRuns.filter(
    (row) => row.repositoryId === repository.id && row.headSha === sha,
  )) {
    const good = ["success", "neutral", "skipped"].includes(run.conclusion ?? "");
    const done = good ? "success" : "failure";
    states.set(run.name, {
      state: run.status === "completed" ? done : "pending",
      appId: run.appId,
    });
  }
  return states;
}

function unmetReviews(
  world: World,
  repository: Repository,
  protection: Pick<Protection, "requiredApprovals">,
  pull: Pull,
): string[] {
  if (protection.requiredApprovals === 0) return [];
  const latest = decidingReviews(world, repository, pull);
  if (latest.some((review) => review.state === "CHANGES_REQUESTED")) {
    return ["Changes have been requested by reviewers with write access."];
  }
  const approvals = latest.filter((review) => review.state === "APPROVED").length;
  const needed = protection.requiredApprovals;
  if (approvals >= needed) return [];
  const [noun, verb] = needed === 1 ? ["review", "is"] : ["reviews", "are"];
  return [`At least ${needed} approving ${noun} ${verb} required by reviewers with write access.`];
}

/** Each reviewer's last word, comments apart, of those who may write. */
export function decidingReviews(world: World, repository: Repository, pull: Pull): Review[] {
  const latest = new Map<number, Review>();
  for (const review of world.tables.reviews.filter((row) => row.pullId === pull.id)) {
    if (review.state === "COMMENTED" || review.state === "PENDING") continue;
    const { login } = world.tables.accounts.need(review.userId);
    if (["admin", "maintain", "write"].includes(roleOf(world, repository, login))) {
      latest.set(review.userId, review);
    }
  }
  return [...latest.values()];
}
