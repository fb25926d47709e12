import type { Finding } from "../policy-document.ts";
import type { Rule } from "./rule.ts";

/** GitHub keeps attestations with the repository that built the image: a service without one cannot be asked about. */
const attestationsHaveASource: Rule = function* attestationsHaveASource(policy) {
  const without = Object.entries(policy.services ?? {}).flatMap(([name, service]) =>
    service !== undefined && !("source" in service) ? [name] : [],
  );
  const [first] = without;
  if (first === undefined) return;
  for (const [index, { gates = [] }] of (policy.environments ?? []).entries()) {
    for (const [at, { image }] of gates.entries()) {
      if (image === undefined || !("attestation" in image)) continue;
      const finding: Finding = {
        path: ["environments", index, "gates", at, "image", "attestation"],
        sentence: `the service "${first}" has no source, and its attestations are kept there: write "source" in it`,
      };
      yield finding;
    }
  }
};

export const attestationRules: readonly Rule[] = [attestationsHaveASource];
