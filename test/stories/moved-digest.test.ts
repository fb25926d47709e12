import { expect } from "vitest";

import { publish } from "../stage/build.ts";
import { source } from "../stage/seed.ts";
import { story } from "../stage/story.ts";

story(
  "a tag whose digest moves after its promotion is refused with the reason",
  { policy: { soak: "1h" } },
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: greet louder");
    await told.settled(["dev"], built.tag);
    const staging = await told.opened("staging", built.tag);
    const moved = await publish(stage.githubControl, built.revision, { tag: built.tag });
    expect(moved.digest).not.toBe(built.digest);
    const run = await told.check(
      source,
      built.revision,
      "sluice/dev",
      ({ conclusion }) => conclusion === "action_required",
    );
    expect(run.output.title).toContain(`The tag ${built.tag} was promoted as`);
    await told.idle();
    expect((await told.promotions("dev")).length).toBe(1);
    expect(await told.file("gitops/tenants/tenant-a/dev.yaml")).toContain(built.digest);
    expect((await told.pull(staging.pull)).merged_at).toBeNull();
  },
);
