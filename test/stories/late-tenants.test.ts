import { expect } from "vitest";

import { platform, valuesFile } from "../stage/seed.ts";
import { story, type Told } from "../stage/story.ts";

const environments = ["dev", "staging", "prod"] as const;
const fileOf = (environment: string) => `gitops/tenants/tenant-c/${environment}.yaml`;

story(
  "a tenant that comes later catches up with its ring, by pull requests of its own and through the gates",
  {
    tenants: 3,
    files: () => Object.fromEntries(environments.map((name) => [fileOf(name), null])),
  },
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: greet louder");
    const prod = await told.opened("prod", built.tag);
    await told.comment("mona", prod.pull, "/promote");
    await told.settled([...environments], built.tag);
    await told.idle();

    const { tag, digest } = stage.first;
    const files = environments.map((name) => [
      fileOf(name),
      valuesFile("tenant-c", name, tag, digest),
    ]);
    await told.push("alice", Object.fromEntries(files), { message: "feat: tenant-c joins" });
    for (const environment of ["dev", "staging"])
      await told.waitFor(`tenant-c to catch up in ${environment}`, async () =>
        (await told.file(fileOf(environment))).includes(`tag: ${built.tag} `),
      );
    const pull = await told.waitFor("the one for prod", async () =>
      (await catchUps(told)).find(({ head }) => head.ref.startsWith("sluice-catch-up/prod/")),
    );
    expect(pull.title).toBe(`catch-up(prod): demo-api ${tag} → ${built.tag} (1 tenant)`);
    await told.check(
      platform,
      pull.head.sha,
      "sluice/gates",
      ({ output }) => output.title === "Ready to merge",
    );
    const from = stage.events.length;
    await told.comment("mona", pull.number, "/promote");
    await told.settled(["prod"], built.tag, from);
    await told.running("prod", built.tag);
    await told.idle();
    const places = (await catchUps(told)).map(({ head }) => head.ref.split("/")[1] ?? "");
    expect(places.length).toBe(environments.length);
    expect(new Set(places)).toEqual(new Set(environments));
    for (const environment of environments)
      expect((await told.promotions(environment)).length).toBe(1);
    expect((await told.branches()).filter((name) => name.startsWith("sluice"))).toEqual([]);
  },
);

story(
  "some tenants first, because somebody asked: the rest of the promotion stays as it is",
  {},
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: for one of them");
    const { pull } = await told.opened("prod", built.tag);
    await told.idle();
    const denied = await told.comment("bob", pull, "/promote --tenants tenant-b");
    await told.reaction(denied.id, "-1");
    const from = stage.events.length;
    const { id } = await told.comment("mona", pull, "/promote --tenants tenant-b");
    await told.reaction(id, "rocket");
    await told.settled(["prod"], built.tag, from);
    expect(await told.file("gitops/tenants/tenant-b/prod.yaml")).toContain(`tag: ${built.tag} `);
    expect(await told.file("gitops/tenants/tenant-a/prod.yaml")).not.toContain(built.tag);
    const subset = (await told.pulls()).find(({ head }) => head.ref.startsWith("sluice-subset/"));
    expect(subset?.merged_at).not.toBeNull();
    await told.waitFor("the open one to move the rest only", async () =>
      (await told.pull(pull)).title.includes("(1 tenant)"),
    );
    const backwards = await told.comment("mona", pull, `/promote --to ${stage.first.tag}`);
    await told.reaction(backwards.id, "-1");
    await told.answer(pull, `/rollback prod --to ${stage.first.tag}`);
    const rest = stage.events.length;
    await told.comment("mona", pull, "/promote");
    await told.settled(["prod"], built.tag, rest);
    await told.running("prod", built.tag);
  },
);

async function catchUps(told: Told) {
  return (await told.pulls()).filter(({ head }) => head.ref.startsWith("sluice-catch-up/"));
}
