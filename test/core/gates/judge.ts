import type { GateResult } from "#core/gate.ts";
import { judgeGates } from "#core/gates/all.ts";
import type { GateContext } from "#core/gates/gate-context.ts";
import { questionKey, type Answer } from "#core/plan-types.ts";
import type { Verification } from "#core/verification.ts";

import {
  anArtifact,
  anEnvironment,
  anOpenPromotion,
  aService,
  before,
  noon,
} from "../../builders.ts";
import { consult, type Oracle } from "../../oracle.ts";
import { parseStream } from "../plan-situation.ts";

/** v2 on its way from staging, where it was verified two hours ago, into prod; its pull request is open. */
export function aGateContext(change: Partial<GateContext> = {}): GateContext {
  return {
    now: noon,
    service: aService(),
    environment: anEnvironment("prod"),
    ring: anEnvironment("prod").rings[0] as GateContext["ring"],
    artifact: anArtifact("v2"),
    upstream: [aPlaceBefore("staging", { kind: "verified", since: before(120) })],
    relations: [{ from: anArtifact("v1"), order: { relation: "newer" } }],
    bar: null,
    consent: null,
    open: anOpenPromotion(anArtifact("v2")),
    freezes: [],
    deployers: ["default"],
    answers: new Map(),
    ...change,
  };
}

export function aPlaceBefore(
  name: string,
  verification: Verification,
): GateContext["upstream"][number] {
  const [environment = ""] = name.split("/");
  const streams = verification.kind === "no-targets" ? [] : [parseStream(environment, "v2 ok@120")];
  return { kind: "environment", name, streams, verification };
}

/** What the gates of one name say once everything that they ask is answered. */
export function judge(
  gate: string,
  change: Partial<GateContext> = {},
  oracle: Oracle = {},
): readonly GateResult[] {
  const answers = new Map<string, Answer>(change.answers ?? []);
  for (let pass = 0; pass < 10; pass += 1) {
    const { results, questions } = judgeGates(aGateContext({ ...change, answers }));
    if (questions.length === 0) return results.filter((one) => one.gate === gate);
    for (const question of questions) answers.set(questionKey(question), consult(oracle, question));
  }
  throw new Error("the gates go on asking");
}

/** `pending changes-requested`, one gate after the other. */
export function show(results: readonly GateResult[]): string {
  return results.map(({ status, reason }) => `${status} ${reason}`).join(", ");
}
