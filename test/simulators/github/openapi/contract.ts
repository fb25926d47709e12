import { ApiError } from "../http/answer.ts";
import type { Answer } from "../http/answer.ts";
import type { ApiRequest } from "../http/context.ts";
import { operation, resolve, description } from "./description.ts";
import { SchemaValidator } from "./validator.ts";
import type { SchemaProblem } from "./validator.ts";

export type Violation = {
  kind: "request" | "query" | "answer" | "delivery" | "route" | "defect";
  /** `POST /repos/{owner}/{repo}/pulls`, or the event and action of a delivery. */
  where: string;
  status: number | null;
  problems: SchemaProblem[];
};

/** Answers and deliveries that wait to be looked at. */
const MOST_WAITING = 5_000;

/** Query parameters that GitHub takes everywhere. */
const COMMON_QUERY = new Set(["page", "per_page"]);

/** Holds every request, answer and delivery against GitHub's OpenAPI description. */
export class Contract {
  readonly violations: Violation[] = [];
  readonly #validator = new SchemaValidator();
  readonly #enabled: boolean;
  readonly #checks: (() => void)[] = [];

  constructor(enabled: boolean) {
    this.#enabled = enabled;
  }

  /** Throws 422 for a body that GitHub's schema does not allow, unknown properties included. */
  checkRequest(method: string, path: string, request: ApiRequest): void {
    if (!this.#enabled) return;
    const found = operation(method, path);
    if (found === undefined) return;
    this.#checkQuery(method, path, found.parameters ?? [], request.query);
    const schema = found.requestBody?.content["application/json"]?.schema;
    if (schema === undefined) return;
    const optional = found.requestBody?.required !== true && request.bytes === 0;
    if (optional) return;
    const key = `request ${method} ${path}`;
    const problems = this.#validator.check(key, schema, request.body, true);
    if (problems.length === 0) return;
    this.violations.push({ kind: "request", where: `${method} ${path}`, status: 422, problems });
    throw new ApiError(422, `Invalid request.\n\n${problems.map(sentence).join("\n")}`);
  }

  /** Looks at one of our own answers, when somebody asks for violations. */
  checkAnswer(method: string, path: string | undefined, answer: Answer): void {
    if (!this.#enabled || path === undefined) return;
    this.#later(() => {
      const found = operation(method === "HEAD" ? "GET" : method, path);
      if (found === undefined) return;
      const response = found.responses[String(answer.status)];
      const where = `${method} ${path}`;
      if (response === undefined) {
        // Refusals that hold for every operation (401, 403, 404, 429) are not listed for each.
        if (answer.status < 400) {
          this.#undocumented(where, answer.status);
        }
        return;
      }
      const content = resolve(response)["content"] as
        | Record<string, { schema: Record<string, unknown> }>
        | undefined;
      const schema = content?.["application/json"]?.schema;
      if (schema === undefined || answer.raw !== undefined || answer.status >= 400) return;
      const key = `answer ${where} ${answer.status}`;
      const value = JSON.parse(JSON.stringify(answer.body ?? null)) as unknown;
      const problems = this.#validator.check(key, schema, value, false);
      if (problems.length > 0) {
        this.violations.push({ kind: "answer", where, status: answer.status, problems });
      }
    });
  }

  /** Looks at a webhook payload. */
  checkDelivery(event: string, action: string | null, payload: Record<string, unknown>): void {
    if (!this.#enabled) return;
    this.#later(() => {
      const name = [event, action]
        .filter((part) => part !== null)
        .join("-")
        .replaceAll("_", "-");
      const webhook = description()["x-webhooks"][name]?.post;
      const where = `${event}${action === null ? "" : `.${action}`}`;
      if (webhook === undefined) {
        this.#undocumented(where, null);
        return;
      }
      const schema = webhook.requestBody?.content["application/json"]?.schema;
      if (schema === undefined) return;
      const value = JSON.parse(JSON.stringify(payload)) as unknown;
      const problems = this.#validator.check(`delivery ${name}`, schema, value, false);
      if (problems.length > 0) {
        this.violations.push({ kind: "delivery", where, status: null, problems });
      }
    });
  }

  reportUnknownRoute(method: string, path: string): void {
    this.violations.push({
      kind: "route",
      where: `${method} ${path}`,
      status: 404,
      problems: [{ path: "", keyword: "route", message: "not simulated", value: null }],
    });
  }

  documentationUrl(method: string, path: string | undefined): string {
    const fallback = "https://docs.github.com/rest";
    if (!this.#enabled || path === undefined) return fallback;
    return operation(method, path)?.externalDocs?.url ?? fallback;
  }

  /** Finishes what is still to be looked at and returns all violations. */
  settle(): Violation[] {
    this.#run();
    return this.violations;
  }

  #undocumented(where: string, status: number | null): void {
    const problem = { path: "", keyword: "status", message: "not documented", value: status };
    this.violations.push({
      kind: status === null ? "delivery" : "answer",
      where,
      status,
      problems: [problem],
    });
  }

  #checkQuery(
    method: string,
    path: string,
    parameters: Record<string, unknown>[],
    query: URLSearchParams,
  ): void {
    const known = new Map(
      parameters.map((parameter) => {
        const resolved = resolve(parameter);
        return [String(resolved["name"]), resolved["schema"]];
      }),
    );
    const problems: SchemaProblem[] = [];
    for (const [name, value] of query) {
      const schema = known.get(name) as Record<string, unknown> | undefined;
      if (schema === undefined) {
        if (COMMON_QUERY.has(name)) continue;
        problems.push({ path: name, keyword: "query", message: "unknown parameter", value });
        continue;
      }
      const type = schema["type"];
      const typed =
        type === "integer" ? Number(value) : type === "boolean" ? value === "true" : value;
      const key = `query ${method} ${path} ${name}`;
      for (const problem of this.#validator.check(key, schema, typed, false)) {
        problems.push({ ...problem, path: name, value });
      }
    }
    if (problems.length === 0) return;
    this.violations.push({ kind: "query", where: `${method} ${path}`, status: null, problems });
  }

  /** Compiling a schema takes up to a third of a second: it must not slow down the calls of a story. */
  #later(check: () => void): void {
    this.#checks.push(check);
    if (this.#checks.length >= MOST_WAITING) this.#run();
  }

  #run(): void {
    for (const check of this.#checks.splice(0)) check();
  }
}

function sentence({ path, keyword, message, value }: SchemaProblem): string {
  const name = path.split("/").pop() ?? "";
  if (keyword === "required") return `"${name}" wasn't supplied.`;
  if (keyword === "unevaluatedProperties" || keyword === "additionalProperties") {
    return `"${name}" is not a permitted key.`;
  }
  const shown = JSON.stringify(value) ?? "undefined";
  return `For '${path.slice(1).replaceAll("/", "/")}', ${shown.slice(0, 200)} ${message}.`;
}
