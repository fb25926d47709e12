import type { SlackMessage, SlackText, Told } from "#ports/notifier.ts";

import { callSlack, type SlackSettings } from "./call-slack.ts";
import { findMessage, metadataOf } from "./find-message.ts";

/** Slack cuts messages beyond 40,000 characters, and advises 4,000 (api.slack.com/methods/chat.postMessage). */
const longestText = 3_900;

/** The message that was to be edited is gone, or may not be edited any more: a new one takes its place. */
const gone = new Set(["message_not_found", "cant_update_message", "edit_window_closed"]);

/**
 * Posts a message, or edits the one that stands. What Slack may take later is a thrown `Fault`. Slack has nothing that
 * makes posting repeatable (`client_msg_id` is its own clients' alone), so that one whose answer was lost is looked for.
 */
export async function sendMessage(
  settings: SlackSettings,
  wanted: SlackText,
  options: { readonly redact: (text: string) => string; readonly signal?: AbortSignal | undefined },
): Promise<Told & { message?: SlackMessage }> {
  const text = cut(options.redact(wanted.text));
  // Nothing of ours is to be unfolded, and names in it are no mentions.
  const body = { text, unfurl_links: false, unfurl_media: false, link_names: false };
  const standing = wanted.standing ?? (await findLost(settings, wanted, options));
  if (standing !== null) {
    const edited = await callSlack(settings, "chat.update", { ...body, ...standing }, options);
    if (edited.ok) return { kind: "delivered", message: standing };
    if (!gone.has(edited.error ?? "")) return refusal(wanted.channel, edited.error);
  }
  const sent = { ...body, channel: wanted.channel, metadata: metadataOf(wanted.id) };
  const posted = await callSlack(settings, "chat.postMessage", sent, options);
  if (!posted.ok) return refusal(wanted.channel, posted.error);
  const { channel, ts } = posted;
  return channel === undefined || ts === undefined
    ? { kind: "delivered" }
    : { kind: "delivered", message: { channel, ts } };
}

async function findLost(
  settings: SlackSettings,
  { id, lost }: SlackText,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<SlackMessage | null> {
  if (lost === null) return null;
  const ts = await findMessage(settings, { ...lost, id }, options);
  return ts === null ? null : { channel: lost.channel, ts };
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

function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length <= longestText
    ? text
    : `${characters.slice(0, longestText - 1).join("")}…`;
}
