import type { Octokit } from "@octokit/core";

/** What Octokit's request hook hands over: merged with defaults, its URL still a template. */
export type RequestOptions = Required<Parameters<Octokit["request"]["endpoint"]["parse"]>[0]>;

/** One request to GitHub on its way through the steps. */
export type Call = {
  /** `GET /repos/{owner}/{repo}/pulls`: always the template, so that it can be a label. */
  readonly route: string;
  readonly write: boolean;
  /** Sending it twice does no harm, whatever became of the first. */
  readonly repeatable: boolean;
  /** GitHub's documented price: 1 for a read, 5 for a write. */
  readonly points: number;
  /** Counts against the limit for requests that create content. */
  readonly content: boolean;
  /** A person waits for it: our reaction tells them that they were heard. */
  readonly urgent: boolean;
  /** Carries the App's own token, not an installation's. */
  readonly asApp: boolean;
  readonly options: RequestOptions;
};

export type Answer = {
  readonly status: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly data: unknown;
};

export type Send = (call: Call) => Promise<Answer>;
export type Step = (next: Send) => Send;

/** Steps in the order in which a call meets them. */
export function compose(steps: readonly Step[], last: Send): Send {
  return steps.reduceRight((next, step) => step(next), last);
}

export function callOf(options: RequestOptions): Call {
  const path = pathOf(options);
  const graphql = path === "/graphql";
  const mint = path.endsWith("/access_tokens");
  const query = graphql && !(options["query"] as string).trimStart().startsWith("mutation");
  const write = options.method !== "GET" && options.method !== "HEAD" && !query;
  return {
    route: `${options.method} ${path}`,
    write,
    repeatable: !write || mint,
    points: write ? 5 : 1,
    content: write && !graphql && !mint && createsContent(options.method, path),
    urgent: path.endsWith("/reactions"),
    asApp: path === "/app" || path.startsWith("/app/"),
    options,
  };
}

/**
 * GitHub does not list what creates content. Taken are the routes that send notifications, as Octokit's throttling
 * plugin lists them: Git objects, refs, labels and check runs are not among them.
 */
function createsContent(method: string, path: string): boolean {
  if (method === "PUT") return path.endsWith("/merge");
  return method === "POST" && /\/(?:pulls|issues|comments|reviews)$/u.test(path);
}

/** The template of an API route, without host. GraphQL of a GitHub Enterprise Server has a URL of its own. */
function pathOf(options: RequestOptions): string {
  const url = options.url.replace(/^https?:\/\/[^/]+(\/api\/v3)?/u, "");
  return url.replace(/^\/api\/graphql$/u, "/graphql");
}
