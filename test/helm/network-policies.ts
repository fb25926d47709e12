import type { INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";

import type { KubernetesObject } from "./render.ts";

type Spec = NonNullable<INetworkPolicy["spec"]>;

/** The network policies of a rendering by name: which pods each is about, and what it lets in and out. */
export function readPolicies(objects: readonly KubernetesObject[]): Record<string, object> {
  const policies = objects.filter(({ kind }) => kind === "NetworkPolicy");
  return Object.fromEntries(
    policies.map(({ metadata, spec }) => {
      const { podSelector, policyTypes, ...rest } = spec as Spec;
      return [metadata.name, { pods: podSelector?.matchLabels ?? {}, types: policyTypes, ...rest }];
    }),
  );
}
