import { Environment } from "@marcbachmann/cel-js";

import type { TreeObject } from "./tree.ts";

type Labels = Readonly<Record<string, string>>;
type Selector = {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string }[];
};
type Rule = { readonly resources: readonly string[]; readonly operations: readonly string[] };
type Expression = { readonly name: string; readonly expression: string };
type Validation = { readonly expression: string; readonly message: string };

/** What a policy says of a pod: not its business, nothing wrong, or the messages of what it refuses. */
export type PolicyAnswer =
  | { readonly kind: "skipped" }
  | { readonly kind: "passed" }
  | { readonly kind: "refused"; readonly messages: readonly string[] };

/**
 * A ValidatingPolicy on the creation of a pod in a namespace, as an API server evaluates its expressions. Of the rest of
 * Kyverno only what the policies here use is known; anything else is an error, never a pass.
 */
export function evaluatePolicy({ spec }: TreeObject, pod: object, namespace: Labels): PolicyAnswer {
  const { resourceRules, namespaceSelector, ...more } = spec.matchConstraints as {
    readonly resourceRules: readonly Rule[];
    readonly namespaceSelector: Selector;
  };
  const unknown = Object.keys(more);
  if (unknown.length > 0) throw new Error(`not understood: matchConstraints.${unknown.join()}`);
  const matches = resourceRules.some(
    ({ resources, operations }) => resources.includes("pods") && operations.includes("CREATE"),
  );
  if (!matches || !selects(namespaceSelector, namespace)) return { kind: "skipped" };
  const variables: Record<string, unknown> = {};
  for (const { name, expression } of (spec.variables ?? []) as readonly Expression[])
    variables[name] = evaluate(expression, pod, variables);
  const messages = (spec.validations as readonly Validation[])
    .filter(({ expression }) => !holds(expression, pod, variables))
    .map(({ message }) => message);
  return messages.length === 0 ? { kind: "passed" } : { kind: "refused", messages };
}

function holds(expression: string, object: object, variables: object): boolean {
  const value = evaluate(expression, object, variables);
  if (typeof value !== "boolean") throw new Error(`neither true nor false: ${expression}`);
  return value;
}

const language = new Environment()
  .registerVariable("object", "dyn")
  .registerVariable("variables", "dyn");

function evaluate(expression: string, object: object, variables: object): unknown {
  return language.evaluate(expression, { object, variables }) as unknown;
}

function selects({ matchLabels = {}, matchExpressions = [], ...more }: Selector, labels: Labels) {
  const unknown = Object.keys(more);
  if (unknown.length > 0) throw new Error(`not understood: namespaceSelector.${unknown.join()}`);
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator }) => {
      if (operator !== "Exists") throw new Error(`not understood: ${operator}`);
      return key in labels;
    })
  );
}
