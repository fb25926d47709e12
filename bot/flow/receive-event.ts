import { isFloating } from "#core/artifact.ts";
import type { SluiceEvent } from "#core/event.ts";
import type { JobContext } from "#ports/job-queue.ts";

import { answerCommand, type CommentEvent } from "./answer-command.ts";
import { answerForSeveral } from "./answer-for-several.ts";
import { answerPress } from "./answer-press.ts";
import { answerTick } from "./answer-tick.ts";
import type { Deps } from "./deps.ts";
import { sourcePushedNote } from "./find-eligibility.ts";
import {
  gitopsIndex,
  gitopsRepositories,
  renewGitopsIndex,
  renewInIndex,
  sameRepository,
  servicesWhere,
  type GitopsIndex,
} from "./find-gitops-repositories.ts";
import { noteQueue } from "./look-at-queue.ts";
import { noteNews } from "./refused-merge.ts";
import { remember } from "./remember.ts";
import { routeOf } from "./routes.ts";
import { runAgain } from "./run-again.ts";

/** An event of one installation, as an adapter has read it. */
export type ReceivedEvent = {
  readonly installation: number;
  readonly event: SluiceEvent;
  readonly witness: "github" | "hook";
  readonly at: Date;
  /** When its sender told of it, as far as anybody knows; missing: just now. */
  readonly sentAt?: Date;
};

/**
 * Does what the routes say for one event: remembers what it told and marks whom it concerns. Everything here may run
 * twice, late or out of order. Events of one installation never reach another's repositories.
 */
export async function receiveEvent(
  deps: Deps,
  received: ReceivedEvent,
  context: JobContext,
): Promise<void> {
  const { event } = received;
  const route = routeOf(event);
  if (route === "nothing") return;
  const installation = deps.host.installation(received.installation, context.signal);
  if (event.kind === "branch.pushed" && event.touchesPolicy && event.branch === event.defaultBranch)
    await renewInIndex(deps, installation, event.repository);
  const index =
    route === "index"
      ? await renewGitopsIndex(deps, installation)
      : await gitopsIndex(deps, installation);

  switch (event.kind) {
    case "artifact.published":
    case "workflow.succeeded":
      await rememberArtifact(deps, received, index);
      break;
    case "branch.pushed":
      await rememberSourcePush(deps, received, event, index);
      break;
    case "comment.created":
      await answer(deps, received.installation, event, index, context);
      return;
    case "issue.edited":
      if (gitopsRepositories(index).includes(event.repository))
        await answerTick(deps, received.installation, event, context);
      return;
    case "check-run.rerequested":
    case "check-suite.rerequested": {
      const { installation: id } = received;
      await runAgain({ deps, installation: id, index, jobContext: context }, event);
      return;
    }
    case "check-run.pressed":
      await answerPress(
        { deps, installation: received.installation, index, jobContext: context },
        event,
        received.sentAt ?? received.at,
      );
      return;
    case "merge-group.requested":
      if (gitopsRepositories(index).includes(event.repository))
        await noteQueue(remember(deps.facts, event.repository), event);
      break;
    case "pull-request.changed":
    case "checks.changed":
    case "repositories.changed":
    case "application.changed":
    case "ignored":
      break;
  }
  const own = await ownPromotion(deps, received, index);
  for (const repository of new Set([...own, ...concerned(event, index)]))
    await deps.queue.addReconcile({ installation: received.installation, repository });
}

/**
 * What others say of a promotion's commit (reviews, checks, statuses) may be what GitHub wanted before it merges.
 * Returns its repository. Our own words change nothing, and checks of other commits concern no promotion.
 */
async function ownPromotion(
  deps: Deps,
  { event, at }: ReceivedEvent,
  index: GitopsIndex,
): Promise<readonly string[]> {
  if (event.kind !== "checks.changed" && event.kind !== "pull-request.changed") return [];
  const repository = gitopsRepositories(index).find((name) => name === event.repository);
  if (repository === undefined) return [];
  if (event.kind === "pull-request.changed" && event.sender === (await deps.host.login()))
    return [];
  const revision = event.kind === "checks.changed" ? event.revision : event.headRevision;
  const memory = remember(deps.facts, repository);
  if ((await memory.made(revision)) === null) return [];
  await noteNews(memory, revision, at);
  return [repository];
}

