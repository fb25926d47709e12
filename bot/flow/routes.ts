import type { SluiceEvent } from "#core/event.ts";

/**
 * What follows from each event. Read this first: everything that Sluice does begins in this table, or with the timer.
 *
 * - `candidate`  remember a published artifact for every service with that image, then reconcile
 * - `built`      remember a successful run: the registry is asked for its image, then reconcile
 * - `reconcile`  observe, plan and act again on the GitOps repository, or on all that the source repository feeds
 * - `index`      look again which repositories hold a policy, then reconcile them
 * - `command`    a person wrote a comment
 * - `tick`       a person edited an issue: perhaps a box of the dashboard
 * - `retry`      a person pressed "Re-run" on one of our check runs, or on all of a commit's
 * - `press`      a person pressed a button below one of our check runs
 * - `nothing`    count it
 */
export type Route =
  | "candidate"
  | "built"
  | "reconcile"
  | "index"
  | "command"
  | "tick"
  | "retry"
  | "press"
  | "nothing";

const routes: { readonly [Kind in SluiceEvent["kind"]]: Route } = {
  "artifact.published": "candidate",
  "workflow.succeeded": "built",
  "branch.pushed": "reconcile",
  "pull-request.changed": "reconcile",
  "checks.changed": "reconcile",
  "comment.created": "command",
  "issue.edited": "tick",
  "check-run.rerequested": "retry",
  "check-suite.rerequested": "retry",
  "check-run.pressed": "press",
  "merge-group.requested": "reconcile",
  "repositories.changed": "index",
  "application.changed": "reconcile",
  ignored: "nothing",
};

export function routeOf(event: SluiceEvent): Route {
  return routes[event.kind];
}
