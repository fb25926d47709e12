import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

/** What `up` needs to know of the tree that the cluster will follow. */
export type Tree = {
  /** Where Argo CD reads it: the repository that gitops/argocd/root.yaml names. */
  readonly repository: string;
  /** Images without tag, as they stand in the values: `ghcr.io/acme/tenant-service`. */
  readonly images: readonly { readonly image: string; readonly dockerfile: string }[];
};

export function readTree(root: string): Tree {
  const read = (path: string): string => readFileSync(join(root, path), "utf8");
  const policy = parse(read(".github/sluice.yaml")) as {
    services: { "tenant-service": { image: string } };
  };
  const service = policy.services["tenant-service"].image;
  return {
    repository: /^\s+repoURL: (\S+)$/m.exec(read("gitops/argocd/root.yaml"))?.[1] ?? "",
    images: [
      { image: service, dockerfile: "service/Dockerfile" },
      { image: service.replace(/[^/]+$/, "sluice"), dockerfile: "Dockerfile" },
    ],
  };
}

/** One sentence for what Argo CD could not read. */
export function treeProblems({ repository }: Tree): string[] {
  if (repository === "") return ["gitops/argocd/root.yaml names no repository"];
  return /[/:]acme\//.test(repository)
    ? [
        `gitops/argocd/root.yaml still names ${repository}, which is not yours. Replace acme as step 1 of ` +
          "gitops/README.md says, commit and push: Argo CD reads what was pushed, never your working tree",
      ]
    : [];
}
