import { expect } from "vitest";

import { platform, source } from "../stage/seed.ts";
import { story, type LoggedRequest, type Told } from "../stage/story.ts";

const rings = ["canary", "early", "many", "rest"];

story(
  "1,000 tenants in four rings reach prod with four pull requests and fewer than 150 requests",
  {
    tenants: 1_000,
    longestMs: 900_000,
    speed: 1_000,
    automated: { dev: true, staging: true, prod: true },
    policy: {
      prodMerge: "auto",
      timeout: "24m",
      rings: [
        "{ name: canary, percent: 1 }",
        "{ name: early, percent: 10, soak: 30s }",
        "{ name: many, percent: 50, soak: 30s, maxFailures: 5 }",
        '{ name: rest, tenants: ["*"], soak: 30s, maxFailures: 5 }',
      ],
    },
    // One tenant tries everything first; the others have prod alone.
    files: ({ tenants }) =>
      Object.fromEntries(
        tenants.slice(1).flatMap((tenant) => [
          [`gitops/tenants/${tenant}/dev.yaml`, null],
          [`gitops/tenants/${tenant}/staging.yaml`, null],
        ]),
      ),
  },
  async (told) => {
    const { stage } = told;
    await told.settled(
      rings.map((ring) => `prod/${ring}`),
      stage.first.tag,
    );
    await told.idle();
    const built = await stage.build("feat: for a thousand");
    await told.settled(["dev", "staging"], built.tag);
    const before = await told.lastRequest();
    await told.settled(
      rings.map((ring) => `prod/${ring}`),
      built.tag,
    );
    await told.idle();
    const requests = await told.requests(before);
    expect(requests.length < 150 ? "fewer" : shown(requests)).toBe("fewer");
    await expectFourPulls(told, built.tag);
    await expectNobodyLost(told, built.tag);
    const [whole] = await told.checks(source, built.revision, "sluice/prod");
    expect(whole?.conclusion).toBe("success");
  },
);

async function expectFourPulls(told: Told, tag: string): Promise<void> {
  const pulls = (await told.pulls()).filter(({ head }) => head.ref.startsWith("sluice/prod/"));
  expect(pulls).toHaveLength(4);
  const sizes = rings.map((ring) => {
    const pull = pulls.find(({ head }) => head.ref.endsWith(`/${ring}`));
    expect(pull?.merged_at).not.toBeNull();
    expect(pull?.title).toContain(`→ ${tag}`);
    return Number(/\((\d+) tenants\)/.exec(pull?.title ?? "")?.[1]);
  });
  expect(sizes).toEqual([10, 99, 446, 445]);
}

/** Every file of prod holds the tag, each was touched by one merge. */
async function expectNobodyLost({ stage, running }: Told, tag: string): Promise<void> {
  await running("prod", tag);
  const { tree } = await stage.api<{ tree: readonly { path: string }[] }>(
    `/repos/${platform}/git/trees/main?recursive=1`,
  );
  expect(tree.filter(({ path }) => path.endsWith("/prod.yaml"))).toHaveLength(1_000);
}

function shown(requests: readonly LoggedRequest[]): string {
  const counts = new Map<string, number>();
  for (const { method, route } of requests) {
    const name = `${method} ${route ?? "?"}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${count} ${name}`).join("\n");
}
