import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { readObjects, root } from "./tree.ts";
import type { TreeObject } from "./tree.ts";
import { validateObject } from "./validate-object.ts";

const readme = readFileSync(join(root, "gitops/README.md"), "utf8");
const cloud = readFileSync(join(root, "gitops/cloud.md"), "utf8");

type Remote = { readonly key: string; readonly property?: string };

/** What every ExternalSecret of the tree asks the store for. */
function entries(): readonly Remote[] {
  return readObjects()
    .flatMap(({ objects }) => objects)
    .filter(({ kind }) => kind === "ExternalSecret")
    .flatMap(({ spec }) => [
      ...(spec.data ?? []).map(({ remoteRef }: { remoteRef: Remote }) => remoteRef),
      ...(spec.dataFrom ?? []).map(({ extract }: { extract: Remote }) => extract),
    ]);
}

describe("gitops/README.md", () => {
  it("can be read at one sitting", () => {
    expect(readme.split("\n").length).toBeLessThanOrEqual(61);
  });

  it("names every entry of the store that something reads", () => {
    const read = entries();
    expect(read.length).toBeGreaterThan(4);
    for (const { key, property } of read) {
      const row = readme.split("\n").find((line) => line.includes(`\`${key}\``)) ?? "";
      expect(row).toContain(property ?? key);
    }
  });

  it("names files and folders that there are", () => {
    const paths = [
      ...readme.matchAll(
        /(?:-[kf] |`|^)((?:gitops\/)?[\w-]+(?:\/[\w.-]+)*(?:\/|\.yaml))(?=`| |$)/gm,
      ),
    ]
      .map(([, path = ""]) => path)
      .filter((path) => !path.startsWith("platform/"));
    expect(paths.length).toBeGreaterThan(8);
    const missing = paths.filter(
      (path) => !["", "gitops", "gitops/argocd"].some((at) => existsSync(join(root, at, path))),
    );
    expect(missing).toEqual([]);
  });
});

describe("gitops/cloud.md", () => {
  const examples = [...cloud.matchAll(/^```yaml\n(.*?)^```$/gms)].map(
    ([, text = ""]) => parse(text) as TreeObject,
  );

  it("shows objects that a cluster takes, and under the name that everything uses", async () => {
    expect(examples).toHaveLength(1);
    for (const example of examples) {
      expect(await validateObject(example)).toEqual([]);
      expect([example.kind, example.metadata.name]).toEqual(["ClusterSecretStore", "platform"]);
    }
  });
});
