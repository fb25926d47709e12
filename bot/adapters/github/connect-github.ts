import type { Octokit } from "@octokit/core";

import { Fault } from "#core/error.ts";
import type { Clock } from "#ports/clock.ts";
import type { CodeHost, Installation } from "#ports/code-host.ts";
import type { Facts } from "#ports/facts.ts";
import type { Log, Tracer } from "#ports/log.ts";
import type { Meter } from "#ports/meter.ts";

import { readDeliveries, readDelivery } from "./app/deliveries.ts";
import { readInstallations, readRepositories } from "./app/installations.ts";
import { checkRuns } from "./check-runs/check-runs.ts";
import { conversation } from "./conversation.ts";
import { deployments } from "./deployments.ts";
import { issues } from "./issues.ts";
import { readPermission, readTeamMember } from "./permission.ts";
import type { RepositoryContext } from "./repository/context.ts";
import { gitopsRepo } from "./repository/gitops-repo.ts";
import { ByteCache } from "./requests/byte-cache.ts";
import { octokitMaker } from "./requests/connect-octokit.ts";
import { type Deadlines, deadlines } from "./requests/deadline.ts";
import type { SealSecret } from "./seal.ts";
import { sourceRepo } from "./source-repo.ts";

export type GitHubSettings = {
  /** `https://api.github.com`, or `https://<host>/api/v3` of an Enterprise Server. */
  readonly apiUrl: string;
  readonly appId: number;
  /** PEM. */
  readonly privateKey: string;
  /** Tells whether what this App wrote for itself was changed by somebody else. */
  readonly sealSecret: SealSecret;
  readonly userAgent?: string;
  /** Milliseconds; tests only. */
  readonly deadlines?: Deadlines;
  readonly facts: Facts;
  readonly log: Log;
  readonly meter: Meter;
  readonly tracer: Tracer;
  readonly clock: Clock;
};

/** Bytes of trees, blobs, commits and comparisons that are kept, all installations together. */
const immutableBytes = 48 * 1024 * 1024;

/** GitHub, seen as one App. */
export function connectGitHub(settings: GitHubSettings): CodeHost {
  const deps = { userAgent: "sluice", deadlines, ...settings };
  const make = octokitMaker(deps);
  const app = make({ installation: null, repository: null });
  const octokits = new Map<string, Octokit>();
  const octokitFor = (id: number, repository: string | null): Octokit => {
    const key = `${id}/${repository ?? ""}`;
    const octokit = octokits.get(key) ?? make({ installation: id, repository });
    octokits.set(key, octokit);
    return octokit;
  };
  const immutable = new ByteCache<unknown>(immutableBytes);
  const infos: RepositoryContext["infos"] = new Map();
  const login = loginOf(app);

  function installation(id: number, signal?: AbortSignal): Installation {
    const whole = withSignal(octokitFor(id, null).request, signal);
    const of = (name: string): RepositoryContext => ({
      ...only(octokitFor(id, split(name).repo), signal),
      name,
      signal,
      immutable,
      infos,
      login,
      installation: id,
      at: split(name),
      appId: settings.appId,
      apiUrl: settings.apiUrl,
      sealSecret: settings.sealSecret,
      facts: settings.facts,
      clock: settings.clock,
      log: settings.log,
    });
    return {
      id,
      repositories: async () => readRepositories(whole),
      repository: (name) => gitopsRepo(of(name)),
      checkRuns: (name) => checkRuns(of(name)),
      conversation: (name) => conversation(of(name)),
      issues: (name) => issues(of(name)),
      deployments: (name) => deployments(of(name)),
      source: (name) => sourceRepo(of(name)),
      permission: async (name, person) => readPermission(of(name).request, split(name), person),
      teamMember: async (owner, team, person) => readTeamMember(whole, owner, team, person),
    };
  }

  return {
    login,
    installation,
    installations: async () => readInstallations(app.request),
    deliveries: (options, signal) => readDeliveries(withSignal(app.request, signal), options),
    delivery: async (id, signal) => readDelivery(withSignal(app.request, signal), id),
  };
}

/** What calls about one repository go through. */
function only(
  octokit: Octokit,
  signal: AbortSignal | undefined,
): Pick<RepositoryContext, "request" | "graphql"> {
  const graphql =
    signal === undefined ? octokit.graphql : octokit.graphql.defaults({ request: { signal } });
  return { request: withSignal(octokit.request, signal), graphql };
}

function withSignal(request: Octokit["request"], signal?: AbortSignal): Octokit["request"] {
  return signal === undefined ? request : request.defaults({ request: { signal } });
}

/** Asked once: an App's slug changes only when somebody renames the App, and then a restart is due. */
function loginOf(app: Octokit): () => Promise<string> {
  let known: string | undefined;
  return async () => {
    if (known !== undefined) return known;
    const { data } = await app.request("GET /app");
    const slug = data?.slug;
    if (slug === undefined) {
      throw new Fault("github.unavailable", "GitHub did not name the App.", { retryable: true });
    }
    known = `${slug}[bot]`;
    return known;
  };
}

function split(name: string): { owner: string; repo: string } {
  const [owner = "", repo = "", ...more] = name.split("/");
  if (owner !== "" && repo !== "" && more.length === 0) return { owner, repo };
  throw new Fault("github.bad-name", `${name} is not a repository; write owner/name.`, {
    retryable: false,
  });
}
