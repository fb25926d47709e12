type Headers = Readonly<Record<string, string | number | undefined>>;

/**
 * Reads from an error response whether GitHub limits us, and until when; `until` is null where GitHub does not say
 * (then at least a minute, docs "Best practices for using the REST API").
 */
export function limitOf(
  status: number,
  headers: Headers,
  detail: string,
  now: Date,
): { until: Date | null } | null {
  const tooQuickly = /submitted too quickly/iu.test(detail);
  if (status !== 403 && status !== 429 && !tooQuickly) return null;
  const after = retryAfter(headers, now);
  if (after !== null) return { until: after };
  const exhausted = exhaustedUntil(headers, now);
  if (exhausted !== null) return { until: exhausted };
  const says = /rate limit|abuse detection/iu.test(detail);
  return status === 429 || tooQuickly || says ? { until: null } : null;
}

/** When nothing remains of the primary limit: the end of its window and one second more, else null. */
export function exhaustedUntil(headers: Headers, now: Date): Date | null {
  if (String(headers["x-ratelimit-remaining"] ?? "") !== "0") return null;
  const reset = Number(headers["x-ratelimit-reset"]);
  if (!Number.isFinite(reset) || reset <= 0) return null;
  return onOurClock(reset * 1000 + 1000, headers, now);
}

function retryAfter(headers: Headers, now: Date): Date | null {
  const text = String(headers["retry-after"] ?? "").trim();
  if (text === "") return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return new Date(now.getTime() + Math.max(0, seconds) * 1000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : onOurClock(date, headers, now);
}

/** A moment of GitHub's clock on ours: its `Date` header is what its clock showed just now. */
function onOurClock(moment: number, headers: Headers, now: Date): Date {
  const theirs = Date.parse(String(headers["date"] ?? ""));
  const skew = Number.isNaN(theirs) ? 0 : now.getTime() - theirs;
  return new Date(moment + skew);
}
