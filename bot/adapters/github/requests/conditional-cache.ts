import type { Octokit } from "@octokit/core";

import type { ByteCache } from "./byte-cache.ts";
import type { Answer, Call, Step } from "./call.ts";

export type Remembered = { readonly etag: string; readonly answer: Answer };

/**
 * Asks again with `If-None-Match` and gives the remembered answer on 304, which costs nothing of the primary limit
 * (docs "Best practices for using the REST API"). The answer is the server's word of this moment, never older.
 */
export function conditionalCache(
  octokit: Octokit,
  cache: ByteCache<Remembered>,
  scope: string,
): Step {
  return (next) => async (call) => {
    if (!benefits(call)) return next(call);
    const { url, headers } = octokit.request.endpoint.parse(call.options);
    const key = `${scope} ${url} ${headers.accept}`;
    const known = cache.get(key);
    if (known !== undefined) call.options.headers["if-none-match"] = known.etag;
    const answer = await next(call);
    if (answer.status === 304 && known !== undefined) return known.answer;
    const { etag, "content-length": length } = answer.headers;
    if (typeof etag === "string" && answer.status === 200) {
      cache.set(key, { etag, answer }, 3 * Number(length) + 1000);
    }
    return answer;
  };
}

/** What is keyed by a SHA cannot change and is remembered elsewhere; archives and delivery bodies are read once. */
function benefits(call: Call): boolean {
  const [method, path = ""] = call.route.split(" ");
  if (method !== "GET" || call.asApp) return false;
  return !/\/(?:git\/(?:trees|blobs|commits)|compare|tarball)\//u.test(path);
}
