import { z } from "zod";

import { callSlack, type SlackOptions, type SlackSettings } from "./call-slack.ts";

/** Slack's and our own clock may differ by so much, seconds. */
const clockTolerance = 60;
/** Pages that are looked through: what was lost came lately. */
const mostPages = 5;

/** What Slack keeps beside a message, for Apps alone (docs.slack.dev, "Using message metadata"). */
export function metadataOf(id: string) {
  return { event_type: "sluice_notification", event_payload: { id } };
}

const metadata = z.object({
  event_type: z.literal("sluice_notification"),
  event_payload: z.object({ id: z.string() }),
});

/**
 * The time stamp of a message of ours that was posted since a moment; null where there is none, or where the bot may not
 * look: that takes a scope that nothing else here needs.
 *
 * @param channel the channel's id; a name is no channel to Slack here.
 */
export async function findMessage(
  settings: SlackSettings,
  { channel, since, id }: { channel: string; since: Date; id: string },
  options: SlackOptions,
): Promise<string | null> {
  const oldest = String(Math.floor(since.getTime() / 1000) - clockTolerance);
  const wanted = { channel, oldest, limit: 100, include_all_metadata: true };
  let cursor = "";
  for (let page = 0; page < mostPages; page += 1) {
    const body = cursor === "" ? wanted : { ...wanted, cursor };
    const found = await callSlack(settings, "conversations.history", body, options);
    const own = (found.messages ?? []).find((message) => {
      const read = metadata.safeParse(message.metadata);
      return read.success && read.data.event_payload.id === id;
    });
    if (own !== undefined) return own.ts;
    cursor = found.response_metadata?.next_cursor ?? "";
    if (cursor === "") return null;
  }
  return null;
}
