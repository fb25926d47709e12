import { platform, source } from "../stage/seed.ts";
import type { Published } from "../stage/stage.ts";
import { opened, running, settled, until } from "../stage/watch.ts";
import { link } from "./narrate.ts";
import type { Scene } from "./scene.ts";

type CheckRun = { readonly name: string; readonly conclusion: string | null };

/** Somebody pushes a commit, and CI builds and publishes it. */
export async function buildImage(scene: Scene, message: string): Promise<Published> {
  const built = await scene.stage.build(message);
  scene.tag = built.tag;
  scene.tell.say(
    "build",
    `${source} ${built.revision.slice(0, 7)} "${message}" published as ${built.tag}`,
    "●",
  );
  return built;
}

/** One image all the way to prod, where alice promotes it; false when whoever watches has had enough. */
export async function playRound(scene: Scene): Promise<boolean> {
  const built = await buildImage(scene, "feat: greet louder");
  return (await promoteToProd(scene, built)) !== null;
}

/** Follows an image to prod; the number of its pull request there, null when whoever watches has had enough. */
export async function promoteToProd(scene: Scene, built: Published): Promise<number | null> {
  const { tell, who } = scene;
  await settled(scene, ["dev", "staging"], built.tag);
  let last = 0;
  for (const place of scene.prod) {
    const { pull = 0, url = "" } = await opened(scene, place, built.tag);
    last = pull;
    if (!scene.byItself) {
      if (!(await who.goOn(`${place} waits. Enter: alice writes /promote, q: end`))) return null;
      tell.say("alice", `writes /promote on ${link(url)}`, "●");
      await who.comment(pull, "/promote");
    }
    await settled(scene, [place], built.tag);
  }
  await running(scene, "prod", built.tag);
  await showChecks(scene, built.revision, {
    "sluice/dev": "success",
    "sluice/staging": "success",
    "sluice/prod": "success",
  });
  tell.say("demo", `every tenant of prod runs ${built.tag}, healthy`, "✔");
  return last;
}

/** Waits until the commit that the image was built from carries exactly these check runs, as a person sees them. */
export async function showChecks(
  scene: Scene,
  revision: string,
  wanted: Readonly<Record<string, string>>,
): Promise<void> {
  const { stage, tell, web } = scene;
  await until(scene, `the check runs of ${revision.slice(0, 7)}`, async () => {
    const path = `/repos/${source}/commits/${revision}/check-runs`;
    const { check_runs: runs } = await stage.api<{ check_runs: readonly CheckRun[] }>(path);
    const seen = runs.map(({ name, conclusion }) => `${name} ${conclusion}`).toSorted();
    const expected = Object.entries(wanted).map(([name, conclusion]) => `${name} ${conclusion}`);
    return seen.join("\n") === expected.toSorted().join("\n");
  });
  const commit = link(`${web}/${source}/commit/${revision.slice(0, 12)}`);
  const marks = Object.entries(wanted).map(
    ([name, conclusion]) => `${name} ${conclusion === "success" ? "✔" : "✘"}`,
  );
  tell.say("github", `source commit: ${marks.join(" ")} ${commit}`);
}

/** What stands in Git on the default branch: the tags of one environment's values files, each once. */
export async function desiredTags(scene: Scene, environment: string): Promise<readonly string[]> {
  const { stage } = scene;
  const tags = await Promise.all(
    [stage.tenants[0], stage.tenants.at(-1)].map(async (tenant) => {
      const path = `gitops/tenants/${tenant}/${environment}.yaml`;
      const { content } = await stage.api<{ content: string }>(
        `/repos/${platform}/contents/${path}`,
      );
      return /tag: (\S+)/.exec(Buffer.from(content, "base64").toString("utf8"))?.[1] ?? "";
    }),
  );
  return [...new Set(tags)];
}
