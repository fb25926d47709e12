import { describe, expect, it } from "vitest";

import { budgetFreeze, budgetState } from "#core/error-budget.ts";
import type { ErrorBudgetPolicy } from "#core/gate-policy.ts";

import { anEnvironment, before, noon } from "../../builders.ts";
import { judge } from "./judge.ts";

const budget: ErrorBudgetPolicy = {
  kind: "error-budget",
  target: 0.999,
  windowMs: 30 * 86_400_000,
  query: 'bad{env="$environment"}[$window]',
};
const environment = anEnvironment("prod", { gates: [budget] });

function spend(bad: number) {
  const measure = () => ({ kind: "value", value: bad }) as const;
  return judge("error-budget", { environment }, { measure })[0];
}

describe("error-budget", () => {
  it.for([
    [0, "passed", "0% of the error budget is spent (99.9% over 30 days)."],
    [0.0005, "passed", "50% of the error budget is spent (99.9% over 30 days)."],
    [0.000999, "passed", "99% of the error budget is spent (99.9% over 30 days)."],
    [
      0.001,
      "failed",
      "100% of the error budget is spent (99.9% over 30 days): prod is frozen until it recovers.",
    ],
    [
      0.0021,
      "failed",
      "210% of the error budget is spent (99.9% over 30 days): prod is frozen until it recovers.",
    ],
  ] as const)("a share of %d bad requests: %s", ([bad, status, sentence]) => {
    expect(spend(bad)).toMatchObject({ status, sentence });
  });

  it("asks about its own environment and window", () => {
    const asked: string[] = [];
    const measure = (query: string) => {
      asked.push(query);
      return { kind: "value", value: 0 } as const;
    };
    judge("error-budget", { environment }, { measure });
    expect(asked).toEqual(['bad{env="prod"}[30d]']);
  });

  it.for([
    [{ kind: "value", value: 2 }, "not-a-share"],
    [{ kind: "value", value: -0.1 }, "not-a-share"],
    [{ kind: "nothing", reason: "no-data", sentence: "None.", remedy: "Mend it." }, "no-data"],
  ] as const)("what is not known is no success: %o", ([bad, reason]) => {
    const [said] = judge("error-budget", { environment }, { measure: () => bad });
    expect(said).toMatchObject({ status: "pending", reason, again: before(-1) });
    expect(said?.remedy).toMatch(/\.$/);
  });
});

describe("its freeze", () => {
  it.for([
    [0.000999, false],
    [0.001, true],
    [0.5, true],
  ] as const)("a share of %d bad requests: %s", ([value, freezes]) => {
    const state = budgetState(budget, { kind: "value", value });
    expect(budgetFreeze(environment, budget, state, noon) !== null).toBe(freezes);
  });

  it("is none while nothing is known: the gate alone holds then", () => {
    const state = { kind: "nothing", reason: "no-data", sentence: "", remedy: "" } as const;
    expect(budgetFreeze(environment, budget, state, noon)).toBeNull();
  });
});
