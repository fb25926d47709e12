import { expect } from "vitest";

import { platform, valuesFile } from "../stage/seed.ts";
import { story } from "../stage/story.ts";

const ofTenantB = "gitops/tenants/tenant-b/prod.yaml";

story(
  "a tenant whose file cannot be edited is left out, named, and keeps nobody from going on",
  {
    files: ({ first }) => ({
      [ofTenantB]: `${valuesFile("tenant-b", "prod", first.tag, first.digest).replace(
        `tag: ${first.tag}`,
        `tag: &tag ${first.tag}`,
      )}seen: *tag\n`,
    }),
  },
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: for those who can");
    const { pull } = await told.opened("prod", built.tag);
    const { head, body, title } = await told.pull(pull);
    expect(title).toContain("(1 tenant)");
    expect(body).toContain("1 tenant left out");
    expect(body).toMatch(/tenant-b.*anchor/);
    const run = await told.check(
      platform,
      head.sha,
      "sluice/gates",
      ({ output }) => output.title === "Ready to merge",
    );
    expect(run.output.text).toMatch(/tenant-b.*anchor/);
    await told.idle();
    expect((await told.pull(pull)).title).toBe(title);

    await told.comment("mona", pull, "/promote");
    await told.waitFor("it to be merged", async () => (await told.pull(pull)).merged_at !== null);
    await told.idle();
    expect(await told.file("gitops/tenants/tenant-a/prod.yaml")).toContain(built.tag);
    expect(await told.comments(pull)).not.toContainEqual(
      expect.objectContaining({ body: expect.stringContaining("other than Sluice") }),
    );
  },
);
