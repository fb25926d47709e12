import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

type Json = Record<string, unknown>;

export type Operation = {
  operationId: string;
  description?: string;
  externalDocs?: { url: string };
  parameters?: Json[];
  requestBody?: { required?: boolean; content: Record<string, { schema: Json }> };
  responses: Record<string, Json>;
};

type Description = {
  paths: Record<string, Record<string, Operation>>;
  "x-webhooks": Record<string, { post: Operation }>;
  components: Record<string, Record<string, Json>>;
};

let loaded: Description | undefined;

/** GitHub's own OpenAPI description; read once, 0.15 s. */
export function description(): Description {
  if (loaded === undefined) {
    const file = createRequire(import.meta.url).resolve(
      "@octokit/openapi/generated/api.github.com.json",
    );
    loaded = JSON.parse(readFileSync(file, "utf8")) as Description;
  }
  return loaded;
}

export function operation(method: string, path: string): Operation | undefined {
  return description().paths[path]?.[method.toLowerCase()];
}

/** Follows `$ref` within the description. */
export function resolve(value: Json): Json {
  const ref = value["$ref"];
  if (typeof ref !== "string") return value;
  const [, , kind = "", name = ""] = ref.split("/");
  return description().components[kind]?.[name] ?? {};
}

/**
 * What GitHub does and its description does not say. Each line is a place where the real API, by its own
 * documentation or its published examples, answers otherwise than the schema.
 */
const AMENDED: Record<string, (schema: Json) => Json> = {
  // A check run that stays incomplete for 14 days is concluded as `stale` by GitHub.
  "check-run": (schema) => {
    const properties = schema["properties"] as Record<string, Json>;
    const conclusion = properties["conclusion"] as { enum: string[] };
    const amended = { ...conclusion, enum: [...conclusion.enum, "stale"] };
    return { ...schema, properties: { ...properties, conclusion: amended } };
  },
  // A label that was made by its first use has no description.
  "pull-request-simple": (schema) => {
    const properties = schema["properties"] as Record<string, Json>;
    const labels = properties["labels"] as { items: { properties: Record<string, Json> } };
    const description = { type: "string", nullable: true };
    const items = { ...labels.items, properties: { ...labels.items.properties, description } };
    return { ...schema, properties: { ...properties, labels: { ...labels, items } } };
  },
};

/** JSON Schema of an OpenAPI 3.0 schema: `nullable` spelled out, references turned to `name`, and, for requests, nothing unknown. */
export function toJsonSchema(schema: unknown, strict: boolean, refs: Set<string>): unknown {
  if (Array.isArray(schema)) return schema.map((item) => toJsonSchema(item, strict, refs));
  if (typeof schema !== "object" || schema === null) return schema;
  const source = schema as Json;
  if (typeof source["$ref"] === "string") {
    const name = source["$ref"].split("/").pop() ?? "";
    refs.add(name);
    return { $ref: `${strict ? "strict" : "open"}:${name}` };
  }
  const { nullable, example: _example, examples: _examples, ...rest } = eitherAccount(source);
  const target: Json = {};
  for (const [key, value] of Object.entries(rest)) {
    if (key === "properties") target[key] = mapValues(value as Json, strict, refs);
    else if (key === "enum" || key === "required" || key === "default") target[key] = value;
    else target[key] = toJsonSchema(value, strict, refs);
  }
  if (strict && "properties" in target && target["additionalProperties"] === undefined) {
    target["unevaluatedProperties"] = false;
  }
  if (nullable !== true) return target;
  return { anyOf: [{ type: "null" }, target] };
}

/** An installation's account is a user or an enterprise; the list of installations says that it is both at once. */
function eitherAccount({ allOf, ...rest }: Json): Json {
  const titles = Array.isArray(allOf) ? allOf.map((one: Json) => one["title"]) : [];
  if (titles.join() === "Simple User,Enterprise") return { ...rest, anyOf: allOf };
  return allOf === undefined ? rest : { ...rest, allOf };
}

function mapValues(properties: Json, strict: boolean, refs: Set<string>): Json {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, toJsonSchema(value, strict, refs)]),
  );
}

/** A component's schema as JSON Schema, with the names that it refers to. */
export function componentSchema(
  name: string,
  strict: boolean,
): { schema: unknown; refs: Set<string> } {
  const refs = new Set<string>();
  const source = description().components["schemas"]?.[name] ?? {};
  const amended = AMENDED[name]?.(source) ?? source;
  return { schema: toJsonSchema(amended, strict, refs), refs };
}
