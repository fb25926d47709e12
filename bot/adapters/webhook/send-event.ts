import { createHmac } from "node:crypto";

import { Fault } from "#core/error.ts";
import type { CloudEvent, Told } from "#ports/notifier.ts";

/** An endpoint of the settings. */
export type Endpoint = {
  readonly url: string;
  /** Signs the body; null: it is sent unsigned. */
  readonly secret: string | null;
};

/** Milliseconds for one answer. */
const deadline = 10_000;

/** Answers that may be other ones later: out of time, too early, too many, and whatever is the server's own trouble. */
const passing = new Set([408, 425, 429]);

/**
 * Posts one event, signed as our own hooks are: `X-Sluice-Signature-256` is the HMAC-SHA256 of the body in hex. No
 * redirect is followed, and nothing of the answer is read but its status.
 */
export async function sendEvent(
  name: string,
  { url, secret }: Endpoint,
  event: CloudEvent,
  options: { readonly redact: (text: string) => string; readonly signal?: AbortSignal | undefined },
): Promise<Told> {
  const body = options.redact(JSON.stringify(event));
  const time = AbortSignal.timeout(deadline);
  const signal = options.signal === undefined ? time : AbortSignal.any([options.signal, time]);
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      redirect: "manual",
      headers: {
        "content-type": "application/cloudevents+json; charset=utf-8",
        "user-agent": "sluice",
        ...(secret === null ? {} : { "x-sluice-signature-256": sign(body, secret) }),
      },
      body,
      signal,
    });
    await response.body?.cancel();
  } catch (error) {
    options.signal?.throwIfAborted();
    throw outage(`The endpoint ${name} did not answer; it is tried again.`, null, error);
  }
  const { status, headers } = response;
  if (status >= 200 && status < 300) return { kind: "delivered" };
  if (status >= 500 || passing.has(status))
    throw outage(
      `The endpoint ${name} answered ${status}; it is tried again.`,
      retryAfter(headers.get("retry-after")),
    );
  const sentence = `The endpoint ${name} answered ${status}: look at NOTIFY_WEBHOOK_URL and its secret, and at what it expects.`;
  return { kind: "refused", sentence };
}

function sign(body: string, secret: string): string {
  return createHmac("sha256", secret).update(body, "utf8").digest("hex");
}

function outage(message: string, retryAt: Date | null, cause?: unknown): Fault {
  return new Fault("notification.unavailable", message, { retryable: true, retryAt, cause });
}

/** Seconds from now, at most an hour; a date or anything else is not waited for. */
function retryAfter(header: string | null): Date | null {
  const seconds = /^\d{1,6}$/.test(header ?? "") ? Number(header) : null;
  if (seconds === null) return null;
  return new Date(Date.now() + Math.min(seconds, 3600) * 1000);
}
