import type { RepositoryContext } from "../repository/context.ts";
import { pages } from "../repository/pages.ts";
import type { CheckBody } from "./to-check-run.ts";

/**
 * Every run of a commit, newest first. `all` and not GitHub's default `latest`, which hides runs of the same name.
 * `ours` leaves out those of other Apps.
 */
export async function listCheckRuns(
  context: RepositoryContext,
  revision: string,
  options: { name?: string | undefined; ours?: boolean },
): Promise<CheckBody[]> {
  const runs: CheckBody[] = [];
  const read = async (page: number) =>
    context.request("GET /repos/{owner}/{repo}/commits/{ref}/check-runs", {
      ...context.at,
      ref: revision,
      filter: "all",
      per_page: 100,
      page,
      ...(options.name === undefined ? {} : { check_name: options.name }),
      ...(options.ours === true ? { app_id: context.appId } : {}),
    });
  for await (const page of pages(read)) runs.push(...page.check_runs);
  return runs.sort((one, other) => Number(other.id) - Number(one.id));
}
