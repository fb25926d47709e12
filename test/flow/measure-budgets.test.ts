import { afterEach, expect, it } from "vitest";

import type { Measurement } from "#core/measurement.ts";
import { findFreezes } from "#flow/find-freezes.ts";
import { keepTold, measureBudgets } from "#flow/measure-budgets.ts";

import { anEnvironment, aPolicy } from "../builders.ts";
import { aPlatform } from "./a-platform.ts";

type Platform = Awaited<ReturnType<typeof aPlatform>>;

const open: Platform[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((platform) => platform.close()));
});

const policy = aPolicy({
  environments: [
    anEnvironment("dev"),
    anEnvironment("prod", {
      gates: [{ kind: "error-budget", target: 0.9, windowMs: 86_400_000, query: "bad[$window]" }],
    }),
  ],
});

/** Has Prometheus say one thing after the other, and gives what was told and frozen at each look. */
async function look(...answers: readonly Measurement[]) {
  return lookAt(answers, true);
}

/** The same; without `telling`, by looks that tell nobody. */
async function lookAt(answers: readonly Measurement[], telling: boolean) {
  const platform = await aPlatform();
  open.push(platform);
  const told: (string | undefined)[] = [];
  const frozen: string[] = [];
  const asked: string[] = [];
  for (const answer of answers) {
    const measure = async (query: string) => {
      asked.push(query);
      return answer;
    };
    const deps = { ...platform.deps, measurements: { measure } };
    const context = { ...(await platform.context()), deps };
    const measured = await measureBudgets(context, policy);
    const [prod] = measured;
    if (telling) await keepTold(context, measured);
    told.push(prod?.news?.kind);
    const freezes = await findFreezes(context, policy);
    frozen.push(freezes.map(({ environment, by }) => `${environment} by ${by}`).join());
  }
  return { told, frozen, asked };
}

function bad(value: number): Measurement {
  return { kind: "value", value };
}

it("tells once when half is spent, when all is, and when it has recovered", async () => {
  const spent = [0, 0.05, 0.06, 0.1, 0.2, 0.07, 0.01, 0.05];
  const { told, frozen } = await look(...spent.map(bad));
  expect(told).toEqual([
    undefined,
    "half-spent",
    undefined,
    "spent",
    undefined,
    "recovered",
    undefined,
    "half-spent",
  ]);
  const prod = "prod by the error budget";
  expect(frozen).toEqual(["", "", "", prod, prod, "", "", ""]);
});

it("tells and freezes nothing while nothing is known, and forgets nothing", async () => {
  const nothing = { kind: "nothing", reason: "no-data", sentence: "", remedy: "" } as const;
  const { told, frozen } = await look(bad(0.05), nothing, bad(0.05));
  expect(told).toEqual(["half-spent", undefined, undefined]);
  expect(frozen).toEqual(["", "", ""]);
});

it("stays frozen while nothing is known, until a known number recovers", async () => {
  const nothing = { kind: "nothing", reason: "no-data", sentence: "", remedy: "" } as const;
  const { told, frozen } = await look(bad(0.1), nothing, bad(0.01));
  expect(told).toEqual(["spent", undefined, "recovered"]);
  const prod = "prod by the error budget";
  expect(frozen).toEqual([prod, prod, ""]);
});

it("uses up no news by looks that tell nobody", async () => {
  const { told } = await lookAt([bad(0.1), bad(0.1)], false);
  expect(told).toEqual(["spent", "spent"]);
});

it("asks once a run, however many decide by it", async () => {
  const { asked } = await look(bad(0.1));
  expect(asked).toEqual(["bad[1d]"]);
});
