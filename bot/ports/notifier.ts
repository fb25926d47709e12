/** Whoever people asked to be told through: Slack, and endpoints that the settings name. */
export interface Notifier {
  /** Posts one event, in the structured JSON mode of CloudEvents 1.0, to the endpoint of this name. */
  webhook(name: string, event: CloudEvent, signal?: AbortSignal): Promise<Told>;
  /** Posts a message to a channel, or edits the one that stands there. */
  slack(
    message: SlackText,
    signal?: AbortSignal,
  ): Promise<Told & { readonly message?: SlackMessage }>;
}

/** What is to stand in one message. */
export type SlackText = {
  /** Name or id, as the policy has it. */
  readonly channel: string;
  /** Slack's own markup. */
  readonly text: string;
  /** What `slack` gave before; null: a new message. */
  readonly standing: SlackMessage | null;
  /** Names the message for good: by it one is found whose answer was lost. */
  readonly id: string;
  /** Since then it may have been posted, without an answer; `channel` is an id where that is known. Null: never tried. */
  readonly lost: { readonly channel: string; readonly since: Date } | null;
};

/** Names a message at Slack: the channel's id, which is not its name, and its time stamp. */
export type SlackMessage = { readonly channel: string; readonly ts: string };

/**
 * What became of it. An outage, or a limit, is a thrown `Fault`: it is tried again later.
 *
 * `refused`: trying again would be answered the same; the sentence says what to mend.
 */
export type Told =
  | { readonly kind: "delivered" }
  | { readonly kind: "refused"; readonly sentence: string };

/** CloudEvents 1.0 (github.com/cloudevents/spec, "JSON Event Format" 3.1): the attributes that we set. */
export type CloudEvent = {
  readonly specversion: "1.0";
  /** The same event always has the same: receivers drop what they know. */
  readonly id: string;
  /** The GitOps repository's page. */
  readonly source: string;
  /** `sluice.on-promoted` and the like. */
  readonly type: string;
  /** `prod/demo-api/canary`, or the environment alone. */
  readonly subject: string;
  /** RFC 3339. */
  readonly time: string;
  readonly datacontenttype: "application/json";
  readonly data: Readonly<Record<string, unknown>>;
};
