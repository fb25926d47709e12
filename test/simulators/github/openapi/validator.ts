import addFormats from "ajv-formats";
import { Ajv2019 } from "ajv/dist/2019.js";
import type { ErrorObject, ValidateFunction } from "ajv/dist/2019.js";

import { componentSchema, toJsonSchema } from "./description.ts";

export type SchemaProblem = { path: string; keyword: string; message: string; value: unknown };

/** Compiles schemas of the description as they are first needed; each takes milliseconds, once. */
export class SchemaValidator {
  readonly #ajv = new Ajv2019({
    strict: false,
    allErrors: true,
    verbose: true,
    validateFormats: true,
    logger: false,
  });
  readonly #compiled = new Map<string, ValidateFunction>();
  readonly #known = new Set<string>();

  constructor() {
    addFormats.default(this.#ajv);
    // Formats that JSON Schema does not know, and one that a bot's address (`1+x[bot]@…`) breaks.
    for (const format of ["repo.nwo", "ssh-key", "uri-template", "email"])
      this.#ajv.addFormat(format, true);
  }

  /** What is wrong with `value`; the empty list if nothing. `key` names the schema for good. */
  check(key: string, schema: unknown, value: unknown, strict: boolean): SchemaProblem[] {
    let validate = this.#compiled.get(key);
    if (validate === undefined) {
      const refs = new Set<string>();
      const root = toJsonSchema(schema, strict, refs);
      this.#add(refs, strict);
      validate = this.#ajv.compile(root as object);
      this.#compiled.set(key, validate);
    }
    if (validate(value)) return [];
    return leaves(validate.errors ?? []).map(problemOf);
  }

  #add(refs: Set<string>, strict: boolean): void {
    for (const name of refs) {
      const id = `${strict ? "strict" : "open"}:${name}`;
      if (this.#known.has(id)) continue;
      this.#known.add(id);
      const component = componentSchema(name, strict);
      this.#ajv.addSchema(component.schema as object, id);
      this.#add(component.refs, strict);
    }
  }
}

/** Alternatives report each branch that failed: "must be null" of a nullable says nothing. */
function leaves(errors: ErrorObject[]): ErrorObject[] {
  const telling = errors.filter(
    ({ keyword, params }) =>
      keyword !== "anyOf" &&
      keyword !== "oneOf" &&
      !(keyword === "type" && params["type"] === "null"),
  );
  return (telling.length === 0 ? errors : telling).slice(0, 20);
}

function shortened(value: unknown): unknown {
  const text = JSON.stringify(value) ?? "";
  return text.length > 200 ? `${text.slice(0, 200)}…` : value;
}

function problemOf(error: ErrorObject): SchemaProblem {
  const unknown = error.params["unevaluatedProperty"] ?? error.params["additionalProperty"];
  const missing = error.params["missingProperty"];
  const extra = typeof unknown === "string" ? unknown : missing;
  return {
    path: error.instancePath + (typeof extra === "string" ? `/${extra}` : ""),
    keyword: error.keyword,
    message: error.message ?? "",
    value: shortened(error.data),
  };
}
