import { resolve } from "node:path";

import { describe, expect, inject, it } from "vitest";
import { stringify } from "yaml";

import { type KubernetesObject, renderChart } from "./render.ts";
import { environments, leastValues, tenantChart, tenantReleases } from "./tenant-releases.ts";

const { helm } = inject("tools");
const folder = resolve(import.meta.dirname, "../fixtures/helm");

/** What a person reads: what all objects share is left out, and each stands under its kind and name. */
function normalise(objects: readonly KubernetesObject[]): string {
  const entries = objects.map(({ kind, metadata, ...rest }): [string, unknown] => [
    `${kind} ${metadata.name}`,
    rest,
  ]);
  const sorted = entries.sort(([one], [other]) => one.localeCompare(other, "en"));
  return stringify(Object.fromEntries(sorted), { lineWidth: 120, aliasDuplicateObjects: false });
}

describe.skipIf(helm === null)("tenant-a, written out", () => {
  it.for(environments)("%s", async (environment) => {
    const release = tenantReleases.find(({ release }) => release === `tenant-a-${environment}`);
    if (release === undefined) throw new Error(`gitops/tenants has no tenant-a in ${environment}`);
    // Promotions write the image every day; what is compared is all else.
    const { image } = leastValues;
    const objects = await renderChart(helm ?? "", tenantChart, { ...release, set: { image } });
    const text = normalise(objects);
    await expect(text).toMatchFileSnapshot(resolve(folder, `${release.release}.yaml`));
  });
});
