import { describe, expect, it } from "vitest";

import { readObjects } from "./tree.ts";

/** What External Secrets fills in below every entry that is read, in the version that gitops/argocd/apps installs. */
const defaults = {
  conversionStrategy: "Default",
  decodingStrategy: "None",
  metadataPolicy: "None",
  nullBytePolicy: "Ignore",
};
type Item = { readonly remoteRef?: object; readonly extract?: object };

const secrets = readObjects("gitops/secrets")
  .flatMap(({ objects }) => objects)
  .filter(({ kind }) => kind === "ExternalSecret");

describe("an ExternalSecret that Argo CD applies", () => {
  it("is one of those that there are", () => {
    expect(secrets.map(({ metadata }) => metadata.name).sort()).toEqual([
      "alertmanager-receivers",
      "argocd-notifications",
      "grafana-admin",
      "sluice-argocd",
      "sluice-github",
      "sluice-registry",
    ]);
  });

  it.each(secrets)("has its defaults written out: $metadata.name", ({ spec }) => {
    const items = [...(spec.data ?? []), ...(spec.dataFrom ?? [])] as readonly Item[];
    expect(items).not.toEqual([]);
    for (const { remoteRef, extract } of items)
      expect(remoteRef ?? extract).toMatchObject(defaults);
  });
});
