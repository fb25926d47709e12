import { openStage, type Stage } from "../stage/stage.ts";
import { settled } from "../stage/watch.ts";
import { placesInProd, policyOf } from "./demo-policy.ts";
import { followTenants } from "./follow-tenants.ts";
import { narrateEvent } from "./narrate-event.ts";
import { link, type Narrator } from "./narrate.ts";
import { mostRealTenants, type DemoOptions } from "./options.ts";
import { person } from "./person.ts";
import { resultOf, type StoryResult } from "./result.ts";
import { playRound } from "./rounds.ts";
import { playScenario } from "./scenarios.ts";
import type { Scene } from "./scene.ts";

/** Plays one scenario from the start of the simulators to the end of the story; null when `stop` came before it. */
export async function playStory(
  options: DemoOptions,
  tell: Narrator,
  stop: AbortSignal,
): Promise<StoryResult | null> {
  tell.say("demo", `${options.scenario}: starting a GitHub, an Argo CD and Sluice here`, "●");
  tell.progress("starting …");
  const opening = open(options, tell);
  const stopped = new Promise<null>((resolve) => {
    stop.addEventListener("abort", () => resolve(null), { once: true });
  });
  try {
    const result = await Promise.race([
      opening.then((stage) => play(stage, options, tell)),
      stopped,
    ]);
    tell.progress("stopping everything …");
    return result;
  } catch (error) {
    if (stop.aborted) return null;
    complain(tell, error);
    const { scenario } = options;
    return { result: "failed", scenario, promotions: [], github: { requests: 0, writes: 0 } };
  } finally {
    const stage = await opening.catch(() => null);
    await stage?.close();
    if (stop.aborted) tell.say("demo", "stopped; nothing is left running");
  }
}

/** What went wrong is part of the story; the log lines that explain it are not. */
function complain(tell: Narrator, error: unknown): void {
  const [first = "", ...more] = (error instanceof Error ? error.message : String(error)).split(
    "\n",
  );
  tell.say("demo", first, "✘");
  if (more.length > 0) process.stderr.write(`${more.join("\n")}\n`);
}

/** Argo CD syncs by itself also in prod: Sluice has it look, and watches. */
const everywhere = { dev: true, staging: true, prod: true };

async function open(options: DemoOptions, tell: Narrator): Promise<Stage> {
  let web = "";
  const stage = await openStage({
    tenants: options.tenants,
    service: options.tenants <= mostRealTenants ? "real" : "simulated",
    speed: options.scenario === "thousand" ? 100 : 10,
    ...(options.scenario === "thousand" ? { automated: everywhere } : {}),
    policy: policyOf(options),
    onEvent: (event) => narrateEvent(tell, event, web),
    onBotLine: (line) => {
      if (options.verbose) process.stdout.write(`${line}\n`);
    },
  });
  web = new URL(stage.github.git).origin;
  return stage;
}

async function play(stage: Stage, options: DemoOptions, tell: Narrator): Promise<StoryResult> {
  const web = new URL(stage.github.git).origin;
  const who = person(stage.githubControl, tell, options.once);
  const large = stage.tenants.length > mostRealTenants;
  const scene: Scene = {
    stage,
    tell,
    who,
    web,
    tag: stage.first.tag,
    prod: placesInProd(options),
    byItself: options.scenario === "thousand",
    progress: (sentence) => tell.progress(sentence),
    pauseMs: large ? 500 : 100,
    patienceMs: large ? 600_000 : 180_000,
  };
  const unfollow = followTenants(scene, large ? 3_000 : 500);
  let ok = false;
  try {
    await setTheScene(scene);
    ok = await playScenario(scene, options.scenario);
    if (!ok) tell.say("demo", "left before the end of the story");
    else if (who.atKeyboard) await playOn(scene);
  } catch (error) {
    ok = false;
    complain(tell, error);
    await who.goOn("Enter: end");
  } finally {
    unfollow();
  }
  return resultOf(stage, options.scenario, ok);
}

async function setTheScene(scene: Scene): Promise<void> {
  const { stage, tell, web } = scene;
  const count = stage.tenants.length;
  const names = `${count} ${count === 1 ? "tenant" : "tenants"} × dev, staging, prod`;
  const paper = count > mostRealTenants ? "; so many that their pods exist on paper only" : "";
  tell.say("github", `${link(web)}, ${names}${paper}`);
  tell.say("sluice", link(`${stage.bot.url}/metrics`));
  await settled(scene, ["dev", "staging", ...scene.prod], stage.first.tag);
  tell.say("demo", `${stage.first.tag} runs everywhere, and Sluice has seen it itself`, "✔");
}

/** The story is over; whoever sits in front of it may click around and send more images on their way. */
async function playOn(scene: Scene): Promise<void> {
  const { tell, who, web } = scene;
  tell.progress("");
  tell.say("demo", `the story is over, everything still runs: ${link(web)}`, "●");
  while (await who.goOn("Enter: another image, q: end")) {
    if (!(await playRound(scene))) return;
    tell.progress("");
  }
}
