import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

type Schema = {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly propertyNames?: { readonly enum?: readonly string[] };
  readonly additionalProperties?: unknown;
  readonly required?: readonly string[];
};

/** Sections of values that are written more than once: the schema has one definition for all of them. */
const shared = new Set(["environments", "networkPolicy.egress"]);

/** Where a section stands, what it must have, and what `values.yaml` gives it; collections that are empty may stay so. */
function sections(schema: Schema, values: object, path = ""): [string, unknown, string[]][] {
  if (schema.properties === undefined) return [];
  const given = Object.entries(values);
  const filled = given.filter(
    ([, each]) => typeof each !== "object" || Object.keys(each).length > 0,
  );
  return [
    [path, schema.required, filled.map(([key]) => key)],
    ...filled.flatMap(([key, each]) => {
      const below = path === "" ? key : `${path}.${key}`;
      if (typeof each !== "object" || shared.has(below)) return [];
      return sections(schema.properties?.[key] as Schema, each, below);
    }),
  ];
}

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
  const schema = JSON.parse(readFileSync(file, "utf8")) as Schema;
  const schemas = objectSchemas(schema);

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

  it("names what was left empty: `image:` alone would take the defaults below it away", () => {
    const values = parse(readFileSync(file.replace("schema.json", "yaml"), "utf8")) as object;
    const found = sections(schema, values);
    expect(found.length).toBeGreaterThan(8);
    for (const [path, required, filled] of found) expect([path, required]).toEqual([path, filled]);
  });
});
