import { ok } from "../http/answer.ts";
import type { RepositoryContext, Route } from "../http/context.ts";
import type { Schemas } from "../render/schemas.ts";
import { fullName } from "../state/find.ts";
import type { Rules } from "../state/merge-rules.ts";

type Detailed = Schemas["repository-rule-detailed"];

/** All rules that hold for a branch, whichever ruleset they come from; whoever reads the repository sees them. */
function branchRules({ world, repository, params }: RepositoryContext): Detailed[] {
  const rules = repository.rules[params["branch"] ?? ""];
  if (rules === undefined) return [];
  const from = {
    ruleset_source_type: "Repository" as const,
    ruleset_source: fullName(world, repository),
    ruleset_id: repository.id,
  };
  return rulesOf(rules).map((rule) => ({ ...rule, ...from }) as Detailed);
}

function rulesOf(rules: Rules): { type: string; parameters?: object }[] {
  const { requiredChecks, requiredApprovals, codeOwners, mergeMethods, mergeQueue } = rules;
  const pulls = requiredApprovals > 0 || codeOwners.length > 0 || mergeMethods !== null;
  return [
    ...(requiredChecks.length > 0 ? [checkRule(requiredChecks)] : []),
    ...(pulls ? [pullRule(rules)] : []),
    ...(rules.linearHistory ? [{ type: "required_linear_history" }] : []),
    ...(rules.signatures ? [{ type: "required_signatures" }] : []),
    ...(rules.locked
      ? [{ type: "update", parameters: { update_allows_fetch_and_merge: false } }]
      : []),
    ...(mergeQueue === null ? [] : [queueRule(mergeQueue)]),
  ];
}

function checkRule(contexts: string[]) {
  return {
    type: "required_status_checks",
    parameters: {
      strict_required_status_checks_policy: false,
      required_status_checks: contexts.map((context) => ({ context })),
    },
  };
}

function pullRule({ requiredApprovals, codeOwners, mergeMethods }: Rules) {
  return {
    type: "pull_request",
    parameters: {
      required_approving_review_count: requiredApprovals,
      dismiss_stale_reviews_on_push: false,
      require_code_owner_review: codeOwners.length > 0,
      require_last_push_approval: false,
      required_review_thread_resolution: false,
      ...(mergeMethods === null ? {} : { allowed_merge_methods: mergeMethods }),
    },
  };
}

function queueRule({ method, mostToBuild }: NonNullable<Rules["mergeQueue"]>) {
  return {
    type: "merge_queue",
    parameters: {
      check_response_timeout_minutes: 60,
      grouping_strategy: "ALLGREEN",
      max_entries_to_build: mostToBuild,
      max_entries_to_merge: mostToBuild,
      merge_method: method.toUpperCase(),
      min_entries_to_merge: 1,
      min_entries_to_merge_wait_minutes: 5,
    },
  };
}

export const branchRuleRoutes: Route[] = [
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/rules/branches/{branch}",
    scope: "repository",
    needs: [["metadata", "read"]],
    handle: (context) => Promise.resolve(ok(branchRules(context))),
  },
];
