import { renderLoadRetried, renderRetried, replyMarker } from "#core/comment.ts";
import { findEnvironment, type Policy } from "#core/policy.ts";
import { streamKey, type Stream } from "#core/target.ts";
import { listNames } from "#core/words.ts";

import type { CommentEvent } from "./answer-command.ts";
import type { CommandMeaning } from "./command-decision.ts";
import { denied, done } from "./command-meaning.ts";
import type { CommandPlace } from "./command-place.ts";
import { mayPromote } from "./may-promote.ts";
import { streamsOf } from "./observe-streams.ts";
import type { RepositoryContext } from "./repository-context.ts";
import { findLoadRetry } from "./retry-load.ts";
import { findRetry } from "./retry-rollout.ts";

/** On a promotion `/retry` means its own load test that failed, else the stream's last rollout. */
export async function decideRetry(
  context: RepositoryContext,
  policy: Policy,
  event: CommentEvent,
  { stream, pull }: Extract<CommandPlace, { kind: "promotion" }>,
): Promise<CommandMeaning> {
  const askedAt = new Date(event.createdAt);
  const found =
    pull.state === "open"
      ? await findLoadRetry(context, policy, { stream, head: pull.headRevision, askedAt })
      : null;
  if (found === null) return retry(context, policy, event, stream);
  const marker = replyMarker(event.commentId);
  const { service } = stream;
  return done(
    { kind: "retry-load", retry: found },
    renderLoadRetried({ by: event.author, service, marker }),
  );
}

/** On the dashboard `/retry` means the one rollout that failed. */
export async function retryFromDashboard(
  context: RepositoryContext,
  policy: Policy,
  event: CommentEvent,
): Promise<CommandMeaning> {
  const streams = streamsOf(policy);
  const at = new Date(event.createdAt);
  const found = await Promise.all(streams.map((stream) => findRetry(context, stream, at)));
  const failed = streams.filter((_, index) => found[index] !== null);
  const [stream, ...others] = failed;
  if (stream === undefined)
    return denied(event, "No last rollout has failed: there is nothing to try again.");
  if (others.length > 0)
    return denied(
      event,
      `Several rollouts failed: ${listNames(failed.map(streamKey))}. Write /retry on the promotion of the one that you mean.`,
    );
  const environment = findEnvironment(policy, stream.environment);
  if (environment === undefined) throw new Error("the policy has every environment of its streams");
  const promoter = await mayPromote(context, environment, event.author);
  if (promoter.kind === "may-not") return denied(event, promoter.sentence);
  return retry(context, policy, event, stream);
}

async function retry(
  context: RepositoryContext,
  policy: Policy,
  event: CommentEvent,
  stream: Stream,
): Promise<CommandMeaning> {
  const known = streamsOf(policy).some((one) => streamKey(one) === streamKey(stream));
  const found = known ? await findRetry(context, stream, new Date(event.createdAt)) : null;
  const { environment, service } = stream;
  if (found === null)
    return denied(
      event,
      `The last rollout of ${service} in ${environment} has not failed: there is nothing to try again.`,
    );
  const marker = replyMarker(event.commentId);
  const { artifact } = found;
  return done(
    { kind: "retry", retry: found },
    renderRetried({ by: event.author, artifact, environment, marker }),
  );
}
