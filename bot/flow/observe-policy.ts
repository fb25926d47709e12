import { parsePolicy, policyPath } from "#core/policy-parse.ts";
import type { Policy, PolicyProblem } from "#core/policy.ts";
import { decodeValues } from "#core/values.ts";
import type { GitopsRepo } from "#ports/gitops-repo.ts";

/** The policy of one commit of a GitOps repository. */
export type ObservedPolicy =
  | { readonly kind: "policy"; readonly policy: Policy; readonly blob: string }
  | { readonly kind: "invalid"; readonly problems: readonly PolicyProblem[]; readonly blob: string }
  | { readonly kind: "absent" };

/** Reads the policy as it stands in a commit, never from a pull request's head. */
export async function observePolicy(
  repository: GitopsRepo,
  revision: string,
): Promise<ObservedPolicy> {
  const entry = (await repository.files(revision)).get(policyPath);
  if (entry === undefined) return { kind: "absent" };
  if (!entry.mode.startsWith("100")) return invalid(entry.sha, "it is a link or a submodule");
  const bytes = (await repository.contents(revision, [entry])).get(entry.sha);
  if (bytes === undefined) return invalid(entry.sha, "its content could not be read");
  const decoded = decodeValues(policyPath, bytes);
  if (decoded.kind === "refused") return invalid(entry.sha, decoded.refusal.sentence);
  const parsed = parsePolicy(decoded.text, { repository: repository.name });
  return parsed.kind === "policy"
    ? { kind: "policy", policy: parsed.policy, blob: entry.sha }
    : { kind: "invalid", problems: parsed.problems, blob: entry.sha };
}

function invalid(blob: string, why: string): ObservedPolicy {
  const sentence = `${policyPath} cannot be used: ${why}. Make it a regular UTF-8 file.`;
  return { kind: "invalid", blob, problems: [{ line: 1, column: 1, path: "", sentence }] };
}
