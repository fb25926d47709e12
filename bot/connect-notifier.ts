import type { SlackSettings } from "#adapters/slack/call-slack.ts";
import { sendMessage } from "#adapters/slack/send-message.ts";
import { sendEvent } from "#adapters/webhook/send-event.ts";
import type { Notifier } from "#ports/notifier.ts";

import type { NotifyEndpoints } from "./settings-notify.ts";

/** Joins the places that the settings know. What a policy names and they do not is refused, with the remedy. */
export function connectNotifier(
  settings: { readonly slack: SlackSettings | null; readonly endpoints: NotifyEndpoints },
  redact: (text: string) => string,
): Notifier {
  const { slack, endpoints } = settings;
  return {
    webhook: async (name, event, signal) => {
      const endpoint = Object.hasOwn(endpoints, name) ? endpoints[name] : undefined;
      if (endpoint !== undefined) return sendEvent(name, endpoint, event, { redact, signal });
      const variable = name.toUpperCase().replaceAll("-", "_");
      return {
        kind: "refused",
        sentence: `The settings have no endpoint ${name}: set NOTIFY_WEBHOOK_URL__${variable} and NOTIFY_WEBHOOK_SECRET__${variable}.`,
      };
    },
    slack: async (message, signal) =>
      slack === null
        ? { kind: "refused", sentence: "No Slack is set up: set SLACK_TOKEN." }
        : sendMessage(slack, message, { redact, signal }),
  };
}
