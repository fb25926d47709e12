import type { Log, Tracer } from "#ports/log.ts";
import type { Meter } from "#ports/meter.ts";

import type { Answer, Step } from "./call.ts";
import { GitHubFault } from "./errors.ts";

/** Every request that goes out: a metric by route and status, a span, what remains of the limit, a debug line. */
export function countRequests(deps: { meter: Meter; tracer: Tracer; log: Log }): Step {
  const { meter, tracer, log } = deps;
  return (next) => async (call) => {
    const { route } = call;
    const started = performance.now();
    const count = (code: string): void => {
      meter.count("github_requests_total", { route, code });
      log.debug({ route, code, ms: Math.round(performance.now() - started) }, "GitHub request");
    };
    const [method = "", path = ""] = route.split(" ");
    const attributes = { "http.request.method": method, "url.template": path };
    return tracer.span(`GitHub ${route}`, attributes, async () => {
      try {
        const answer = await next(call);
        count(String(answer.status));
        noteRemaining(meter, answer);
        return answer;
      } catch (error) {
        count(error instanceof GitHubFault ? String(error.status ?? error.code) : "error");
        throw error;
      }
    });
  };
}

function noteRemaining(meter: Meter, { headers }: Answer): void {
  const remaining = headers["x-ratelimit-remaining"];
  if (remaining !== undefined) meter.set("github_rate_limit_remaining", {}, Number(remaining));
}
