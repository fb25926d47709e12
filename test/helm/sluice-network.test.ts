import { describe, expect, inject, it } from "vitest";

import { readPolicies } from "./network-policies.ts";
import { renderSluice } from "./sluice-releases.ts";

const { helm } = inject("tools");

function namespace(name: string) {
  return { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } };
}

function pods(name: string) {
  return { podSelector: { matchLabels: { "app.kubernetes.io/name": name } } };
}

function tcp(port: number | string) {
  return [{ protocol: "TCP", port }];
}

const tenants = {
  namespaceSelector: { matchExpressions: [{ key: "tenant", operator: "Exists" }] },
};
const anywherePublic = [
  {
    ipBlock: {
      cidr: "0.0.0.0/0",
      except: [
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
      ],
    },
  },
];
const dns = [
  { ...namespace("kube-system"), podSelector: { matchLabels: { "k8s-app": "kube-dns" } } },
];
const always = {
  "sluice-to-dns": [{ to: dns, ports: [{ protocol: "UDP", port: 53 }, ...tcp(53)] }],
  "sluice-to-github": [{ to: anywherePublic, ports: tcp(443) }],
  "sluice-to-registries": [{ to: anywherePublic, ports: tcp(443) }],
};
const redis = { "sluice-to-redis": [{ to: [pods("redis")], ports: tcp(6379) }] };

/** Every way out: which policy, and where it leads. */
function waysOut(policies: Readonly<Record<string, object>>): Record<string, unknown> {
  const out = Object.entries(policies).filter(([, policy]) => "egress" in policy);
  return Object.fromEntries(
    out.map(([name, policy]) => [name, "egress" in policy && policy.egress]),
  );
}

describe.skipIf(helm === null)("ways out of Sluice", () => {
  const instance = { name: "default", url: "http://argocd", secret: { name: "a", key: "t" } };

  it.for([
    { title: "nothing set but Redis", set: {}, more: redis },
    {
      title: "PostgreSQL",
      set: { queue: { kind: "postgres" } },
      more: { "sluice-to-postgres": [{ to: [pods("postgresql")], ports: tcp(5432) }] },
    },
    { title: "the embedded queue", set: { queue: { kind: "embedded" } }, more: {} },
    {
      title: "an Argo CD",
      set: { argocd: { instances: [instance] } },
      more: {
        ...redis,
        "sluice-to-argocd": [
          { to: [{ ...namespace("argocd"), ...pods("argocd-server") }], ports: tcp(8080) },
        ],
      },
    },
    {
      title: "Prometheus",
      set: { prometheusUrl: "http://prometheus:9090" },
      more: {
        ...redis,
        "sluice-to-prometheus": [
          { to: [{ ...namespace("monitoring"), ...pods("prometheus") }], ports: tcp(9090) },
        ],
      },
    },
    {
      title: "spans",
      set: { otlpEndpoint: "http://tempo:4318" },
      more: { ...redis, "sluice-to-otlp": [{ to: [namespace("monitoring")], ports: tcp(4318) }] },
    },
    {
      title: "notifications",
      set: { notifications: { enabled: true } },
      more: { ...redis, "sluice-to-notifications": [{ to: anywherePublic, ports: tcp(443) }] },
    },
    {
      title: "the load gate",
      set: { loadUrlTemplate: "http://{service}.{tenant}-{environment}.svc" },
      more: {
        ...redis,
        "sluice-to-load": [{ to: [{ ...tenants, ...pods("tenant-service") }], ports: tcp(8000) }],
      },
    },
  ])("with $title: these and no other", async ({ set, more }) => {
    const policies = readPolicies(await renderSluice(helm ?? "", "least", set));
    expect(waysOut(policies)).toEqual({ ...always, ...more });
  });

  it("lead elsewhere where the values say so", async () => {
    const to = [{ ipBlock: { cidr: "203.0.113.7/32" } }];
    const networkPolicy = { egress: { github: { to, ports: [8443] } } };
    const policies = readPolicies(await renderSluice(helm ?? "", "least", { networkPolicy }));
    expect(waysOut(policies)).toMatchObject({
      ...always,
      "sluice-to-github": [{ to, ports: tcp(8443) }],
    });
  });

  it.for(["least", "split"] as const)(
    "are shut but for those, for every pod: %s",
    async (shape) => {
      const policies = readPolicies(await renderSluice(helm ?? "", shape));
      const all = { "app.kubernetes.io/name": "sluice", "app.kubernetes.io/instance": "sluice" };
      expect(policies["sluice-default-deny"]).toEqual({ pods: all, types: ["Ingress", "Egress"] });
    },
  );

  it("never open to everywhere by an empty list", async () => {
    const networkPolicy = { egress: { github: { to: [] } } };
    await expect(renderSluice(helm ?? "", "least", { networkPolicy })).rejects.toThrow(
      /\/networkPolicy\/egress\/github\/to/,
    );
  });
});

describe.skipIf(helm === null)("ways into Sluice", () => {
  const prometheus = [
    { from: [{ ...namespace("monitoring"), ...pods("prometheus") }], ports: tcp("http") },
  ];

  it("are deliveries to the receivers, and Prometheus", async () => {
    const policies = readPolicies(await renderSluice(helm ?? "", "split"));
    expect(policies["sluice-from-senders"]).toMatchObject({
      pods: { "app.kubernetes.io/component": "receiver" },
      ingress: [{ from: [namespace("ingress-nginx")], ports: tcp("http") }],
    });
    expect(policies["sluice-from-prometheus"]).toMatchObject({ ingress: prometheus });
    const open = Object.entries(policies).filter(([, policy]) => "ingress" in policy);
    expect(open.map(([name]) => name).sort()).toEqual([
      "sluice-from-prometheus",
      "sluice-from-senders",
    ]);
  });

  it("are Argo CD's notifications too, once they have a token", async () => {
    const policies = readPolicies(await renderSluice(helm ?? "", "everything"));
    const from = [
      namespace("ingress-nginx"),
      { ...namespace("argocd"), ...pods("argocd-notifications-controller") },
    ];
    expect(policies["sluice-from-senders"]).toMatchObject({
      ingress: [{ from, ports: tcp("http") }],
    });
  });

  it("are none for Prometheus where nothing is monitored", async () => {
    const monitoring = { enabled: false };
    const objects = await renderSluice(helm ?? "", "least", { monitoring });
    expect(readPolicies(objects)).not.toHaveProperty("sluice-from-prometheus");
    const kinds = new Set(objects.map(({ kind }) => kind));
    expect(kinds).not.toContain("ServiceMonitor");
    expect(kinds).not.toContain("PrometheusRule");
  });
});
