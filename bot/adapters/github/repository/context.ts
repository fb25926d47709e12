import type { Octokit } from "@octokit/core";

import type { Clock } from "#ports/clock.ts";
import type { Facts } from "#ports/facts.ts";
import type { Log } from "#ports/log.ts";

import type { ByteCache } from "../requests/byte-cache.ts";
import type { SealSecret } from "../seal.ts";
import type { RepositoryInfo } from "./info.ts";

/** One repository as its adapters see it: a client that carries the job's signal, and the memory of its installation. */
export type RepositoryContext = {
  readonly request: Octokit["request"];
  readonly graphql: Octokit["graphql"];
  /** Parameters of every route of this repository. */
  readonly at: { readonly owner: string; readonly repo: string };
  /** `owner/name` */
  readonly name: string;
  readonly installation: number;
  readonly appId: number;
  readonly apiUrl: string;
  readonly sealSecret: SealSecret;
  readonly signal: AbortSignal | undefined;
  /** What is named by its SHA and cannot change. */
  readonly immutable: ByteCache<unknown>;
  readonly infos: Map<string, RepositoryInfo>;
  readonly facts: Facts;
  readonly clock: Clock;
  readonly log: Log;
  /** Login of the App's own user. */
  readonly login: () => Promise<string>;
};

/** Reads once what cannot change; `bytes` is what keeping it costs, about. */
export async function once<T>(
  context: RepositoryContext,
  key: string,
  bytes: (value: T) => number,
  read: () => Promise<T>,
): Promise<T> {
  const known = recall(context, key);
  if (known !== undefined) return known as T;
  const value = await read();
  remember(context, key, value, bytes(value));
  return value;
}

export function recall(context: RepositoryContext, key: string): unknown {
  return context.immutable.get(keyOf(context, key));
}

export function remember(
  context: RepositoryContext,
  key: string,
  value: unknown,
  bytes: number,
): void {
  context.immutable.set(keyOf(context, key), value, bytes);
}

function keyOf(context: RepositoryContext, key: string): string {
  return `${context.installation} ${context.name.toLowerCase()} ${key}`;
}
