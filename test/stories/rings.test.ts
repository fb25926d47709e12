import { expect } from "vitest";

import { platform, source, valuesFile } from "../stage/seed.ts";
import { story, type Told } from "../stage/story.ts";

const tenants = ["tenant-a", "tenant-b", "tenant-c"];
const canaryThenRest = [
  "{ name: canary, tenants: [tenant-a] }",
  '{ name: rest, tenants: ["*"], soak: 1m }',
];

story(
  "the canary first; the rest follows by itself once it has soaked there",
  { tenants: 3, policy: { prodMerge: "auto", rings: canaryThenRest } },
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: canary first");
    const canary = await told.opened("prod/canary", built.tag);
    expect((await told.pull(canary.pull)).title).toBe(
      `promote(prod/canary): demo-api ${stage.first.tag} → ${built.tag} (1 tenant)`,
    );
    await told.settled(["prod/canary"], built.tag);
    const rest = await told.opened("prod/rest", built.tag);
    const { head, title } = await told.pull(rest.pull);
    expect(title).toContain("promote(prod/rest)");
    const soaking = await told.check(platform, head.sha, "sluice/gates");
    expect(soaking.output.summary).toContain("Soaks for 1 minute");
    expect(await tagsInProd(told)).toEqual([built.tag, stage.first.tag, stage.first.tag]);
    const partly = await told.check(
      source,
      built.revision,
      "sluice/prod",
      ({ status }) => status === "completed",
    );
    expect(partly.conclusion).toBe("neutral");
    expect(partly.output.title).toContain("1 ring still to come");

    await told.settled(["prod/rest"], built.tag);
    await told.running("prod", built.tag);
    await told.idle();
    expect(await tagsInProd(told)).toEqual([built.tag, built.tag, built.tag]);
    const [whole] = await told.checks(source, built.revision, "sluice/prod");
    expect(whole?.conclusion).toBe("success");
    expect(whole?.output.summary).toMatch(/`canary`.*\n.*`rest`/);
    expect((await told.branches()).filter((name) => name.startsWith("sluice"))).toEqual([]);
  },
);

story(
  "a failing canary stops the rest, and a newer artifact goes through the canary again",
  { tenants: 3, policy: { prodMerge: "auto", rings: canaryThenRest }, speed: 200 },
  async (told) => {
    const { stage } = told;
    const bad = await stage.build("feat: breaks in prod only");
    await stage.argocdControl.post("image-rules", {
      rules: [{ match: bad.tag, outcome: "crashLoop", app: "tenant-a-prod" }],
    });
    expect((await told.verdict("prod/canary", bad.tag)).result).toBe("failed");
    const [merged] = await told.promotions("prod", "demo-api", "canary");
    const run = await told.check(
      platform,
      merged?.merge_commit_sha ?? "",
      "sluice/prod",
      ({ conclusion }) => conclusion === "failure",
    );
    expect(run.output.title).toContain("in ring canary");
    await told.idle();
    expect(await told.promotions("prod", "demo-api", "rest")).toEqual([]);
    expect(await tagsInProd(told)).toEqual([bad.tag, stage.first.tag, stage.first.tag]);

    const good = await stage.build("fix: not broken");
    await told.settled(["prod/canary", "prod/rest"], good.tag);
    await told.running("prod", good.tag);
  },
);

story(
  "a label in the values file makes the ring; who is pinned or excluded is named and left alone",
  {
    tenants: 4,
    policy: {
      prodMerge: "auto",
      rings: [
        "{ name: early, tenants: { label: sluice.ring, is: early } }",
        '{ name: rest, tenants: ["*"] }',
      ],
    },
    files: ({ first }) =>
      Object.fromEntries(
        [
          ["tenant-b", "  ring: early"],
          ["tenant-c", "  pin: true"],
          ["tenant-d", "  exclude: true"],
        ].map(([tenant = "", line = ""]) => [
          `gitops/tenants/${tenant}/prod.yaml`,
          `${valuesFile(tenant, "prod", first.tag, first.digest)}sluice:\n${line}\n`,
        ]),
      ),
  },
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: early ones first");
    await told.settled(["prod/early"], built.tag);
    const early = await told.opened("prod/early", built.tag);
    expect((await told.pull(early.pull)).title).toContain("(1 tenant)");
    const rest = await told.opened("prod/rest", built.tag);
    const { body, head } = await told.pull(rest.pull);
    expect(body).toMatch(/2 tenants left out/);
    expect(body).toMatch(/tenant-c.*Pinned by its values file/);
    expect(body).toMatch(/tenant-d.*Excluded by its values file/);
    await told.settled(["prod/rest"], built.tag);
    const [gates] = await told.checks(platform, head.sha, "sluice/gates");
    expect(gates?.output.text).toMatch(/tenant-c.*Pinned by its values file/);
    await told.idle();
    const { tag } = stage.first;
    expect(await tagsInProd(told, [...tenants, "tenant-d"])).toEqual([
      built.tag,
      built.tag,
      tag,
      tag,
    ]);
    const [whole] = await told.checks(source, built.revision, "sluice/prod");
    expect(whole?.conclusion).toBe("success");
  },
);

/** What Git wants in prod, tenant by tenant. */
async function tagsInProd(told: Told, of: readonly string[] = tenants): Promise<readonly string[]> {
  const files = await Promise.all(
    of.map((tenant) => told.file(`gitops/tenants/${tenant}/prod.yaml`)),
  );
  return files.map((text) => /^ {2}tag: (\S+)/m.exec(text)?.[1] ?? "");
}
