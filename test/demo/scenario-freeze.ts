import { opened, running, settled } from "../stage/watch.ts";
import { link } from "./narrate.ts";
import { buildImage, showChecks } from "./rounds.ts";
import type { Scene } from "./scene.ts";
import { staysOnFirst } from "./stays-away.ts";

/** Prod is frozen while an image waits for it: a /promote changes nothing before the /unfreeze. */
export async function freeze(scene: Scene): Promise<boolean> {
  const { tell, who } = scene;
  const built = await buildImage(scene, "feat: say good morning");
  await settled(scene, ["dev", "staging"], built.tag);
  const [place = "prod"] = scene.prod;
  const { pull = 0, url = "" } = await opened(scene, place, built.tag);
  if (!(await who.goOn("Enter: alice freezes prod, then agrees all the same, q: end")))
    return false;
  tell.say("alice", `writes /freeze prod quarter end on ${link(url)}`, "●");
  await who.comment(pull, "/freeze prod quarter end");
  tell.say("alice", "writes /promote", "●");
  await who.comment(pull, "/promote");
  await staysOnFirst(scene, ["prod"]);
  tell.say("demo", "prod is frozen: agreed to, every other gate passed, and it waits", "✔");
  if (!(await who.goOn("Enter: alice writes /unfreeze, q: end"))) return false;
  tell.say("alice", "writes /unfreeze prod", "●");
  await who.comment(pull, "/unfreeze prod");
  await settled(scene, [place], built.tag);
  await running(scene, "prod", built.tag);
  await showChecks(scene, built.revision, {
    "sluice/dev": "success",
    "sluice/staging": "success",
    "sluice/prod": "success",
  });
  tell.say("demo", `prod thaws and runs ${built.tag}, without another word`, "✔");
  return true;
}
