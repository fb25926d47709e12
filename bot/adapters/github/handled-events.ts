import type { EmitterWebhookEventName } from "@octokit/webhooks";

/** The events that Sluice reads, and why each is needed. The App's manifest subscribes to exactly these. */
export const handledEvents = {
  registry_package: "an image was published to GitHub's container registry",
  package: "the same, under the name that GitHub recommends today",
  workflow_run: "a build ended well: the second witness of an artifact",
  push: "a branch moved: the policy or the values may have changed",
  pull_request: "a promotion was merged, closed, edited or pushed to",
  pull_request_review: "an approval was given or taken back",
  issue_comment: "a command was written on a pull request",
  issues: "a box of the dashboard was ticked",
  check_run:
    "a check ended, or somebody asked for one of Sluice's own again, or pressed a button below it",
  check_suite: "all checks of a commit ended, or were asked for again",
  status: "a commit status changed, where a CI system reports by statuses",
  merge_group: "a merge queue has built a group of pull requests, and wants its checks",
  repository: "a repository was renamed, transferred, archived or deleted",
  installation: "Sluice was installed, removed, suspended or given permissions",
  installation_repositories: "repositories were added to or taken from an installation",
} as const satisfies Partial<Record<EmitterWebhookEventName, string>>;

export type HandledEvent = keyof typeof handledEvents;

/** GitHub sends these to every App; a manifest cannot name them. */
export const alwaysSent: readonly HandledEvent[] = ["installation", "installation_repositories"];

export function isHandled(name: string): name is HandledEvent {
  return Object.hasOwn(handledEvents, name);
}
