import {
  headOf,
  renderMessage,
  type MessageHead,
  type MessageLine,
} from "#core/notification-text.ts";
import { streamKey } from "#core/target.ts";
import type { JobContext, JobOutcome, NotificationJob } from "#ports/job-queue.ts";
import type { CloudEvent, SlackMessage, Told } from "#ports/notifier.ts";

import type { Deps } from "./deps.ts";
import { takeTurns } from "./take-turns.ts";

/** What nobody could be told for a day is no news any more. Ours. */
const givenUpAfterMs = 24 * 60 * 60_000;
const day = 24 * 60 * 60_000;

/** One line of the delivery log. */
export type DeliveryRecord = {
  readonly at: string;
  readonly result: "delivered" | "refused" | "given-up";
  readonly sentence: string | null;
};

/**
 * Tells one place of one thing. An outage is a thrown `Fault`: the queue waits and tries again, nothing sleeps here.
 * What became of it stands in the delivery log for two weeks, in the log and in the metric.
 */
export async function deliverNotification(
  deps: Deps,
  job: NotificationJob,
  context: JobContext,
): Promise<JobOutcome> {
  const { notification, target } = job;
  const age = deps.clock.now().getTime() - Date.parse(notification.at);
  const told: Told | { kind: "given-up"; sentence: string } =
    age > givenUpAfterMs
      ? { kind: "given-up", sentence: "It could not be delivered for a day." }
      : target.kind === "slack"
        ? await tellSlack(deps, job, target.channel, context)
        : await deps.notifier.webhook(target.name, eventOf(job), context.signal);
  const sentence = told.kind === "delivered" ? null : told.sentence;
  const name = target.kind === "slack" ? target.channel : target.name;
  const record: DeliveryRecord = {
    at: deps.clock.now().toISOString(),
    result: told.kind,
    sentence,
  };
  const key = `delivery/${job.repository}/${notification.id}/${target.kind}/${name}`;
  await deps.facts.set(key, record, { ttlMs: 14 * day });
  deps.meter.count("notifications_total", { target: target.kind, result: told.kind });
  const fields = {
    repository: job.repository,
    environment: notification.environment,
    kind: notification.kind,
    notification: notification.id,
    target: `${target.kind} ${name}`,
  };
  if (told.kind === "delivered") deps.log.info(fields, "notification delivered");
  else deps.log.warn({ ...fields, remedy: sentence }, "notification not delivered");
  return { kind: "done" };
}

function eventOf({ notification, repository, web }: NotificationJob): CloudEvent {
  const { id, kind, environment, stream, artifact, promotion, pull, sentence, at } = notification;
  return {
    specversion: "1.0",
    id,
    source: `${web}/${repository}`,
    type: `sluice.${kind}`,
    subject: stream === null ? environment : streamKey(stream),
    time: at,
    datacontenttype: "application/json",
    data: {
      repository,
      environment,
      service: stream?.service ?? null,
      ring: stream?.ring ?? null,
      artifact,
      promotion,
      pull,
      sentence,
    },
  };
}

/** What stands in one Slack message: everything of one promotion. */
type Message = {
  readonly head: MessageHead;
  readonly lines: readonly MessageLine[];
  readonly standing: SlackMessage | null;
  /** When it was posted for the first time, ISO 8601, as long as no answer says what became of that. */
  readonly posting?: string | null;
};

/**
 * One message a promotion, edited as it goes. Everybody puts their line down first and then takes turns: the last edit
 * knows all lines. That it is about to be posted is written down before: without an answer it is looked for. After an
 * emptied memory nobody knows which message it was: the next news comes as a new one.
 */
async function tellSlack(
  deps: Deps,
  job: NotificationJob,
  channel: string,
  { jobId, signal }: JobContext,
): Promise<Told> {
  const { notification, repository, web } = job;
  const { id, kind, sentence, at } = notification;
  const key = `slack/${repository}/${channel}/${notification.promotion ?? id}`;
  const kept = { ttlMs: 30 * day };
  const line: MessageLine = { id, at, kind, sentence };
  const head = headOf({ ...notification, at: new Date(at) });
  await deps.facts.update<Message>(
    key,
    (known) => {
      if (known === null) return { head, lines: [line], standing: null };
      if (known.lines.some((one) => one.id === id)) return undefined;
      const pull = head.pull ?? known.head.pull;
      return { ...known, head: { ...head, pull }, lines: [...known.lines, line] };
    },
    kept,
  );
  const change = async (to: Partial<Message>) =>
    deps.facts.update<Message>(
      key,
      (known) => (known === null ? undefined : { ...known, ...to }),
      kept,
    );
  // Messages can be looked for under the channel's id alone, which Slack names with every one.
  const channelKey = `slack-channel/${channel}`;
  let told: Told = { kind: "delivered" };
  await takeTurns(deps.facts, `slack-turn/${key}`, jobId, async () => {
    const message = await deps.facts.get<Message>(key);
    if (message === null) return;
    const text = renderMessage(message.head, message.lines, { repository, web });
    const { standing, posting = null } = message;
    const now = deps.clock.now().toISOString();
    if (standing === null && posting === null) await change({ posting: now });
    const id = await deps.facts.get<string>(channelKey);
    const lost = posting === null ? null : { channel: id ?? channel, since: new Date(posting) };
    const sent = await deps.notifier.slack({ channel, text, standing, id: key, lost }, signal);
    told = sent;
    if (sent.message !== undefined) {
      await change({ standing: sent.message, posting: null });
      await deps.facts.set(channelKey, sent.message.channel, kept);
    } else await change({ posting: null });
  });
  return told;
}
