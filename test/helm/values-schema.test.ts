import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { describe, expect, it } from "vitest";

type Schema = {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly propertyNames?: { readonly enum?: readonly string[] };
  readonly additionalProperties?: unknown;
};

/** Every schema in a document that describes an object by its properties; conditions describe none. */
function objectSchemas(value: unknown, path = "#"): [string, Schema][] {
  if (typeof value !== "object" || value === null) return [];
  const schema = value as Schema;
  const here: [string, Schema][] =
    schema.type === "object" && schema.properties !== undefined ? [[path, schema]] : [];
  return [
    ...here,
    ...Object.entries(value).flatMap(([key, each]) => objectSchemas(each, `${path}/${key}`)),
  ];
}

describe.for(["tenant-service", "sluice"])("values.schema.json of %s", (chart) => {
  const file = resolve(import.meta.dirname, "../../helm", chart, "values.schema.json");
  const schemas = objectSchemas(JSON.parse(readFileSync(file, "utf8")));

  it("lets no unknown key pass, and names those that there are", () => {
    expect(schemas.length).toBeGreaterThan(10);
    for (const [path, schema] of schemas) {
      // Helm shows the list of names, where `additionalProperties` alone would only say no.
      expect({ path, ...schema }).toMatchObject({
        path,
        additionalProperties: false,
        propertyNames: { enum: Object.keys(schema.properties ?? {}) },
      });
    }
  });
});
