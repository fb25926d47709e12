import { entryAt } from "../git/trees.ts";
import { ApiError, unprocessable } from "../http/answer.ts";
import type { Work } from "../http/context.ts";
import { roleOf } from "../state/find.ts";
import type { Rules } from "../state/merge-rules.ts";
import type { Repository } from "../state/records.ts";
import { checkStates } from "./merge-state.ts";

type RefWish = { ref: string; sha: string; forced: boolean; deletes: boolean };

/** What protection says to a direct write on a branch, or nothing. */
export function protectionProblem(
  { world, actor }: Pick<Work, "world" | "actor">,
  repository: Repository,
  { ref, sha, forced, deletes }: RefWish,
): string | undefined {
  const branch = ref.startsWith("refs/heads/") ? ref.slice("refs/heads/".length) : undefined;
  if (branch === undefined) return undefined;
  if (deletes && branch === repository.defaultBranch) return "Cannot delete the default branch";
  const rules = repository.rules[branch];
  if (rules !== undefined && ruled(rules)) {
    return "Repository rule violations found\n\nChanges must be made through a pull request.";
  }
  const protection = repository.protection[branch];
  if (protection === undefined) return undefined;
  if (deletes) return protection.allowDeletions ? undefined : "Cannot delete this branch";
  if (forced && !protection.allowForcePushes) return "Cannot force-push to this branch";
  if (protection.locked) return "Branch is locked and cannot be modified";
  const admin = roleOf(world, repository, actor.account.login) === "admin";
  if (admin && !protection.enforceAdmins) return undefined;
  if (protection.requiredApprovals > 0) return "Changes must be made through a pull request.";
  const states = checkStates(world, repository, sha);
  const missing = protection.requiredChecks.find(
    ({ context }) => states.get(context)?.state !== "success",
  );
  return missing === undefined
    ? undefined
    : `Required status check "${missing.context}" is expected.`;
}

function ruled(rules: Rules): boolean {
  return rules.locked || rules.mergeQueue !== null || rules.requiredApprovals > 0;
}

export function refusedByProtection(
  work: Pick<Work, "world" | "actor"> & { repository: Repository },
  wish: RefWish,
): void {
  const problem = protectionProblem(work, work.repository, wish);
  if (problem !== undefined) throw unprocessable(problem);
}

/** An App without the permission `workflows` may bring no new workflow file onto any ref. */
export async function refusedWorkflows(
  { world, actor, repository }: Pick<Work, "world" | "actor"> & { repository: Repository },
  before: string | undefined,
  after: string,
): Promise<void> {
  if (actor.app === null || actor.installation?.permissions["workflows"] === "write") return;
  const git = world.git(repository);
  const folder = async (commit: string | undefined): Promise<string | undefined> => {
    const tree = commit === undefined ? undefined : (await git.commit(commit))?.tree;
    if (tree === undefined) return undefined;
    return (await entryAt(git.objects, tree, ".github/workflows"))?.sha;
  };
  const wanted = await folder(after);
  if (wanted === undefined || wanted === (await folder(before))) return;
  const known = git.refs.list("refs/heads/").map(({ sha }) => sha);
  for (const sha of known) if (wanted === (await folder(sha))) return;
  throw new ApiError(
    422,
    "refusing to allow a GitHub App to create or update workflow without `workflows` permission",
  );
}