/** The GitOps repository itself listens to a comment, or those that are fed by this source. */
async function answer(
  deps: Deps,
  installation: number,
  event: CommentEvent,
  index: GitopsIndex,
  context: JobContext,
): Promise<void> {
  const { repository: source } = event;
  const listeners = gitopsRepositories(index).includes(source)
    ? [source]
    : names(
        servicesWhere(index, (service) => sameRepository(service.sourceRepository, source)),
      ).toSorted();
  const [repository, ...others] = listeners;
  if (repository === undefined) return;
  if (others.length > 0) return answerForSeveral(deps, installation, listeners, event, context);
  return answerCommand(deps, { installation, repository }, event, context);
}

/** The GitOps repositories that an event may change something for. */
function concerned(event: SluiceEvent, index: GitopsIndex): readonly string[] {
  const all = gitopsRepositories(index);
  switch (event.kind) {
    case "artifact.published":
      return names(servicesWhere(index, (service) => service.image === event.image));
    case "workflow.succeeded":
      return names(servicesWhere(index, (service) => builds(service, event)));
    case "checks.changed":
      return names(
        servicesWhere(
          index,
          (service) => service.checks && sameRepository(service.sourceRepository, event.repository),
        ),
      );
    case "branch.pushed": {
      const fed = servicesWhere(index, (service) =>
        sameRepository(service.sourceRepository, event.repository),
      );
      return [...new Set([...all.filter((name) => name === event.repository), ...names(fed)])];
    }
    case "pull-request.changed":
    case "merge-group.requested":
      return all.filter((name) => name === event.repository);
    case "repositories.changed":
    case "application.changed":
      return all;
    case "comment.created":
    case "issue.edited":
    case "check-run.pressed":
    case "check-run.rerequested":
    case "check-suite.rerequested":
    case "ignored":
      return [];
  }
}

async function rememberArtifact(
  deps: Deps,
  received: ReceivedEvent,
  index: GitopsIndex,
): Promise<void> {
  const { event, at } = received;
  if (event.kind === "artifact.published") {
    const services = servicesWhere(
      index,
      (service) =>
        service.image === event.image &&
        !isFloating(event.tag) &&
        new RegExp(service.match).test(event.tag),
    );
    for (const { repository, service } of services)
      await remember(deps.facts, repository).addCandidate(service.name, {
        tag: event.tag,
        digest: event.digest,
        revision: event.revision,
        seenAt: at.toISOString(),
        publishedAt: received.witness === "github" ? event.publishedAt : null,
        witness: received.witness,
      });
  }
  if (event.kind === "workflow.succeeded")
    for (const { repository, service } of servicesWhere(index, (one) => builds(one, event)))
      await remember(deps.facts, repository).addBuilt(service.name, event.revision, at);
}

async function rememberSourcePush(
  deps: Deps,
  received: ReceivedEvent,
  event: Extract<SluiceEvent, { kind: "branch.pushed" }>,
  index: GitopsIndex,
): Promise<void> {
  const fed = servicesWhere(
    index,
    (service) =>
      sameRepository(service.sourceRepository, event.repository) &&
      service.sourceBranch === event.branch,
  );
  for (const { repository, service } of fed)
    await remember(deps.facts, repository).set(sourcePushedNote(service.name), {
      at: received.at.toISOString(),
    });
}

function builds(
  service: {
    sourceRepository: string | null;
    sourceBranch: string | null;
    workflow: string | null;
  },
  event: Extract<SluiceEvent, { kind: "workflow.succeeded" }>,
): boolean {
  return (
    sameRepository(service.sourceRepository, event.repository) &&
    service.workflow === event.workflow &&
    service.sourceBranch === event.branch
  );
}

function names(found: readonly { repository: string }[]): readonly string[] {
  return [...new Set(found.map((one) => one.repository))];
}
