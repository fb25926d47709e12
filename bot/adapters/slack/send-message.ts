import { z } from "zod";

import { Fault } from "#core/error.ts";
import type { SlackMessage, Told } from "#ports/notifier.ts";

export type SlackSettings = {
  /** `https://slack.com/api` */
  readonly url: string;
  /** A bot's token, with the scope `chat:write`. */
  readonly token: string;
};

/** Milliseconds for one answer. */
const deadline = 10_000;
/** Slack cuts messages beyond 40,000 characters, and advises 4,000 (api.slack.com/methods/chat.postMessage). */
const longestText = 3_900;

/** Answers that may be other ones later (api.slack.com/methods/chat.postMessage, "Errors"). */
const passing = new Set([
  "ratelimited",
  "rate_limited",
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
  "team_added_to_org",
]);
/** The message that was to be edited is gone, or may not be edited any more: a new one takes its place. */
const gone = new Set(["message_not_found", "cant_update_message", "edit_window_closed"]);

const answer = z.object({
  ok: z.boolean(),
  error: z.string().optional(),
  channel: z.string().optional(),
  ts: z.string().optional(),
});

/** Posts a message, or edits the one that stands. What Slack may take later is a thrown `Fault`. */
export async function sendMessage(
  settings: SlackSettings,
  wanted: { channel: string; text: string; standing: SlackMessage | null },
  options: { readonly redact: (text: string) => string; readonly signal?: AbortSignal | undefined },
): Promise<Told & { message?: SlackMessage }> {
  const text = cut(options.redact(wanted.text));
  // Nothing of ours is to be unfolded, and names in it are no mentions.
  const body = { text, unfurl_links: false, unfurl_media: false, link_names: false };
  if (wanted.standing !== null) {
    const { channel, ts } = wanted.standing;
    const edited = await call(settings, "chat.update", { ...body, channel, ts }, options);
    if (edited.ok) return { kind: "delivered", message: wanted.standing };
    if (!gone.has(edited.error ?? "")) return refusal(wanted.channel, edited.error);
  }
  const sent = { ...body, channel: wanted.channel };
  const posted = await call(settings, "chat.postMessage", sent, options);
  if (!posted.ok) return refusal(wanted.channel, posted.error);
  const { channel, ts } = posted;
  return channel === undefined || ts === undefined
    ? { kind: "delivered" }
    : { kind: "delivered", message: { channel, ts } };
}

async function call(
  { url, token }: SlackSettings,
  method: string,
  body: object,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<z.infer<typeof answer>> {
  const time = AbortSignal.timeout(deadline);
  const signal = options.signal === undefined ? time : AbortSignal.any([options.signal, time]);
  let response: Response;
  let parsed: ReturnType<typeof answer.safeParse>;
  try {
    response = await fetch(`${url}/${method}`, {
      method: "POST",
      redirect: "manual",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json; charset=utf-8",
        "user-agent": "sluice",
      },
      body: JSON.stringify(body),
      signal,
    });
    parsed = answer.safeParse(await response.json().catch(() => null));
  } catch (error) {
    options.signal?.throwIfAborted();
    throw outage("Slack did not answer; it is tried again.", null, error);
  }
  if (response.status === 429 || response.status >= 500)
    throw outage(`Slack answered ${response.status}; it is tried again.`, waitOf(response));
  if (!parsed.success) throw outage("Slack's answer could not be read; it is tried again.", null);
  if (!parsed.data.ok && passing.has(parsed.data.error ?? ""))
    throw outage(`Slack answered ${parsed.data.error}; it is tried again.`, waitOf(response));
  return parsed.data;
}

function refusal(channel: string, error = "unknown_error"): Told {
  return {
    kind: "refused",
    sentence: `Slack does not take messages for ${channel} (${error}): ${remedies[error] ?? "look at SLACK_TOKEN and at the channel in the policy"}.`,
  };
}

const remedies: Readonly<Record<string, string>> = {
  channel_not_found: "correct the channel in the policy, or invite Sluice's bot to it",
  not_in_channel: "invite Sluice's bot to the channel",
  is_archived: "the channel is archived: name another one in the policy",
  missing_scope: "give the bot the scope chat:write",
  invalid_auth: "SLACK_TOKEN is not valid any more",
  token_revoked: "SLACK_TOKEN is not valid any more",
  token_expired: "SLACK_TOKEN is not valid any more",
  account_inactive: "SLACK_TOKEN is not valid any more",
};

/** `Retry-After` in seconds, at most an hour. */
function waitOf({ headers }: Response): Date | null {
  const header = headers.get("retry-after") ?? "";
  if (!/^\d{1,6}$/.test(header)) return null;
  return new Date(Date.now() + Math.min(Number(header), 3600) * 1000);
}

function outage(message: string, retryAt: Date | null, cause?: unknown): Fault {
  return new Fault("notification.unavailable", message, { retryable: true, retryAt, cause });
}

function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length <= longestText
    ? text
    : `${characters.slice(0, longestText - 1).join("")}…`;
}
