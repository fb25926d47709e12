import { createHmac } from "node:crypto";

import { expect } from "vitest";

import { publish } from "../stage/build.ts";
import { image, source } from "../stage/seed.ts";
import { story, type Told } from "../stage/story.ts";

story("all events of one build, repeated and out of order, are one promotion", {}, async (told) => {
  const { stage } = told;
  await stage.githubControl.post("faults", {
    rules: [
      { fault: "duplicate-delivery", event: "registry_package", times: "always", count: 2 },
      { fault: "reorder-delivery", event: "registry_package", nth: 2, times: 1, ms: 400 },
      { fault: "duplicate-delivery", event: "workflow_run", times: "always" },
      { fault: "reorder-delivery", event: "push", times: "always", count: 2 },
    ],
  });
  const built = await stage.build("feat: greet louder");
  await told.settled(["dev"], built.tag);
  await stage.githubControl.post("workflow-run", {
    repository: source,
    workflow: "ci.yml",
    headSha: built.revision,
    conclusion: "success",
  });
  await told.settled(["staging"], built.tag);
  await told.opened("prod", built.tag);
  await told.idle();
  await expectOnePromotionEach(told, built.tag);
});

story(
  "one witness suffices: a successful run, or any builder's hook, once the registry confirms it",
  { env: { REGISTRY_WEBHOOK_SECRET: "a-secret-of-the-hook" } },
  async (told) => {
    const { stage } = told;
    const pushed = await told.push("bob", { "src/more.ts": "//\n" }, { repository: source });
    await told.idle();
    const built = await publish(stage.githubControl, pushed.sha, { packageEvents: false });
    expect(await hook(told, { image, tag: "sha-0000000" })).toBe(202);
    expect(await hook(told, { image, tag: built.tag }, "another-secret-than-ours")).toBe(401);
    await told.idle();
    expect(await told.promotions("dev")).toEqual([]);

    expect(await hook(told, { image, tag: built.tag })).toBe(202);
    await told.settled(["dev"], built.tag);
    expect((await told.promotions("dev")).map(({ title }) => title)).toEqual([
      `promote(dev): demo-api ${stage.first.tag} → ${built.tag} (2 tenants)`,
    ]);

    const quiet = await stage.build("feat: quietly", { packageEvents: false });
    await told.settled(["dev"], quiet.tag);
    const [pull] = await told.promotions("dev");
    expect(pull?.body).toContain(quiet.digest);
  },
);

async function hook(told: Told, body: object, secret = "a-secret-of-the-hook"): Promise<number> {
  const text = JSON.stringify(body);
  const signature = createHmac("sha256", secret).update(text).digest("hex");
  const response = await fetch(`${told.stage.bot.url}/webhooks/registry/generic`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-sluice-signature-256": signature },
    body: text,
  });
  return response.status;
}

async function expectOnePromotionEach(told: Told, tag: string): Promise<void> {
  for (const environment of ["dev", "staging", "prod"]) {
    const titles = (await told.promotions(environment)).map(({ title }) => title);
    expect(titles).toEqual([
      `promote(${environment}): demo-api ${told.stage.first.tag} → ${tag} (2 tenants)`,
    ]);
  }
}
