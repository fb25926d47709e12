import { readdirSync, readFileSync } from "node:fs";

import addFormats from "ajv-formats";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { renderPolicySchema, schemaPath } from "../../bot/policy-json-schema.ts";

const folder = new URL("../fixtures/policy/", import.meta.url);

function readFixture(path: string): unknown {
  return parse(readFileSync(new URL(path, folder), "utf8"));
}

describe("policy.schema.json", () => {
  const committed = readFileSync(schemaPath, "utf8");
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  addFormats.default(ajv);
  const validate = ajv.compile(JSON.parse(committed) as object);

  it("is what `npm run schema` writes", () => {
    expect(committed).toBe(renderPolicySchema());
  });

  it("describes every key that does not speak for itself", () => {
    expect(committed.match(/"description":/g)?.length).toBeGreaterThan(40);
  });

  it.for(readdirSync(new URL("valid/", folder)))("accepts %s", (file) => {
    validate(readFixture(`valid/${file}`));
    expect(validate.errors).toBeNull();
  });

  it.for(["keys.yaml", "types.yaml", "gates.yaml", "list.yaml"])("refuses %s", (file) => {
    expect(validate(readFixture(`invalid/${file}`))).toBe(false);
  });
});
