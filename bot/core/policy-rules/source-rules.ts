import type { Finding } from "../policy-document.ts";
import type { Rule } from "./rule.ts";

/** What is kept with the repository that built the image: a service without one cannot be asked about, ever. */
const gatesHaveASource: Rule = function* gatesHaveASource(policy) {
  const without = Object.entries(policy.services ?? {}).flatMap(([name, service]) =>
    service !== undefined && !("source" in service) ? [name] : [],
  );
  const [first] = without;
  if (first === undefined) return;
  const missing = (path: Finding["path"], what: string): Finding => ({
    path,
    sentence: `the service "${first}" has no source, and ${what} there: write "source" in it`,
  });
  for (const [index, { gates = [] }] of (policy.environments ?? []).entries()) {
    for (const [at, { checks, image }] of gates.entries()) {
      const path = ["environments", index, "gates", at];
      if (checks !== undefined) yield missing([...path, "checks"], "the checks are read");
      if (image !== undefined && "attestation" in image)
        yield missing([...path, "image", "attestation"], "its attestations are kept");
    }
  }
};

export const sourceRules: readonly Rule[] = [gatesHaveASource];
