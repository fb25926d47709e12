import { findNotifications } from "#core/find-notifications.ts";
import { freezesInForce } from "#core/freeze.ts";
import { targetsFor, type Notification } from "#core/notification.ts";

import { keepTold, measureBudgets } from "./measure-budgets.ts";
import type { Planned } from "./plan-repository.ts";
import type { RepositoryContext } from "./repository-context.ts";

/**
 * After everything was forgotten, what happened longer ago than this counts as told, and what is younger may be told
 * once more: an endpoint knows it by its id. Ours.
 */
const youngMs = 15 * 60_000;
const keptForMs = 90 * 24 * 60 * 60_000;

type Since = { readonly at: string };

/**
 * Puts into the outbox what the policy wants people to be told of and what they have not been told yet. The jobs are
 * stored before it counts as told: what is killed in between is told twice to nobody, since a job's id is its own.
 */
export async function notify(context: RepositoryContext, planned: Planned): Promise<void> {
  const { policy, states, plan, input } = planned;
  const measured = await measureBudgets(context, policy);
  if (policy.notifications.length === 0) return keepTold(context, measured);
  const { deps, memory, job, now } = context;
  const known = await memory.get<Since>("notified-since");
  const since = known === null ? new Date(now.getTime() - youngMs) : new Date(known.at);
  if (known === null)
    await memory.set("notified-since", { at: since.toISOString() } satisfies Since);
  const prefix = `told/${job.repository}/`;
  const told = await deps.facts.list(prefix);
  const budgets = measured.flatMap(({ environment, news }) =>
    news === null ? [] : [{ environment, sentence: news.sentence }],
  );
  const freezes = policy.environments.flatMap(({ name }) =>
    freezesInForce(input.freezes, name, now),
  );
  const found = findNotifications({
    repository: job.repository,
    states,
    plans: plan.streams,
    freezes,
    budgets,
    now,
  });
  for (const notification of found) {
    if (told.has(prefix + notification.id)) continue;
    if (isNews(notification, since, known === null)) await send(context, planned, notification);
    await deps.facts.set(prefix + notification.id, true, { ttlMs: keptForMs });
  }
  await keepTold(context, measured);
}

/** Of what has no time of its own, the first look cannot say whether it is new. */
function isNews({ at }: Notification, since: Date, first: boolean): boolean {
  return at === null ? !first : at >= since;
}

async function send(
  { deps, job, now, log }: RepositoryContext,
  { policy, head }: Planned,
  notification: Notification,
): Promise<void> {
  const at = (notification.at ?? now).toISOString();
  for (const target of targetsFor(policy.notifications, notification)) {
    await deps.queue.addNotification({
      ...job,
      target,
      notification: { ...notification, at },
      web: head.web,
    });
    log.info(
      { environment: notification.environment, kind: notification.kind, target: target.kind },
      "notification queued",
    );
  }
}
