import { fillPolicy } from "./policy-defaults.ts";
import { type Finding, readPolicyDocument } from "./policy-document.ts";
import { readPolicy } from "./policy-readable.ts";
import { rules, warnings } from "./policy-rules.ts";
import type { Policy, PolicyProblem } from "./policy.ts";

/** Where the policy stands on the default branch of a GitOps repository. */
export const policyPath = ".github/sluice.yaml";

export type ParsedPolicy =
  | {
      readonly kind: "policy";
      readonly policy: Policy;
      readonly warnings: readonly PolicyProblem[];
    }
  /** At least one, in the order of the file. */
  | { readonly kind: "invalid"; readonly problems: readonly PolicyProblem[] };

/**
 * The written policy → the full policy, or everything that is wrong with it. Never throws, whatever the text is.
 *
 * `repository` is the `owner/name` that the policy stands in: the default for a service's source.
 */
export function parsePolicy(text: string, own: { readonly repository: string }): ParsedPolicy {
  const document = readPolicyDocument(text);
  if (document.value === undefined)
    return { kind: "invalid", problems: inOrder(document.problems) };
  const { findings, whole, readable, inFile } = readPolicy(document.value);
  const broken = rules
    .flatMap((rule) => [...rule(readable)])
    .map(({ path, sentence }) => ({
      path: inFile(path),
      sentence,
    }));
  const problems = [...document.problems, ...[...findings, ...broken].map(document.locate)];
  if (problems.length > 0 || whole === null)
    return { kind: "invalid", problems: inOrder(problems) };
  const advice: Finding[] = warnings.flatMap((rule) => [...rule(readable)]);
  return {
    kind: "policy",
    policy: fillPolicy(whole, own.repository),
    warnings: inOrder(advice.map(document.locate)),
  };
}

/** By line, then column; what an alias repeats is said once. */
function inOrder(problems: readonly PolicyProblem[]): PolicyProblem[] {
  const unique = new Map(
    problems.map((problem) => [`${problem.line}:${problem.column} ${problem.sentence}`, problem]),
  );
  return [...unique.values()].sort(
    (one, other) => one.line - other.line || one.column - other.column,
  );
}
