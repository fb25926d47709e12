import { setTimeout as pause } from "node:timers/promises";

import type { BotEvent } from "./bot-event.ts";
import type { Stage } from "./stage.ts";

/** A stage, and whoever wants to hear what is being waited for. */
export type Watched = {
  readonly stage: Stage;
  readonly progress?: (sentence: string) => void;
  /** Longest wait for any one thing, milliseconds: what stands still longer has failed. */
  readonly patienceMs?: number;
  /** Between two looks, milliseconds. */
  readonly pauseMs?: number;
};

type Application = {
  readonly name: string;
  /** Images of the pods that run now. */
  readonly pods: readonly string[];
  readonly health: string;
};

/** Waits until the rollouts of these environments ended well on this tag. */
export async function settled(
  watched: Watched,
  environments: readonly string[],
  tag: string,
  from = 0,
): Promise<void> {
  for (const environment of environments) {
    const event = await until(watched, `${environment} to be verified on ${tag}`, () =>
      watched.stage.events
        .slice(from)
        .find((one) => one.message === "rollout settled" && isAbout(one, environment, tag)),
    );
    if (event.result !== "verified")
      throw new Error(`${environment} ended ${event.result}: ${event.sentence}`);
  }
}

/** Waits for the pull request that promotes a tag into an environment. */
export async function opened(
  watched: Watched,
  environment: string,
  tag: string,
): Promise<BotEvent> {
  return until(watched, `a pull request for ${environment}`, () =>
    watched.stage.events.find(
      (one) => one.message === "promotion opened" && isAbout(one, environment, tag),
    ),
  );
}

/** What Argo CD says itself, not what the bot says of it. */
export async function running(watched: Watched, environment: string, tag: string): Promise<void> {
  const { stage } = watched;
  await until(watched, `every tenant of ${environment} to run ${tag}`, async () => {
    const applications = await stage.argocdControl.get<readonly Application[]>("apps");
    const own = applications.filter(({ name }) => name.endsWith(`-${environment}`));
    const there = own.filter(
      ({ pods, health }) =>
        pods.length > 0 && pods.every((one) => one.includes(`:${tag}`)) && health === "Healthy",
    );
    watched.progress?.(`${environment}: ${there.length} of ${own.length} run ${tag}`);
    return own.length === stage.tenants.length && there.length === own.length;
  });
}

/** Looks again and again until there is something to see. */
export async function until<T>(
  watched: Watched,
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const patience = watched.patienceMs ?? 180_000;
  const started = performance.now();
  while (performance.now() - started < patience) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    const seconds = Math.round((performance.now() - started) / 1000);
    watched.progress?.(`waiting for ${what} … ${seconds}s`);
    await pause(watched.pauseMs ?? 100);
  }
  throw new Error(
    `waited ${patience / 1000} s in vain for ${what}; the bot's last lines:\n` +
      watched.stage.botLines().slice(-40).join("\n"),
  );
}

/** Is it about this tag in `prod`, or in the ring `prod/canary`? */
export function isAbout(event: BotEvent, place: string, tag: string): boolean {
  const [environment, ring] = place.split("/");
  if (event.environment !== environment || (ring ?? event.ring) !== event.ring) return false;
  return event.artifact?.includes(`:${tag}`) === true;
}
