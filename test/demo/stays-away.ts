import { setTimeout as pause } from "node:timers/promises";

import { running } from "../stage/watch.ts";
import { desiredTags } from "./rounds.ts";
import type { Scene } from "./scene.ts";

/** How long nothing may happen before we say that nothing happens. */
export const watchMs = 5_000;

/** For a while: the first image runs there, Git holds it, and no pull request wants anything else. */
export async function staysAway(
  scene: Scene,
  environments: readonly string[],
  from: number,
): Promise<void> {
  await staysOnFirst(scene, environments);
  for (const environment of environments) {
    const { tag } = scene.stage.first;
    const opened = scene.stage.events
      .slice(from)
      .find((one) => one.message === "promotion opened" && one.environment === environment);
    if (opened !== undefined)
      throw new Error(`#${opened.pull} wants to move ${environment}, which should stay on ${tag}`);
  }
}

/** For a while: the first image runs there, and Git holds it. */
export async function staysOnFirst(scene: Scene, environments: readonly string[]): Promise<void> {
  const { tag } = scene.stage.first;
  scene.progress?.(`watching that nothing touches ${environments.join(" and ")} …`);
  for (const environment of environments) await running(scene, environment, tag);
  await pause(watchMs);
  for (const environment of environments) {
    await running(scene, environment, tag);
    const desired = await desiredTags(scene, environment);
    if (desired.join() !== tag)
      throw new Error(`Git holds ${desired.join(" and ")} in ${environment}, not ${tag} alone`);
  }
}
