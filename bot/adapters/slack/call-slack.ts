import { z } from "zod";

import { Fault } from "#core/error.ts";

export type SlackSettings = {
  /** `https://slack.com/api` */
  readonly url: string;
  /** A bot's token, with the scope `chat:write`. */
  readonly token: string;
};

/** Milliseconds for one answer. */
const deadline = 10_000;

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

/** What the three methods answer, as far as it is read here. */
const answer = z.object({
  ok: z.boolean(),
  error: z.string().optional(),
  channel: z.string().optional(),
  ts: z.string().optional(),
  messages: z.array(z.object({ ts: z.string(), metadata: z.unknown().optional() })).optional(),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

export type SlackOptions = { readonly signal?: AbortSignal | undefined };

/** Calls one method of the Web API. What may be answered otherwise later is a thrown `Fault`. */
export async function callSlack(
  { url, token }: SlackSettings,
  method: "chat.postMessage" | "chat.update" | "conversations.history",
  body: object,
  options: SlackOptions,
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

/** `Retry-After` in seconds, at most an hour. */
function waitOf({ headers }: Response): Date | null {
  const header = headers.get("retry-after") ?? "";
  if (!/^\d{1,6}$/.test(header)) return null;
  return new Date(Date.now() + Math.min(Number(header), 3600) * 1000);
}

function outage(message: string, retryAt: Date | null, cause?: unknown): Fault {
  return new Fault("notification.unavailable", message, { retryable: true, retryAt, cause });
}
