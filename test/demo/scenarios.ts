import { settled, until } from "../stage/watch.ts";
import type { Scenario } from "./options.ts";
import { buildImage, promoteToProd, showChecks } from "./rounds.ts";
import { freeze } from "./scenario-freeze.ts";
import { hotfix } from "./scenario-hotfix.ts";
import type { Scene } from "./scene.ts";
import { staysAway } from "./stays-away.ts";

/** Argo CD's time, of which ten seconds pass in one. */
const slowMs = 100_000;
/** A Deployment counts as failed after ten minutes without progress; at this speed they pass in ten seconds. */
const impatience = 60;

/** True when the story ended as it should, false when whoever watches left before; throws when it went wrong. */
export async function playScenario(scene: Scene, scenario: Scenario): Promise<boolean> {
  switch (scenario) {
    case "happy":
    case "thousand":
      return (await promote(scene)) !== null;
    case "slow":
      await imagesBehave(scene, { outcome: "slow", ms: slowMs });
      return (await promote(scene)) !== null;
    case "bad-image":
      await stopInDev(scene);
      return true;
    case "freeze":
      return freeze(scene);
    case "hotfix":
      return hotfix(scene);
    case "revert": {
      const pull = await promote(scene);
      return pull !== null && revert(scene, pull);
    }
    case "rollback": {
      const pull = await promote(scene);
      return pull !== null && rollBack(scene, pull);
    }
  }
}

async function promote(scene: Scene): Promise<number | null> {
  return promoteToProd(scene, await buildImage(scene, "feat: say good morning"));
}

/** The next images behave so; the first one goes on as it is. */
async function imagesBehave(scene: Scene, rule: { outcome: string; ms?: number }): Promise<void> {
  const { first, argocdControl } = scene.stage;
  await argocdControl.post("image-rules", {
    rules: [
      { match: first.tag, outcome: "healthy" },
      { match: ":sha-", ...rule },
    ],
  });
}

/** The line stops in dev; staging and prod stay as they were. */
async function stopInDev(scene: Scene): Promise<void> {
  const { stage, tell } = scene;
  await imagesBehave(scene, { outcome: "crashLoop" });
  await stage.argocdControl.post("speed", { speed: impatience });
  const built = await buildImage(scene, "feat: crash at once");
  const settledInDev = await until(scene, "Sluice's verdict on dev", () =>
    stage.events.find(
      (event) =>
        event.message === "rollout settled" &&
        event.environment === "dev" &&
        event.artifact?.includes(`:${built.tag}`) === true,
    ),
  );
  if (settledInDev.result === "verified") throw new Error("the bad image was verified in dev");
  await showChecks(scene, built.revision, { "sluice/dev": "failure" });
  await staysAway(scene, ["staging", "prod"], 0);
  tell.say("demo", "the line was stopped in dev; staging and prod were never touched", "✔");
  // Whoever goes on from here builds an image that works.
  await stage.argocdControl.post("image-rules", {
    rules: [{ match: built.tag, outcome: "crashLoop" }],
  });
}

/** Somebody reverts the prod pull request: prod runs the old image again and nothing pushes it forward. */
async function revert(scene: Scene, pull: number): Promise<boolean> {
  const { stage, tell, who } = scene;
  if (!(await who.goOn("Enter: alice reverts that pull request, q: end"))) return false;
  const from = stage.events.length;
  tell.say("alice", `reverts #${pull}`, "●");
  scene.tag = stage.first.tag;
  await who.revert(pull);
  await settled(scene, ["prod"], stage.first.tag, from);
  return staysBack(scene, pull, from);
}

/** Somebody takes prod back by a command: Sluice opens the way back and merges it, whatever the gates say. */
async function rollBack(scene: Scene, pull: number): Promise<boolean> {
  const { stage, tell, who } = scene;
  if (!(await who.goOn("Enter: alice writes /rollback, q: end"))) return false;
  const from = stage.events.length;
  tell.say("alice", `writes /rollback on #${pull}`, "●");
  scene.tag = stage.first.tag;
  await who.comment(pull, "/rollback");
  await settled(scene, ["prod"], stage.first.tag, from);
  return staysBack(scene, pull, stage.events.length);
}

async function staysBack(scene: Scene, pull: number, from: number): Promise<boolean> {
  const { stage, tell, who } = scene;
  await staysAway(scene, ["prod"], from);
  tell.say("demo", `prod runs ${stage.first.tag} again, and stays there until a /resume`, "✔");
  if (!who.atKeyboard) return true;
  if (await who.goOn("Enter: alice writes /resume, q: prod stays so")) {
    tell.say("alice", `writes /resume on #${pull}`, "●");
    await who.comment(pull, "/resume");
  }
  return true;
}
