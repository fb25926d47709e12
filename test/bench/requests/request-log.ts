import type { Stage } from "../../stage/stage.ts";

/** One API request in the simulator's log; see its `request-log.ts`. */
export type Logged = {
  readonly number: number;
  /** ISO 8601: when it arrived. */
  readonly time: string;
  readonly method: string;
  readonly path: string;
  /** GitHub's template. */
  readonly route: string | null;
  readonly status: number;
  readonly milliseconds: number;
  readonly caller: string;
  readonly operation: string | null;
};

/** What a stretch of the log cost. Conditional reads that were answered 304 count like any other. */
export type Cost = {
  readonly reads: number;
  readonly writes: number;
  /** Reads of a single file's content. */
  readonly files: number;
  readonly archives: number;
  /** Requests that GitHub refused for their rate. */
  readonly refused: number;
};

export async function requestsSince(stage: Stage, number: number): Promise<readonly Logged[]> {
  return stage.githubControl.get<readonly Logged[]>(`requests?since=${number}`);
}

export async function lastRequest(stage: Stage): Promise<number> {
  return (await requestsSince(stage, 0)).at(-1)?.number ?? 0;
}

/**
 * Everything of an installation counts, and everything of the App itself (reading deliveries back, minting tokens);
 * what people or Argo CD ask for does not.
 */
export function costOf(requests: readonly Logged[]): Cost {
  const own = requests.filter(({ caller }) => /^(?:installation|app):/.test(caller));
  const count = (test: (request: Logged) => boolean) => own.filter(test).length;
  return {
    reads: count((request) => !isWrite(request)),
    writes: count(isWrite),
    files: count(({ route }) => /\/(?:git\/blobs|contents)\//.test(route ?? "")),
    archives: count(({ route }) => /\/(?:tarball|zipball)\//.test(route ?? "")),
    refused: count(({ status }) => status === 403 || status === 429),
  };
}

/** A token is minted once an hour whatever happens, and changes nothing; GraphQL is used for mutations alone. */
function isWrite({ method, route }: Logged): boolean {
  return method !== "GET" && method !== "HEAD" && route?.endsWith("/access_tokens") !== true;
}

/** `git/refs`, `pulls`, `check-runs`: what a request is about, under which repository. */
export function isCall(
  request: Logged,
  method: string,
  repository: string,
  template: string,
): boolean {
  return (
    request.method === method &&
    request.path.toLowerCase().startsWith(`/repos/${repository}/`) &&
    request.route === `/repos/{owner}/{repo}/${template}` &&
    request.status < 400
  );
}

export function arrived(request: Logged): number {
  return Date.parse(request.time);
}

export function answered(request: Logged): number {
  return arrived(request) + request.milliseconds;
}
