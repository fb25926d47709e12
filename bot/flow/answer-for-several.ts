import { chooseListener, type ChosenListener, type Listener } from "#core/choose-listener.ts";
import { renderNotUnderstood, renderWhichRepository, replyMarker } from "#core/comment.ts";
import { findTargets } from "#core/find-targets.ts";
import type { JobContext } from "#ports/job-queue.ts";

import { answerCommand, isAddressed, type CommentEvent } from "./answer-command.ts";
import { hearOnce, settleOnce } from "./answer-once.ts";
import type { CommandDecision } from "./command-decision.ts";
import type { Deps } from "./deps.ts";
import { hasHeardEnough, withoutText } from "./limit-answers.ts";
import { observePolicy } from "./observe-policy.ts";
import { policyToFollow } from "./policy-to-follow.ts";
import { openRepository, type RepositoryContext } from "./repository-context.ts";

/** As long as that a comment was answered. */
const rememberedMs = 90 * 24 * 60 * 60_000;

/**
 * Answers a command on a pull request of a source that feeds several GitOps repositories: the one that it is meant for
 * does, as if it were the only one; where nobody can say which one that is, there is one answer, of nobody's. What was
 * chosen is remembered with the source, so that another run chooses the same.
 */
export async function answerForSeveral(
  deps: Deps,
  installation: number,
  repositories: readonly string[],
  event: CommentEvent,
  jobContext: JobContext,
): Promise<void> {
  if (!isAddressed(event) || !event.onPullRequest) return;
  const open = (repository: string) =>
    openRepository(deps, { installation, repository }, jobContext);
  const answerThere = ({ repository }: { readonly repository: string }) =>
    answerCommand(deps, { installation, repository }, event, jobContext);
  const here = await open(event.repository);
  if (event.author === here.login) return;
  const known = await here.deps.facts.get<ChosenListener>(choiceOf(event));
  if (known?.kind === "chosen") return answerThere(known);
  const heard = await hearOnce(here, event);
  if (heard === null) return;
  if (heard.decision !== null) return settleOnce(here, event, heard.decision, heard.eyes);
  const contexts = await Promise.all(repositories.map(open));
  const listeners = await Promise.all(contexts.map(listenerOf));
  const chosen = await keepChoice(here, event, chooseListener(event.body, listeners));
  if (chosen.kind === "chosen") return answerThere(chosen);
  const quiet = await hasHeardEnough(here, event);
  const decision = answerOf(event, chosen, await readableBy(contexts, event.author));
  await settleOnce(here, event, quiet ? withoutText(decision) : decision, heard.eyes);
}

/** The first choice stands: policies may change between two runs, and only one repository may act. */
async function keepChoice(
  { deps }: RepositoryContext,
  event: CommentEvent,
  chosen: ChosenListener,
): Promise<ChosenListener> {
  const kept = await deps.facts.update<ChosenListener>(
    choiceOf(event),
    (first) => (first === null ? chosen : undefined),
    { ttlMs: rememberedMs },
  );
  return kept ?? chosen;
}

function choiceOf({ repository, commentId }: CommentEvent): string {
  return `listener/${repository}/${commentId}`;
}

async function listenerOf(context: RepositoryContext): Promise<Listener> {
  const { repository, job } = context;
  const { revision } = await repository.head();
  const observed = await observePolicy(repository, revision);
  const policy =
    observed.kind === "absent" ? null : await policyToFollow(context, revision, observed);
  if (policy === null)
    return { repository: job.repository, environments: [], services: [], tenants: [] };
  const { targets } = findTargets(policy, (await repository.files(revision)).values());
  return {
    repository: job.repository,
    environments: policy.environments.map(({ name }) => name),
    services: policy.services.map(({ name }) => name),
    tenants: [...new Set(targets.map(({ tenant }) => tenant))],
  };
}

/** Whoever asks in public is told of no repository that they may not see. */
async function readableBy(
  contexts: readonly RepositoryContext[],
  login: string,
): Promise<readonly string[]> {
  const asked = await Promise.all(
    contexts.map(async ({ installation, job: { repository } }) =>
      (await installation.permission(repository, login)) === "none" ? [] : [repository],
    ),
  );
  return asked.flat();
}

function answerOf(
  event: CommentEvent,
  chosen: Exclude<ChosenListener, { kind: "chosen" }>,
  repositories: readonly string[],
): CommandDecision {
  const marker = replyMarker(event.commentId);
  const reply =
    chosen.kind === "ambiguous"
      ? renderWhichRepository({ repositories, marker })
      : renderNotUnderstood({ ...chosen, marker });
  return { command: null, deed: null, reaction: "confused", reply };
}
