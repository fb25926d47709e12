import { resolve } from "node:path";

import { describe, expect, inject, it } from "vitest";
import { stringify } from "yaml";

import type { KubernetesObject } from "./render.ts";
import { environments, renderTenant } from "./tenant-releases.ts";

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

// Values of the test's own: promotions write the tenants' image every day, and their teams the rest.
describe.skipIf(helm === null)("the least that a tenant says, written out", () => {
  it.for(environments)("in %s", async (environment) => {
    const text = normalise(await renderTenant(helm ?? "", environment));
    await expect(text).toMatchFileSnapshot(resolve(folder, `tenant-service-${environment}.yaml`));
  });
});
