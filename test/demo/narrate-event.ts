import type { BotEvent } from "../stage/bot-event.ts";
import { platform } from "../stage/seed.ts";
import { link, type Narrator } from "./narrate.ts";

/** Tells what the bot logged, where it belongs to the story. `web` is where GitHub's pages are. */
export function narrateEvent(tell: Narrator, event: BotEvent, web: string): void {
  const environment = event.environment ?? "sluice";
  const commit = `${web}/${platform}/commit/${event.revision?.slice(0, 12)}`;
  switch (event.message) {
    case "promotion opened":
      tell.say(
        environment,
        `#${event.pull}${inRing(event)} for ${tenants(event)}: ${link(event.url ?? "")}`,
      );
      return;
    case "promotion merged":
      tell.say(environment, `merged #${event.pull}${inRing(event)}: ${link(commit)}`);
      return;
    case "promotion refused":
      tell.say(environment, `refused: ${event.sentence ?? event.reason}`, "✘");
      return;
    case "rollout settled":
      if (event.result === "verified")
        tell.say(environment, `verified${inRing(event)}: ${event.sentence}`, "✔");
      else tell.say(environment, `${event.result}${inRing(event)}: ${event.sentence}`, "✘");
      return;
    case "command answered":
      tell.say("sluice", `answers ${event.by}'s /${event.command}: ${event.result}`);
      return;
    default:
      return;
  }
}

/** Nothing where there are no rings. */
function inRing({ ring = "all" }: BotEvent): string {
  return ring === "all" ? "" : ` (ring ${ring})`;
}

function tenants({ targets = 0 }: BotEvent): string {
  return `${targets} ${targets === 1 ? "tenant" : "tenants"}`;
}
