import type { INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import { describe, expect, inject, it } from "vitest";

import { readPolicies } from "./network-policies.ts";
import { theObject } from "./render.ts";
import { renderTenant } from "./tenant-releases.ts";

const { helm } = inject("tools");

function namespace(name: string) {
  return { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } };
}

const http = [{ protocol: "TCP", port: "http" }];
const ownPods = {
  "app.kubernetes.io/name": "tenant-service",
  "app.kubernetes.io/instance": "tenant-x-dev",
};
const always = {
  "default-deny": { pods: {}, types: ["Ingress", "Egress"] },
  "allow-namespace": {
    pods: {},
    types: ["Ingress", "Egress"],
    ingress: [{ from: [{ podSelector: {} }] }],
    egress: [{ to: [{ podSelector: {} }] }],
  },
  "allow-dns": {
    pods: {},
    types: ["Egress"],
    egress: [
      {
        to: [
          { ...namespace("kube-system"), podSelector: { matchLabels: { "k8s-app": "kube-dns" } } },
        ],
        ports: [
          { protocol: "UDP", port: 53 },
          { protocol: "TCP", port: 53 },
        ],
      },
    ],
  },
  "allow-prometheus": {
    pods: ownPods,
    types: ["Ingress"],
    ingress: [
      {
        from: [
          {
            ...namespace("monitoring"),
            podSelector: { matchLabels: { "app.kubernetes.io/name": "prometheus" } },
          },
        ],
        ports: http,
      },
    ],
  },
};

describe.skipIf(helm === null)("ways in and out of a tenant's namespace", () => {
  it.for([
    { title: "nothing set", set: {}, more: {} },
    {
      title: "the load gate on",
      set: { loadGate: { enabled: true } },
      more: {
        "allow-sluice": {
          pods: ownPods,
          types: ["Ingress"],
          ingress: [
            {
              from: [
                {
                  ...namespace("sluice"),
                  podSelector: { matchLabels: { "app.kubernetes.io/name": "sluice" } },
                },
              ],
              ports: http,
            },
          ],
        },
      },
    },
    {
      title: "callers from elsewhere",
      set: { allowFrom: ["ingress-nginx", "partners"] },
      more: {
        "allow-callers": {
          pods: ownPods,
          types: ["Ingress"],
          ingress: [{ from: [namespace("ingress-nginx"), namespace("partners")], ports: http }],
        },
      },
    },
    {
      title: "traces",
      set: { tracing: { endpoint: "http://tempo.monitoring.svc:4318" } },
      more: {
        "allow-traces": {
          pods: ownPods,
          types: ["Egress"],
          egress: [{ to: [namespace("monitoring")], ports: [{ protocol: "TCP", port: 4318 }] }],
        },
      },
    },
  ])("with $title: these and no other", async ({ set, more }) => {
    const objects = await renderTenant(helm ?? "", "dev", set);
    expect(readPolicies(objects)).toEqual({ ...always, ...more });
  });

  it("selects every pod where it denies", async () => {
    const objects = await renderTenant(helm ?? "", "dev");
    const { spec } = theObject<INetworkPolicy>(objects, "NetworkPolicy", "default-deny");
    expect(spec).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
  });
});
