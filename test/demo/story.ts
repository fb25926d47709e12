import { setTimeout as pause } from "node:timers/promises";

import { openStage, type Published } from "../stage/stage.ts";
import { opened, running, settled, until, type Watched } from "../stage/watch.ts";
import { link, type Narrator } from "./narrate.ts";
import type { DemoOptions, Scenario } from "./options.ts";
import { person, type Person } from "./person.ts";

export type PlayedPromotion = {
  readonly environment: string;
  readonly service: string;
  readonly ring: string;
  readonly targets: number;
  readonly pull: number;
  readonly mergeSha: string | null;
  readonly seconds: number;
};

export type StoryResult = {
  readonly result: "ok" | "failed";
  readonly scenario: Scenario;
  readonly promotions: readonly PlayedPromotion[];
  readonly github: { readonly requests: number; readonly writes: number };
};

/** Plays one scenario from the start of the simulators to the end of the story. */
export async function playStory(options: DemoOptions, tell: Narrator): Promise<StoryResult> {
  tell.say("demo", "starting a GitHub, an Argo CD, the tenants' services and Sluice …", "●");
  const stage = await openStage({
    tenants: options.tenants,
    service: options.tenants <= 20 ? "real" : "simulated",
    speed: options.scenario === "slow" ? 4 : 10,
    onEvent: (event) => tell.event(event),
    onBotLine: (line) => {
      if (options.verbose) process.stdout.write(`${line}\n`);
    },
  });
  const somebody = person(stage.githubControl, options.once);
  const watch: Watch = { stage, tell, progress: (sentence) => tell.progress(sentence) };
  try {
    tell.say("github", link(new URL(stage.github.git).origin));
    await settled(watch, ["dev", "staging", "prod"], stage.first.tag);
    tell.say("demo", `${stage.first.tag} runs everywhere: Sluice has looked at all of it`, "✔");
    const ok = await playScenario(watch, options, somebody);
    return await sum(watch, options.scenario, ok);
  } catch (error) {
    tell.say("demo", error instanceof Error ? error.message : String(error), "✘");
    return await sum(watch, options.scenario, false);
  } finally {
    somebody.leave();
    await stage.close();
  }
}

type Watch = Watched & { readonly tell: Narrator };

async function playScenario(watch: Watch, options: DemoOptions, who: Person): Promise<boolean> {
  const { stage, tell } = watch;
  if (options.scenario === "bad-image")
    await stage.argocdControl.post("image-rules", {
      rules: [{ match: "sha-", except: stage.first.tag, outcome: "crashLoop" }],
    });
  const built = await stage.build("feat: greet louder");
  tell.say("build", `acme/demo-api ${built.revision.slice(0, 7)} published as ${built.tag}`, "●");
  if (options.scenario === "bad-image") return stoppedInDev(watch, built);
  await settled(watch, ["dev", "staging"], built.tag);
  const pull = await opened(watch, "prod", built.tag);
  await who.wait("prod waits for you. Press Enter, and alice writes /promote:");
  tell.say("alice", `/promote on ${link(pull.url ?? "")}`);
  await who.promote(pull.pull ?? 0);
  await settled(watch, ["prod"], built.tag);
  await running(watch, "prod", built.tag);
  tell.say("demo", `every tenant of prod runs ${built.tag}, healthy`, "✔");
  return options.scenario === "revert" ? reverted(watch, who, pull.pull ?? 0, built) : true;
}

/** The line stops in dev; staging and prod stay as they were. */
async function stoppedInDev(watch: Watch, built: Published): Promise<boolean> {
  const { stage, tell } = watch;
  const failed = await until(watch, "dev to fail", () =>
    watch.stage.events.find(
      (event) =>
        event.message === "rollout settled" &&
        event.environment === "dev" &&
        event.artifact?.includes(built.tag) === true,
    ),
  );
  if (failed.result === "verified") throw new Error("the bad image was verified in dev");
  await running(watch, "staging", stage.first.tag);
  await running(watch, "prod", stage.first.tag);
  const moved = watch.stage.events.some(
    (event) => event.message === "promotion opened" && event.environment !== "dev",
  );
  if (moved) throw new Error("a promotion beyond dev was opened for a bad image");
  tell.say("demo", "the line was stopped in dev; staging and prod were never touched", "✔");
  return true;
}

/** Somebody reverts the prod pull request: prod runs the old image again and nothing pushes it forward. */
async function reverted(
  watch: Watch,
  who: Person,
  pull: number,
  built: Published,
): Promise<boolean> {
  const { stage, tell } = watch;
  await who.wait("Press Enter, and alice reverts the prod pull request:");
  const from = watch.stage.events.length;
  tell.say("alice", `reverts #${pull}`);
  await who.revert(pull);
  await settled(watch, ["prod"], stage.first.tag, from);
  await running(watch, "prod", stage.first.tag);
  tell.say("demo", `prod runs ${stage.first.tag} again; watching that it stays so …`);
  await pause(5_000);
  await running(watch, "prod", stage.first.tag);
  const again = watch.stage.events
    .slice(from)
    .some((event) => event.message === "promotion opened" && event.environment === "prod");
  if (again) throw new Error(`${built.tag} was promoted again after the revert`);
  tell.say("demo", "it stays: prod is on hold until somebody writes /resume", "✔");
  return true;
}

async function sum(watch: Watch, scenario: Scenario, ok: boolean): Promise<StoryResult> {
  const requests = await watch.stage.githubControl
    .get<readonly { method: string }[]>("requests")
    .catch(() => []);
  const promotions = watch.stage.events
    .filter((event) => event.message === "promotion opened")
    .map((event) => {
      const later = watch.stage.events.filter((one) => one.environment === event.environment);
      const merged = later.find(
        (one) => one.message === "promotion merged" && one.pull === event.pull,
      );
      const verdict = later.find(
        (one) => one.message === "rollout settled" && one.revision === merged?.revision,
      );
      return {
        environment: event.environment ?? "",
        service: event.service ?? "",
        ring: event.ring ?? "",
        targets: event.targets ?? 0,
        pull: event.pull ?? 0,
        mergeSha: merged?.revision ?? null,
        seconds: Number((((verdict?.at ?? event.at) - event.at) / 1000).toFixed(1)),
      };
    });
  const writes = requests.filter(({ method }) => !["GET", "HEAD"].includes(method)).length;
  return {
    result: ok ? "ok" : "failed",
    scenario,
    promotions,
    github: { requests: requests.length, writes },
  };
}
