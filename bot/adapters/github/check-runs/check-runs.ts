import type { CheckRuns } from "#ports/code-host.ts";

import type { RepositoryContext } from "../repository/context.ts";
import { pages } from "../repository/pages.ts";
import { listCheckRuns } from "./list-check-runs.ts";
import { renewCheckRun, reportCheckRun } from "./report.ts";
import { toCheckRun } from "./to-check-run.ts";

export function checkRuns(context: RepositoryContext): CheckRuns {
  return {
    list: async (revision, name) => {
      const runs = await listCheckRuns(context, revision, { name });
      return runs.map((run) => toCheckRun(run, context.appId));
    },
    statuses: async (revision) => readStatuses(context, revision),
    report: async (run) => reportCheckRun(context, run),
    renew: async (run) => renewCheckRun(context, run),
  };
}

async function readStatuses(
  context: RepositoryContext,
  revision: string,
): Promise<readonly { context: string; state: string }[]> {
  const statuses: { context: string; state: string }[] = [];
  const read = async (page: number) =>
    context.request("GET /repos/{owner}/{repo}/commits/{ref}/status", {
      ...context.at,
      ref: revision,
      per_page: 100,
      page,
    });
  for await (const page of pages(read)) {
    statuses.push(...page.statuses.map((each) => ({ context: each.context, state: each.state })));
  }
  return statuses;
}
