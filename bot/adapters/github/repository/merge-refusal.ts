import type { MergeResult } from "#ports/gitops-repo.ts";

type Refusal =
  | Extract<MergeResult, { kind: "not-yet" | "blocked" | "head-moved" }>
  /** GitHub only says that it cannot: mergeability unknown, conflicts, or merged already. */
  | { readonly kind: "look" }
  | { readonly kind: "method-refused"; readonly sentence: string };

type Rule = readonly [pattern: RegExp, kind: "not-yet" | "blocked", reason: string];

/** GitHub's sentences, first match wins. A status alone says little: 405 is transient, permanent and in between. */
const rules: readonly Rule[] = [
  [/base branch was modified|base branch has been modified/iu, "not-yet", "base-moved"],
  [/merge already in progress|being processed|try again later/iu, "not-yet", "merge-in-progress"],
  [/merge queue/iu, "blocked", "merge-queue"],
  [/draft/iu, "blocked", "draft"],
  [/review|approv/iu, "blocked", "review-required"],
  [/conversation/iu, "blocked", "conversations-open"],
  [/status check[^.]*(?:fail|error)|checks? (?:has|have) failed/iu, "blocked", "checks-failed"],
  [/status check|is expected|checks? (?:is|are) (?:pending|queued)/iu, "blocked", "checks-pending"],
  [/conflict/iu, "blocked", "conflict"],
  [/lock|signed|signature|rule violation|protected|not authori[sz]ed/iu, "blocked", "branch-rules"],
];

export function mergeRefusal(status: number, detail: string): Refusal {
  if (status === 409 || /head (?:branch|sha) (?:was|is|has been) /iu.test(detail))
    return ofConflict(detail);
  const method =
    /(?:merge commits|squash merg\w+|rebase merg\w+|this (?:merge )?method)[^.]*not allowed|must not contain merge commits|linear history/iu;
  if (method.test(detail)) return { kind: "method-refused", sentence: said(detail) };
  if (/^pull request is not mergeable|^not mergeable/iu.test(detail)) return { kind: "look" };
  for (const [pattern, kind, reason] of rules) {
    if (pattern.test(detail)) return { kind, reason, sentence: said(detail) };
  }
  return { kind: "blocked", reason: "merge-refused", sentence: said(detail) };
}

function ofConflict(detail: string): Refusal {
  if (/head (?:branch|sha)/iu.test(detail)) return { kind: "head-moved" };
  if (/conflict/iu.test(detail))
    return { kind: "blocked", reason: "conflict", sentence: said(detail) };
  return { kind: "not-yet", reason: "merge-in-progress", sentence: said(detail) };
}

function said(detail: string): string {
  return `GitHub did not merge: ${detail}`;
}
