import { noContent } from "../http/answer.ts";
import type { RepositoryContext, Route } from "../http/context.ts";
import { paginate } from "../http/pagination.ts";
import { WRITE, issueOf } from "./issues.ts";

const LOCK = "/repos/{owner}/{repo}/issues/{issue_number}/lock";

function setLock(context: RepositoryContext, locked: boolean) {
  context.world.tables.issues.update(issueOf(context).id, { locked });
  return Promise.resolve(noContent());
}

export const issueLockRoutes: Route[] = [
  {
    method: "PUT",
    path: LOCK,
    scope: "repository",
    needs: WRITE,
    handle: (context) => setLock(context, true),
  },
  {
    method: "DELETE",
    path: LOCK,
    scope: "repository",
    needs: WRITE,
    handle: (context) => setLock(context, false),
  },
  {
    // Protection is simulated in its classic form; there are no rulesets.
    method: "GET",
    path: "/repos/{owner}/{repo}/rules/branches/{branch}",
    scope: "repository",
    needs: [["metadata", "read"]],
    handle: (context) => paginate(context, [], (rule) => rule),
  },
];
