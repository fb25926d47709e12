import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { z } from "zod";

import { policySchema } from "#core/policy-schema.ts";

/** Where editors find it: the first line of a policy points to it. */
export const schemaPath = fileURLToPath(new URL("policy.schema.json", import.meta.url));

/** The JSON Schema (2020-12) of the written policy, as text. */
export function renderPolicySchema(): string {
  const schema = z.toJSONSchema(policySchema, { io: "input", target: "draft-2020-12" });
  return `${JSON.stringify(schema, null, 2)}\n`;
}

if (import.meta.main) writeFileSync(schemaPath, renderPolicySchema());
