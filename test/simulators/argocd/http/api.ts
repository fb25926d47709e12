import type { IncomingMessage, ServerResponse } from "node:http";

import type { World } from "../world.ts";
import type { Accounts, Session } from "./access.ts";
import { ApiError } from "./reply.ts";
import type { TokenMint } from "./token.ts";

/** One request of the log, `GET /_sim/requests`. */
export type RequestEntry = {
  time: string;
  method: string;
  path: string;
  operation: string;
  app: string | undefined;
  account: string | undefined;
  status: number;
  milliseconds: number;
};

export type Api = {
  world: World;
  accounts: Accounts;
  mint: TokenMint;
  version: string;
  webhookSecret: string | undefined;
  requests: RequestEntry[];
};

export type Call = {
  api: Api;
  request: IncomingMessage;
  response: ServerResponse;
  /** Path parameters, decoded. */
  params: Record<string, string>;
  query: URLSearchParams;
  body: Body;
  session: Session;
  /** Fires when the caller hangs up. */
  gone: AbortSignal;
};

/** Go's decoder matches keys without regard to case; unknown ones are ignored. */
export type Body = Record<string, unknown>;

/** Undefined when the handler has answered by itself. */
type Handler = (call: Call) => unknown;

export type Route = {
  method: string;
  pattern: string;
  operation: string;
  open?: boolean;
  handle: Handler;
};

export function readBody(text: string): Body {
  if (text.trim() === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const at = /\S/.exec(text)?.[0] ?? "";
    throw new ApiError(3, `invalid character '${at}' looking for beginning of value`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ApiError(3, `json: cannot unmarshal ${goType(value)} into Go value`);
  }
  const body: Body = {};
  for (const [key, item] of Object.entries(value)) body[key.toLowerCase()] = item;
  return body;
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (value === null) return "null";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function wrong(value: unknown, field: string, type: string): ApiError {
  return new ApiError(
    3,
    `json: cannot unmarshal ${goType(value)} into Go struct field .${field} of type ${type}`,
  );
}

export function textField(body: Body, key: string): string | undefined {
  const value = body[key.toLowerCase()];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw wrong(value, key, "string");
  return value;
}

export function flagField(body: Body, key: string): boolean {
  const value = body[key.toLowerCase()] ?? false;
  if (typeof value !== "boolean") throw wrong(value, key, "bool");
  return value;
}

/** int64 are JSON numbers, both ways: a string is refused. */
export function numberField(body: Body, key: string): number | undefined {
  const value = body[key.toLowerCase()];
  if (value === undefined || value === null) return undefined;
  if (!Number.isInteger(value)) throw wrong(value, key, "int64");
  return value as number;
}

export function listField<T>(body: Body, key: string, type: "string" | "number" | "object"): T[] {
  const value = body[key.toLowerCase()] ?? [];
  if (!Array.isArray(value)) throw wrong(value, key, "[]");
  for (const item of value) {
    const go = type === "number" ? "int64" : type;
    if (typeof item !== type || item === null) throw wrong(item, key, go);
  }
  return value as T[];
}

/** Empty counts as absent, as in a proto3-style request. */
export function queryText(query: URLSearchParams, key: string): string | undefined {
  return query.get(key) || undefined;
}

/** `project` and `projects` both name projects. */
export function queryProjects(query: URLSearchParams): string[] {
  return [...query.getAll("projects"), ...query.getAll("project")].filter((name) => name !== "");
}

export function queryProject(query: URLSearchParams): string | undefined {
  const projects = queryProjects(query);
  if (projects.length > 1) {
    throw new ApiError(
      3,
      "multiple projects specified - the get endpoint accepts either zero or one project",
    );
  }
  return projects[0];
}
