import { matchesGlob } from "./argo-glob.ts";
import type { TreeObject } from "./tree.ts";

type Spec = {
  readonly sources: readonly { readonly repoURL: string }[];
  readonly destination: { readonly server: string; readonly namespace: string };
};
type Kind = { readonly group: string; readonly kind: string; readonly name?: string };
type Rendered = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
};

/**
 * What an AppProject forbids of an application and of the objects that it renders, as Argo CD decides it: sources and
 * destinations by glob; of the cluster only what the whitelist names; of namespaces only what theirs names, everything
 * where it is left out (pkg/apis/application/v1alpha1/types.go, IsGroupKindNamePermitted).
 */
export function projectProblems(
  { metadata, spec: project }: TreeObject,
  spec: Spec,
  objects: readonly Rendered[] = [],
): readonly string[] {
  const { server } = spec.destination;
  const problems = spec.sources
    .filter(
      ({ repoURL }) => !project.sourceRepos.some((glob: string) => matchesGlob(glob, repoURL)),
    )
    .map(({ repoURL }) => `source ${repoURL}`);
  const namespaces = objects.map(
    (object) => object.metadata.namespace ?? spec.destination.namespace,
  );
  for (const namespace of new Set([spec.destination.namespace, ...namespaces]))
    if (!project.destinations.some((to: Spec["destination"]) => goes(to, server, namespace)))
      problems.push(`destination ${server} ${namespace}`);
  for (const object of objects) {
    const allowed = (
      object.metadata.namespace === undefined
        ? (project.clusterResourceWhitelist ?? [])
        : (project.namespaceResourceWhitelist ?? [{ group: "*", kind: "*" }])
    ) as readonly Kind[];
    if (!allowed.some((kind) => isOf(kind, object)))
      problems.push(`${object.kind} ${object.metadata.name}`);
  }
  return problems.map((problem) => `${metadata.name} allows no ${problem}`);
}

function goes(to: Spec["destination"], server: string, namespace: string): boolean {
  return matchesGlob(to.server, server) && matchesGlob(to.namespace, namespace);
}

function isOf({ group, kind, name = "*" }: Kind, object: Rendered): boolean {
  const own = object.apiVersion.includes("/") ? (object.apiVersion.split("/")[0] ?? "") : "";
  return (
    matchesGlob(group, own) &&
    matchesGlob(kind, object.kind) &&
    matchesGlob(name, object.metadata.name)
  );
}
