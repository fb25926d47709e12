import { BlockList } from "node:net";

import type { INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";

import type { KubernetesObject } from "./render.ts";

type Labels = Readonly<Record<string, string>>;
type Spec = NonNullable<INetworkPolicy["spec"]>;
type Rule = NonNullable<Spec["egress"]>[number] & NonNullable<Spec["ingress"]>[number];
type Peer = NonNullable<Rule["to"]>[number];
type Selector = NonNullable<Peer["podSelector"]>;

/** One end of a connection: a pod, or, without a namespace, a host outside the cluster. */
export type End = {
  readonly ip: string;
  readonly namespace?: { readonly name: string; readonly labels?: Labels };
  readonly labels?: Labels;
  /** Container ports by name. */
  readonly ports?: Readonly<Record<string, number>>;
};

/** Whether network policies let a TCP connection through, as "Network Policies" of Kubernetes' documentation has it. */
export function reaches(
  objects: readonly KubernetesObject[],
  from: End,
  to: End,
  port: number,
): boolean {
  const lets = (direction: "Egress" | "Ingress", pod: End, other: End): boolean => {
    const specs = objects
      .filter(({ kind, metadata }) => {
        return kind === "NetworkPolicy" && metadata.namespace === pod.namespace?.name;
      })
      .map(({ metadata, spec }) => ({ ...(spec as Spec), namespace: metadata.namespace ?? "" }))
      .filter(({ podSelector }) => selects(podSelector, pod.labels))
      .filter(({ policyTypes }) => policyTypes?.includes(direction));
    if (pod.namespace === undefined || specs.length === 0) return true;
    return specs.some(({ namespace, ...spec }) => {
      const rules = (direction === "Egress" ? spec.egress : spec.ingress) as Rule[] | undefined;
      return (rules ?? []).some((rule) => {
        const peers = direction === "Egress" ? rule.to : rule.from;
        return (
          isPort(rule, to, port) && (peers ?? []).some((peer) => isPeer(peer, other, namespace))
        );
      });
    });
  };
  return lets("Egress", from, to) && lets("Ingress", to, from);
}

function isPort({ ports }: Rule, to: End, port: number): boolean {
  if (ports === undefined) return true;
  return ports.some(
    (each) =>
      (each.protocol ?? "TCP") === "TCP" &&
      (each.port === port || to.ports?.[String(each.port)] === port),
  );
}

function isPeer(peer: Peer, end: End, home: string): boolean {
  if (peer.ipBlock !== undefined) {
    const { cidr, except = [] } = peer.ipBlock;
    return holds(cidr, end.ip) && !except.some((each) => holds(each, end.ip));
  }
  if (end.namespace === undefined || !selects(peer.podSelector, end.labels)) return false;
  if (peer.namespaceSelector === undefined) return end.namespace.name === home;
  const name = { "kubernetes.io/metadata.name": end.namespace.name };
  return selects(peer.namespaceSelector, { ...end.namespace.labels, ...name });
}

function selects(selector: Selector | undefined, labels: Labels = {}): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  if (matchExpressions.some(({ operator }) => operator !== "Exists"))
    throw new Error("only the operator Exists is known here");
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key }) => key in labels)
  );
}

function holds(cidr: string, ip: string): boolean {
  const [net = "", bits] = cidr.split("/");
  const list = new BlockList();
  list.addSubnet(net, Number(bits));
  return list.check(ip);
}
