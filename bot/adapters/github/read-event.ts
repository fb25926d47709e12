import { z } from "zod";

import type { SluiceEvent } from "#core/event.ts";

import { readCheckRun, readCheckSuite, readStatus } from "./events/checks.ts";
import { readIssueComment } from "./events/issue-comment.ts";
import { readIssues } from "./events/issues.ts";
import { readMergeGroup } from "./events/merge-group.ts";
import { readPackage, readRegistryPackage } from "./events/package.ts";
import { readPullRequest, readPullRequestReview } from "./events/pull-request.ts";
import { readPush } from "./events/push.ts";
import { ignored, type Reader } from "./events/reader.ts";
import { readInstallation, readRepository } from "./events/repositories.ts";
import { readWorkflowRun } from "./events/workflow-run.ts";
import { type HandledEvent, isHandled } from "./handled-events.ts";

/** An event and whose it is. Nothing without an installation is ever acted on. */
export type Received = {
  readonly installation: number | null;
  /** `owner/name` */
  readonly repository: string | null;
  /** Login of whoever caused it. */
  readonly sender: string | null;
  readonly event: SluiceEvent;
};

const envelope = z.object({
  installation: z.object({ id: z.number() }).nullish().catch(null),
  repository: z.object({ full_name: z.string() }).nullish().catch(null),
  sender: z.object({ login: z.string() }).nullish().catch(null),
});

const readers: { readonly [Name in HandledEvent]: Reader } = {
  registry_package: readRegistryPackage,
  package: readPackage,
  workflow_run: readWorkflowRun,
  push: readPush,
  pull_request: readPullRequest,
  pull_request_review: readPullRequestReview,
  issue_comment: readIssueComment,
  issues: readIssues,
  check_run: readCheckRun,
  check_suite: readCheckSuite,
  status: readStatus,
  merge_group: readMergeGroup,
  repository: readRepository,
  installation: readInstallation,
  installation_repositories: readInstallation,
};

/** Turns a delivery's payload into an event. Never throws: what cannot be read is ignored, and says why. */
export function readEvent(name: string, payload: unknown, appId: number): Received {
  const parsed = envelope.safeParse(payload);
  if (!parsed.success) {
    const event = ignored("the payload is not an object");
    return { installation: null, repository: null, sender: null, event };
  }
  const { installation, repository, sender } = parsed.data;
  return {
    installation: installation?.id ?? null,
    repository: repository?.full_name ?? null,
    sender: sender?.login ?? null,
    event: isHandled(name)
      ? readers[name](payload, appId)
      : ignored("an event that Sluice does not need"),
  };
}
