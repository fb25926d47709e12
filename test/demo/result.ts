import type { BotEvent } from "../stage/bot-event.ts";
import type { Stage } from "../stage/stage.ts";
import type { Scenario } from "./options.ts";

export type PlayedPromotion = {
  readonly environment: string;
  readonly service: string;
  readonly ring: string;
  readonly targets: number;
  readonly pull: number;
  readonly mergeSha: string | null;
  /** From the open pull request to the verdict; to now where there is none yet. */
  readonly seconds: number;
};

export type StoryResult = {
  readonly result: "ok" | "failed";
  readonly scenario: Scenario;
  readonly promotions: readonly PlayedPromotion[];
  /** What Sluice asked of GitHub since its start, tokens included. */
  readonly github: { readonly requests: number; readonly writes: number };
};

type Request = { readonly method: string; readonly caller: string };

/** What the last line says. */
export async function resultOf(
  stage: Stage,
  scenario: Scenario,
  ok: boolean,
): Promise<StoryResult> {
  const all = await stage.githubControl.get<readonly Request[]>("requests").catch(() => []);
  const own = all.filter(({ caller }) => /^(app|installation)/.test(caller));
  return {
    result: ok ? "ok" : "failed",
    scenario,
    promotions: stage.events
      .filter(({ message }) => message === "promotion opened")
      .map((opened) => playedPromotion(stage.events, opened)),
    github: {
      requests: own.length,
      writes: own.filter(({ method }) => !["GET", "HEAD"].includes(method)).length,
    },
  };
}

function playedPromotion(events: Stage["events"], opened: Stage["events"][number]) {
  const merged = events.find(
    ({ message, pull }) => message === "promotion merged" && pull === opened.pull,
  );
  const verdict = events.find((event) => isVerdictOn(event, opened, merged));
  const end = verdict?.at ?? performance.now();
  return {
    environment: opened.environment ?? "",
    service: opened.service ?? "",
    ring: opened.ring ?? "",
    targets: opened.targets ?? 0,
    pull: opened.pull ?? 0,
    mergeSha: merged?.revision ?? null,
    seconds: Number(((end - opened.at) / 1000).toFixed(1)),
  };
}

function isVerdictOn(event: BotEvent, opened: BotEvent, merged: BotEvent | undefined): boolean {
  return (
    merged !== undefined &&
    event.message === "rollout settled" &&
    event.environment === opened.environment &&
    event.service === opened.service &&
    event.revision === merged.revision
  );
}
