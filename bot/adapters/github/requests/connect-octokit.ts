import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/core";

import type { Clock } from "#ports/clock.ts";
import type { Facts } from "#ports/facts.ts";
import type { Log, Tracer } from "#ports/log.ts";
import type { Meter } from "#ports/meter.ts";

import { ByteCache } from "./byte-cache.ts";
import { callOf, compose, type Answer, type Send } from "./call.ts";
import { conditionalCache, type Remembered } from "./conditional-cache.ts";
import { countRequests } from "./count-requests.ts";
import { withDeadline, type Deadlines } from "./deadline.ts";
import { Limiter } from "./limiter.ts";
import { mapFaults } from "./map-faults.ts";
import { remint } from "./remint.ts";
import { repositoryAuth } from "./repository-auth.ts";
import { retryReads } from "./retry-reads.ts";
import { transport } from "./transport.ts";

export type GitHubDeps = {
  readonly apiUrl: string;
  readonly appId: number;
  readonly privateKey: string;
  readonly userAgent: string;
  readonly deadlines: Deadlines;
  readonly facts: Facts;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly tracer: Tracer;
};

/** Bytes of remembered answers, all installations together. */
const rememberedBytes = 16 * 1024 * 1024;

/** Whose token an Octokit carries. */
export type Identity = {
  /** Null: the App itself. */
  readonly installation: number | null;
  /** Name without owner: the token opens this repository alone. Null: every one of the installation. */
  readonly repository: string | null;
};

/**
 * Makes Octokits that share memory and limits. A plain `@octokit/core` with the App's authentication; Octokit's own
 * retry and throttling would send writes twice and hold workers.
 */
export function octokitMaker(deps: GitHubDeps): (identity: Identity) => Octokit {
  const remembered = new ByteCache<Remembered>(rememberedBytes);
  const limiters = new Map<string, Limiter>();
  const limiterOf = (name: string): Limiter => {
    const limiter = limiters.get(name) ?? new Limiter(name, deps);
    limiters.set(name, limiter);
    return limiter;
  };
  return ({ installation, repository }) => {
    const octokit = new Octokit(octokitOptions(deps, installation, repository));
    const own = limiterOf(installation === null ? "app" : String(installation));
    const app = limiterOf("app");
    // Minting a token happens inside another call, which holds a place of its own installation.
    const limit = (next: Send): Send => {
      const [asApp, asInstallation] = [app.step(next), own.step(next)];
      return async (call) => (call.asApp ? asApp(call) : asInstallation(call));
    };
    const steps = [
      mapFaults(deps.clock),
      conditionalCache(octokit, remembered, String(installation)),
      retryReads(deps.deadlines.read),
      countRequests(deps),
      limit,
      remint(octokit),
      mapFaults(deps.clock),
      withDeadline(deps.deadlines),
    ];
    octokit.hook.wrap("request", async (request, options) => {
      const send = compose(steps, async () => notModified(request, options));
      return (await send(callOf(options))) as Awaited<ReturnType<typeof request>>;
    });
    return octokit;
  };
}

/** Octokit throws on 304; here it is an answer. */
async function notModified<T>(
  request: (options: T) => Answer | Promise<Answer>,
  options: T,
): Promise<Answer> {
  try {
    return await request(options);
  } catch (error) {
    const { status, response } = error as { status?: number; response?: Answer };
    if (status === 304 && response !== undefined) return response;
    throw error;
  }
}

function octokitOptions(
  deps: GitHubDeps,
  installation: number | null,
  repository: string | null,
): ConstructorParameters<typeof Octokit>[0] {
  const { appId, privateKey, log } = deps;
  return {
    baseUrl: deps.apiUrl.replace(/\/+$/u, ""),
    userAgent: deps.userAgent,
    // What a job on one repository could leak or be talked into ends at that repository.
    authStrategy: repository === null ? createAppAuth : repositoryAuth,
    auth: {
      appId,
      privateKey,
      ...(installation === null ? {} : { installationId: installation }),
      ...(repository === null ? {} : { repository }),
    },
    request: { fetch: transport },
    log: {
      debug: () => undefined,
      info: () => undefined,
      warn: (text: string) => log.warn({ detail: text }, "Octokit warns"),
      error: (text: string) => log.error({ detail: text }, "Octokit reports an error"),
    },
  };
}
