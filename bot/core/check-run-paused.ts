import { fitSummary, fitText, type CheckText } from "./check-run.ts";
import { codeSpan } from "./inert.ts";
import { renderMachineBlock } from "./machine-block.ts";
import type { Consent } from "./plan-types.ts";
import { policyPath } from "./policy-parse.ts";

/**
 * `sluice/gates` on an open promotion while the policy is broken: nothing is merged by a policy that nobody can read.
 * The record stays one that `parseGatesRecord` reads, with the consents of this head.
 */
export function renderPausedCheck(promotion: {
  readonly id: string;
  readonly consents: readonly Consent[];
}): CheckText {
  const sentence = `The policy is broken: ${policyPath} on the default branch cannot be read.`;
  const gate = { gate: "policy", status: "failed", reason: "policy-broken", sentence };
  return {
    status: "completed",
    conclusion: "action_required",
    title: "A person decides: the policy is broken",
    summary: fitSummary([
      "The policy on the default branch is broken, so no promotion is opened, changed or merged. Rollouts go on.",
      `**Next:** mend ${codeSpan(policyPath)}, as the check run ${codeSpan("sluice/policy")} says; Sluice then looks at the gates again.`,
    ]),
    text: fitText([], renderMachineBlock("gates", { ...promotion, gates: [gate] })),
  };
}
