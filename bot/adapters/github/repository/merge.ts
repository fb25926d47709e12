import type { MergeResult } from "#ports/gitops-repo.ts";

import { type GitHubFault, isUnknownOutcome, refusedWith } from "../requests/errors.ts";
import { type BranchRules, readBranchRules } from "./branch-rules.ts";
import type { RepositoryContext } from "./context.ts";
import { forgetRepositoryInfo, type MergeMethod, repositoryInfo } from "./info.ts";
import { mergeRefusal } from "./merge-refusal.ts";

type Wanted = { number: number; head: string; title: string; message: string };
type Attempt = MergeResult | { readonly kind: "method-refused"; readonly sentence: string };

/**
 * Merges exactly this head. A method that the repository does not allow is followed by the next: that refusal changes
 * nothing. Everything else is one try.
 */
export async function mergePullRequest(
  context: RepositoryContext,
  wanted: Wanted,
): Promise<MergeResult> {
  const { mergeMethods, defaultBranch } = await repositoryInfo(context);
  let sentence = `${context.name} allows no merge method.`;
  for (const method of mergeMethods) {
    const result = await attempt(context, wanted, method);
    if (result.kind === "method-refused") ({ sentence } = result);
    else {
      const rules = isOfRules(result) ? await readBranchRules(context, defaultBranch) : null;
      if (rules?.methods?.includes(method) !== false)
        return explained(result, rules, defaultBranch);
      sentence = `The rules of ${defaultBranch} allow only: ${rules.methods.join(", ")}.`;
    }
    forgetRepositoryInfo(context);
  }
  return { kind: "blocked", reason: "method-not-allowed", sentence };
}

/** Refusals behind which a ruleset may stand; GitHub itself names often one rule, and sometimes none. */
const ofRules = new Set([
  "branch-rules",
  "review-required",
  "checks-pending",
  "conversations-open",
  "merge-refused",
]);

function isOfRules(result: MergeResult): boolean {
  return result.kind === "blocked" && ofRules.has(result.reason);
}

/** With everything that the branch's rules ask for: who reads it need not look at the settings. */
function explained(result: MergeResult, rules: BranchRules | null, branch: string): MergeResult {
  if (result.kind !== "blocked" || rules === null || rules.asks.length === 0) return result;
  const said = result.sentence.replaceAll(/\s*\n\s*/gu, " ").replace(/[.\s]*$/u, ".");
  return { ...result, sentence: `${said} The rules of ${branch} ask for ${listed(rules.asks)}.` };
}

function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}

async function attempt(
  context: RepositoryContext,
  wanted: Wanted,
  method: MergeMethod,
): Promise<Attempt> {
  try {
    const { data } = await context.request("PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge", {
      ...context.at,
      pull_number: wanted.number,
      sha: wanted.head,
      merge_method: method,
      // A rebase keeps the commits' own messages and takes none.
      ...(method === "rebase"
        ? {}
        : { commit_title: wanted.title, commit_message: wanted.message }),
    });
    return { kind: "merged", revision: data.sha };
  } catch (error) {
    if (isUnknownOutcome(error)) return afterSilence(context, wanted, error);
    if ([405, 409, 422].some((status) => refusedWith(error, status))) {
      const { status, detail } = error as GitHubFault;
      const refusal = mergeRefusal(status ?? 0, detail);
      return refusal.kind === "look" ? look(context, wanted) : refusal;
    }
    throw error;
  }
}

async function afterSilence(
  context: RepositoryContext,
  wanted: Wanted,
  error: GitHubFault,
): Promise<MergeResult> {
  const pull = await read(context, wanted.number);
  if (pull.merged && pull.merge_commit_sha !== null) {
    return { kind: "merged", revision: pull.merge_commit_sha };
  }
  throw error;
}

/** "Pull Request is not mergeable" has four causes, and only the pull request tells them apart. */
async function look(context: RepositoryContext, wanted: Wanted): Promise<MergeResult> {
  const pull = await read(context, wanted.number);
  if (pull.merged && pull.merge_commit_sha !== null) {
    return { kind: "merged", revision: pull.merge_commit_sha };
  }
  if (pull.head.sha !== wanted.head) return { kind: "head-moved" };
  if (pull.state !== "open") {
    return { kind: "blocked", reason: "closed", sentence: "The pull request is closed." };
  }
  if (pull.mergeable === null) {
    const sentence = "GitHub is still computing whether it can be merged.";
    return { kind: "not-yet", reason: "mergeability-unknown", sentence };
  }
  if (!pull.mergeable) {
    const sentence = "The branch conflicts with its base.";
    return { kind: "blocked", reason: "conflict", sentence };
  }
  const sentence = `GitHub would not merge just now (${pull.mergeable_state}).`;
  return pull.draft === true
    ? { kind: "blocked", reason: "draft", sentence: "The pull request is a draft." }
    : { kind: "not-yet", reason: "not-mergeable-now", sentence };
}

async function read(context: RepositoryContext, number: number) {
  const { data } = await context.request("GET /repos/{owner}/{repo}/pulls/{pull_number}", {
    ...context.at,
    pull_number: number,
  });
  return data;
}
