import { setTimeout as pause } from "node:timers/promises";

import { createAppAuth } from "@octokit/auth-app";
import type { Octokit } from "@octokit/core";

type Request = Octokit["request"];
type AuthOptions = Parameters<typeof createAppAuth>[0];

/** GitHub may not know a token that it has just made (facts/github.md §1); milliseconds. */
const tokenLag = 5_000;
const pauseMs = 1_000;

/**
 * The App's authentication with tokens that open one repository alone, given by its name without owner. Octokit's own
 * hook asks for the whole installation, and shares what is asked for at the same time.
 */
export function repositoryAuth({
  repository,
  ...options
}: AuthOptions & { readonly repository: string }) {
  const auth = createAppAuth(options);
  const narrowed = async (call: { readonly refresh?: boolean } = {}) =>
    auth({ type: "installation", repositoryNames: [repository], refresh: call.refresh === true });

  async function hook(
    request: Request,
    route: string,
    parameters?: Readonly<Record<string, unknown>>,
  ): Promise<unknown> {
    const endpoint = request.endpoint.merge(route, parameters);
    const { url = "", baseUrl } = endpoint;
    if (url.replace(baseUrl, "").startsWith("/app"))
      return auth.hook(request as never, route, parameters as never);
    const { token, createdAt } = await narrowed();
    const carrying = {
      ...endpoint,
      url,
      headers: { ...endpoint.headers, authorization: `token ${token}` },
    };
    for (;;) {
      try {
        return await request(carrying);
      } catch (error) {
        const { status } = error as { readonly status?: number };
        if (status !== 401 || Date.now() - Date.parse(createdAt) >= tokenLag) throw error;
        await pause(pauseMs, undefined, { signal: endpoint.request?.signal as AbortSignal });
      }
    }
  }

  return Object.assign(narrowed, { hook });
}
