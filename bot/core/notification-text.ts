import type { Notification } from "./notification.ts";
import { formatMoment } from "./words.ts";

/** One line of a message: what happened, and when. */
export type MessageLine = {
  /** Id of the notification. */
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  readonly kind: Notification["kind"];
  readonly sentence: string;
};

/** What one Slack message is about. Plain JSON, as it is remembered. */
export type MessageHead = {
  readonly environment: string;
  /** `prod/canary`, or the environment alone. */
  readonly place: string;
  /** `demo-api sha-1a2b3c4`; null where it is about the environment. */
  readonly what: string | null;
  readonly pull: number | null;
};

export function headOf({ environment, stream, artifact, pull }: Notification): MessageHead {
  const ring = stream === null || stream.ring === "all" ? "" : `/${stream.ring}`;
  const what = stream === null ? null : `${stream.service} ${artifact?.tag ?? ""}`.trim();
  return { environment, place: `${environment}${ring}`, what, pull };
}

/** The whole message in Slack's markup, oldest line first. */
export function renderMessage(
  head: MessageHead,
  lines: readonly MessageLine[],
  page: { readonly repository: string; readonly web: string },
): string {
  const { repository, web } = page;
  const subject = head.what === null ? "" : `${code(head.what)} → `;
  const link =
    head.pull === null
      ? `<${web}/${repository}|${escape(repository)}>`
      : `<${web}/${repository}/pull/${head.pull}|${escape(repository)}#${head.pull}>`;
  const shown = lines
    .toSorted((one, other) => (one.at < other.at ? -1 : 1))
    .slice(-mostLines)
    .map(
      ({ kind, sentence, at }) =>
        `• *${words[kind]}* ${escape(sentence)} _(${formatMoment(new Date(at))})_`,
    );
  return [`${subject}*${escape(head.place)}* · ${link}`, ...shown].join("\n");
}

/** The newest ones: what is older stands on the pull request. */
const mostLines = 12;

const words = {
  "on-promoted": "Promoted.",
  "on-blocked": "Needs somebody.",
  "on-sync-failed": "Not synced.",
  "on-degraded": "Not healthy.",
  "on-rolled-back": "Went back.",
  "on-frozen": "Frozen.",
  "on-budget": "Error budget.",
} as const satisfies Record<Notification["kind"], string>;

/** Slack makes mentions and links of `<…>` alone (docs "Formatting text", "Escaping text"). */
function escape(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  const safe = line.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  // A zero-width space: neither bold, nor struck, nor a code span of somebody else's making.
  return safe.replaceAll(/[*_~`]/g, "\u200b$&\u200b").slice(0, 700);
}

function code(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ").replaceAll("`", "'");
  const safe = line.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return `\`${safe.slice(0, 200)}\``;
}
