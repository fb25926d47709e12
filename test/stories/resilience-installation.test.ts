import { expect } from "vitest";

import { demoPolicy, image, owner, platform } from "../stage/seed.ts";
import { story, type Told } from "../stage/story.ts";

/** A second GitOps repository of the same installation: its applications do not exist, its promotions open all the same. */
const other = `${owner}/other`;

async function raiseOther(told: Told): Promise<void> {
  const { first } = told.stage;
  await told.push(
    "alice",
    {
      ".github/sluice.yaml": demoPolicy().replaceAll(
        "{tenant}-{environment}",
        "other-{tenant}-{environment}",
      ),
      "gitops/tenants/zoe/dev.yaml": `image:\n  repository: ${image}\n  tag: ${first.tag}\n  digest: "${first.digest}"\n`,
    },
    { repository: other, message: "feat: another platform" },
  );
  await told.idle();
}

/** `RESILIENCE=all`: every way to lose it; being uninstalled is much like being suspended. */
const everything = process.env["RESILIENCE"] === "all";

const losses = [
  {
    name: "a repository leaves the installation",
    change: { action: "remove", repositories: ["platform"] },
  },
  { name: "the installation is suspended", change: { action: "suspend" } },
  { name: "the App is uninstalled", change: { action: "deleted" } },
] as const;

for (const { name, change } of losses.filter(
  (loss) => everything || loss.change.action !== "deleted",
))
  story(
    `${name} in the middle of a promotion: no storm of calls`,
    { sources: ["other"] },
    async (told) => {
      const { stage } = told;
      await raiseOther(told);
      const built = await stage.build("feat: greet louder");
      await told.opened("dev", built.tag);
      const { installationId } = stage.github;
      await stage.githubControl.post("installation", { installationId, ...change });
      const since = await told.lastRequest();
      // What was under way may end; half a minute of the stage's clock later there is silence.
      await passed(told, 30_000);
      const later = await told.lastRequest();
      await passed(told, 60_000);
      const calls = (await told.requests(since))
        .filter(({ path }) => path.includes(platform))
        .map(({ number, method, path, status }) => ({ number, method, path, status }));
      expect(calls.filter(({ number }) => number > later)).toEqual([]);
      expect(calls.length).toBeLessThanOrEqual(12);
      if (change.action !== "remove") return;
      const again = await stage.build("feat: greet once more");
      await told.waitFor("the other repository's promotion", async () =>
        (await stage.api<readonly { title: string }[]>(`/repos/${other}/pulls?state=all`)).some(
          ({ title }) => title.includes(again.tag),
        ),
      );
    },
  );

async function passed(told: Told, ms: number): Promise<void> {
  const from = told.stage.pace.now().getTime();
  await told.waitFor("time to pass", () => told.stage.pace.now().getTime() - from > ms);
}
