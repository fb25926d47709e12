import type { Identity } from "./auth.ts";
import { ApiError } from "./http/answer.ts";

/** GitHub's documented limits; a test may set smaller ones. */
export type Limits = {
  /** Requests an hour of one installation, before the additions for many repositories. */
  primary: number;
  anonymous: number;
  /** Seconds of the primary window. */
  primaryWindow: number;
  pointsPerMinute: number;
  graphqlPointsPerMinute: number;
  contentPerMinute: number;
  contentPerHour: number;
  concurrent: number;
  /** Seconds that `retry-after` asks for once a secondary limit is hit. */
  pause: number;
};

export const documentedLimits: Limits = {
  primary: 5_000,
  anonymous: 60,
  primaryWindow: 3_600,
  pointsPerMinute: 900,
  graphqlPointsPerMinute: 2_000,
  contentPerMinute: 80,
  contentPerHour: 500,
  concurrent: 100,
  pause: 60,
};

export type Charge = {
  key: string;
  limit: number;
  /** Points of the secondary limits: reads 1, writes 5. */
  points: number;
  graphql: boolean;
  content: boolean;
};

type Bucket = { used: number; resetAt: number };
type Spent = { at: number; points: number };
type Secondary = {
  rest: Spent[];
  graphql: Spent[];
  content: Spent[];
  blockedUntil: number;
  contentBlockedUntil: number;
  running: number;
};

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** Counts what each caller spends. Windows slide for the secondary limits and are fixed for the primary one. */
export class RateLimiter {
  limits: Limits;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();
  readonly #secondary = new Map<string, Secondary>();

  constructor(now: () => number, limits: Limits) {
    this.#now = now;
    this.limits = limits;
  }

  /** Takes the charge or throws 403; call `release` when the answer is out. */
  take(charge: Charge): { release: () => void } {
    const spent = this.#of(charge.key);
    this.#checkSecondary(charge, spent);
    this.#checkPrimary(charge);
    const now = this.#now();
    (charge.graphql ? spent.graphql : spent.rest).push({ at: now, points: charge.points });
    if (charge.content) spent.content.push({ at: now, points: 1 });
    this.#bucket(charge).used += 1;
    spent.running += 1;
    let released = false;
    return {
      release: () => {
        if (!released) spent.running -= 1;
        released = true;
      },
    };
  }

  /** A 304 costs nothing of the primary limit. */
  refund(charge: Charge): void {
    const bucket = this.#bucket(charge);
    bucket.used = Math.max(0, bucket.used - 1);
  }

  headers(charge: Charge): Record<string, string> {
    const { used, resetAt } = this.#bucket(charge);
    return {
      "x-ratelimit-limit": String(charge.limit),
      "x-ratelimit-remaining": String(Math.max(0, charge.limit - used)),
      "x-ratelimit-used": String(used),
      "x-ratelimit-reset": String(Math.ceil(resetAt / 1000)),
      "x-ratelimit-resource": charge.graphql ? "graphql" : "core",
    };
  }

  status(charge: Charge): { limit: number; used: number; remaining: number; reset: number } {
    const { used, resetAt } = this.#bucket(charge);
    const remaining = Math.max(0, charge.limit - used);
    return { limit: charge.limit, used, remaining, reset: Math.ceil(resetAt / 1000) };
  }

  #checkSecondary(charge: Charge, spent: Secondary): void {
    const now = this.#now();
    const { limits } = this;
    spent.rest = spent.rest.filter(({ at }) => at > now - MINUTE);
    spent.graphql = spent.graphql.filter(({ at }) => at > now - MINUTE);
    spent.content = spent.content.filter(({ at }) => at > now - HOUR);
    if (spent.blockedUntil > now) throw secondary(spent.blockedUntil - now);
    if (charge.content && spent.contentBlockedUntil > now) {
      throw secondary(spent.contentBlockedUntil - now, "content");
    }
    if (spent.running >= limits.concurrent) throw secondary(limits.pause * 1000);
    const used = charge.graphql ? spent.graphql : spent.rest;
    const allowed = charge.graphql ? limits.graphqlPointsPerMinute : limits.pointsPerMinute;
    if (sum(used) + charge.points > allowed) {
      spent.blockedUntil = now + limits.pause * 1000;
      throw secondary(limits.pause * 1000);
    }
    if (!charge.content) return;
    const minute = spent.content.filter(({ at }) => at > now - MINUTE).length;
    if (minute + 1 > limits.contentPerMinute || spent.content.length + 1 > limits.contentPerHour) {
      spent.contentBlockedUntil = now + limits.pause * 1000;
      throw secondary(limits.pause * 1000, "content");
    }
  }

  #checkPrimary(charge: Charge): void {
    if (this.#bucket(charge).used < charge.limit) return;
    const who = charge.key.replace(/^(\w+):/u, "$1 ID ");
    throw new ApiError(403, `API rate limit exceeded for ${who}.`);
  }

  #bucket(charge: Charge): Bucket {
    const key = `${charge.key}${charge.graphql ? ":graphql" : ""}`;
    const now = this.#now();
    let bucket = this.#buckets.get(key);
    if (bucket === undefined || bucket.resetAt <= now) {
      bucket = { used: 0, resetAt: now + this.limits.primaryWindow * 1000 };
      this.#buckets.set(key, bucket);
    }
    return bucket;
  }

  #of(key: string): Secondary {
    let spent = this.#secondary.get(key);
    if (spent === undefined) {
      spent = {
        rest: [],
        graphql: [],
        content: [],
        blockedUntil: 0,
        contentBlockedUntil: 0,
        running: 0,
      };
      this.#secondary.set(key, spent);
    }
    return spent;
  }
}

/** What a request costs whom. */
export function chargeOf(
  limits: Limits,
  identity: Identity,
  address: string,
  request: { writes: boolean; graphql: boolean; content: boolean; repositories: number },
): Charge {
  const points = request.writes ? 5 : 1;
  const rest = { points, graphql: request.graphql, content: request.content };
  switch (identity.kind) {
    case "installation": {
      const extra = Math.max(0, request.repositories - 20) * 50;
      const limit = Math.max(limits.primary, Math.min(12_500, limits.primary + extra));
      return { key: `installation:${identity.installation.id}`, limit, ...rest };
    }
    case "app":
      return { key: `app:${identity.app.id}`, limit: limits.primary, ...rest };
    case "user":
      return { key: `user:${identity.account.id}`, limit: limits.primary, ...rest };
    case "anonymous":
      return { key: `address:${address}`, limit: limits.anonymous, ...rest };
  }
}

function secondary(milliseconds: number, kind?: "content"): ApiError {
  const message =
    kind === "content"
      ? "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later."
      : "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
  return new ApiError(403, message, {
    headers: { "retry-after": String(Math.max(1, Math.ceil(milliseconds / 1000))) },
  });
}

function sum(spent: Spent[]): number {
  return spent.reduce((total, { points }) => total + points, 0);
}
