import { refusedWith } from "../requests/errors.ts";
import type { RepositoryContext } from "./context.ts";
import type { MergeMethod } from "./info.ts";

/** What the rulesets of a branch ask for together. Classic branch protection is not among it. */
export type BranchRules = {
  /** Null: whatever the repository allows. */
  readonly methods: readonly MergeMethod[] | null;
  /** What a merge takes, in words: `2 approving reviews`, `signed commits`. */
  readonly asks: readonly string[];
};

type Rule = { readonly type: string; readonly parameters?: Readonly<Record<string, unknown>> };

/** Whoever may read a repository may read these; null where GitHub does not have them. */
export async function readBranchRules(
  context: RepositoryContext,
  branch: string,
): Promise<BranchRules | null> {
  try {
    const { data } = await context.request("GET /repos/{owner}/{repo}/rules/branches/{branch}", {
      ...context.at,
      branch,
      per_page: 100,
    });
    const rules = data as readonly Rule[];
    return {
      methods: methodsOf(rules),
      asks: [...new Set(rules.flatMap((rule) => asksOf(rule)))],
    };
  } catch (error) {
    if (refusedWith(error, 404) || refusedWith(error, 403)) return null;
    throw error;
  }
}

function methodsOf(rules: readonly Rule[]): readonly MergeMethod[] | null {
  const linear = rules.some(({ type }) => type === "required_linear_history");
  const lists = rules.flatMap(({ type, parameters }) => {
    const allowed = type === "pull_request" ? parameters?.["allowed_merge_methods"] : undefined;
    return Array.isArray(allowed) ? [allowed as readonly string[]] : [];
  });
  if (!linear && lists.length === 0) return null;
  const all: readonly MergeMethod[] = ["merge", "squash", "rebase"];
  return all.filter(
    (method) => !(linear && method === "merge") && lists.every((list) => list.includes(method)),
  );
}

function asksOf({ type, parameters = {} }: Rule): readonly string[] {
  const known = simple[type];
  if (known !== undefined) return [known];
  if (type === "required_status_checks") return checksOf(parameters);
  if (type === "pull_request") return reviewsOf(parameters);
  return [];
}

/** Rules without parameters that matter here, in words. */
const simple: Readonly<Record<string, string>> = {
  required_signatures: "signed commits",
  required_linear_history: "a linear history",
  update: "the right to go past its lock",
  merge_queue: "the merge queue",
  required_deployments: "deployments that have succeeded",
  workflows: "workflows that have succeeded",
  code_scanning: "code scanning without findings",
};

function checksOf(parameters: Readonly<Record<string, unknown>>): readonly string[] {
  const checks = parameters["required_status_checks"] as readonly { context: string }[] | undefined;
  const names = (checks ?? []).map(({ context }) => `\`${context}\``);
  if (names.length === 0) return [];
  return [`the ${names.length === 1 ? "check" : "checks"} ${names.join(", ")}`];
}

function reviewsOf(parameters: Readonly<Record<string, unknown>>): readonly string[] {
  const count = Number(parameters["required_approving_review_count"] ?? 0);
  const asks: readonly (readonly [boolean, string])[] = [
    [count > 0, count === 1 ? "1 approving review" : `${count} approving reviews`],
    [parameters["require_code_owner_review"] === true, "a review by a code owner"],
    [
      parameters["require_last_push_approval"] === true,
      "an approval by somebody else than who pushed last",
    ],
    [parameters["required_review_thread_resolution"] === true, "every conversation resolved"],
  ];
  return asks.filter(([asked]) => asked).map(([, words]) => words);
}
