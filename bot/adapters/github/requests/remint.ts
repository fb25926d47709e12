import type { Octokit } from "@octokit/core";

import type { Step } from "./call.ts";
import { GitHubFault } from "./errors.ts";

/**
 * A token can be revoked before its hour is over. On 401 a new one is minted and the call is sent once more: it was
 * refused before anything happened, so that holds for writes too.
 */
export function remint(octokit: Octokit): Step {
  return (next) => async (call) => {
    try {
      return await next(call);
    } catch (error) {
      const refused = error instanceof GitHubFault && error.status === 401;
      if (!refused || call.asApp) throw error;
      await octokit.auth({ type: "installation", refresh: true });
      return next(call);
    }
  };
}
