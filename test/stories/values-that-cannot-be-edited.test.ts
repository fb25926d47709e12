import { expect } from "vitest";

import { parseBody } from "#core/promotion-body.ts";

import { platform, valuesFile } from "../stage/seed.ts";
import { story } from "../stage/story.ts";

const unreadable: Readonly<Record<string, string>> = {
  "tenant-b": "image:\n  tag: |\n    {tag}\n  digest: ''\n",
  "tenant-c": "x: &t {tag}\nimage:\n  tag: *t\n  digest: ''\n",
  "tenant-d": "image: [not, a, map\n",
};

/** The tenants that come later are a second pull request of the same promotion. */
const reopened: string[] = [];

story(
  "values files that cannot be edited are named; the others go on, the ring is not verified",
  {
    tenants: 4,
    reopened,
    fromTheStart: true,
    files: ({ first }) =>
      Object.fromEntries(
        Object.entries(unreadable).map(([tenant, text]) => [
          `gitops/tenants/${tenant}/dev.yaml`,
          text.replace("{tag}", first.tag),
        ]),
      ),
  },
  async (told) => {
    const { stage } = told;
    const start = await told.head();
    await told.settled(["staging", "prod"], stage.first.tag);
    const built = await stage.build("feat: for those who can");
    const { pull, targets } = await told.opened("dev", built.tag);
    expect(targets).toBe(1);
    reopened.push(parseBody((await told.pull(pull)).body)?.id ?? "");
    const run = await told.check(
      platform,
      start,
      "sluice/policy",
      ({ conclusion }) => conclusion === "action_required",
    );
    for (const tenant of Object.keys(unreadable))
      expect(run.output.summary).toContain(`gitops/tenants/${tenant}/dev.yaml`);
    expect(run.output.summary).toMatch(/alias/);
    expect(run.output.summary).toMatch(/block/);

    expect((await told.verdict("dev", built.tag)).result).toBe("verified");
    await told.idle();
    expect(await told.promotions("staging")).toEqual([]);
    expect(await told.file("gitops/tenants/tenant-a/dev.yaml")).toContain(built.tag);
    expect(await told.file("gitops/tenants/tenant-b/dev.yaml")).toContain(stage.first.tag);

    // Mended, the tenants follow, and the line goes on.
    await told.push(
      "bob",
      Object.fromEntries(
        Object.keys(unreadable).map((tenant) => [
          `gitops/tenants/${tenant}/dev.yaml`,
          valuesFile(tenant, "dev", stage.first.tag, stage.first.digest),
        ]),
      ),
    );
    await told.opened("staging", built.tag);
  },
);
