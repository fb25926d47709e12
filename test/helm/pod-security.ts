import type { IContainer } from "kubernetes-models/v1/Container";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";

/** A pod template: what a Deployment and its like make pods from. */
export type PodTemplate = {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: IPodSpec;
};

type Control = {
  readonly name: string;
  readonly breaches: (pod: IPodSpec, container: IContainer) => boolean;
};

const volumeTypes = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];
const safeSysctls = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
];
const seLinuxTypes = ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
const profiles = ["RuntimeDefault", "Localhost"];

/**
 * The controls of the profile *restricted*, those of *baseline* included, in the order of the page "Pod Security
 * Standards" of Kubernetes' documentation. Each is looked at once a container, init containers too.
 */
const controls: readonly Control[] = [
  {
    name: "HostProcess",
    breaches: (pod, { securityContext }) =>
      [pod.securityContext, securityContext].some((each) => each?.windowsOptions?.hostProcess),
  },
  {
    name: "Host Namespaces",
    breaches: (pod) => [pod.hostNetwork, pod.hostPID, pod.hostIPC].some((each) => each === true),
  },
  {
    name: "Privileged Containers",
    breaches: (_pod, { securityContext }) => securityContext?.privileged === true,
  },
  {
    name: "Host Ports",
    breaches: (_pod, { ports }) => (ports ?? []).some(({ hostPort }) => (hostPort ?? 0) !== 0),
  },
  {
    name: "Host Probes / Lifecycle Hooks",
    breaches: (_pod, container) => handlersOf(container).some((host) => (host ?? "") !== ""),
  },
  {
    name: "AppArmor",
    breaches: (pod, { securityContext }) =>
      [pod.securityContext, securityContext].some(
        (each) => each?.appArmorProfile && !profiles.includes(each.appArmorProfile.type),
      ),
  },
  {
    name: "SELinux",
    breaches: (pod, { securityContext }) =>
      [pod.securityContext, securityContext].some((each) => {
        const { type, user, role } = each?.seLinuxOptions ?? {};
        return (type && !seLinuxTypes.includes(type)) || Boolean(user) || Boolean(role);
      }),
  },
  {
    name: "/proc Mount Type",
    breaches: (_pod, { securityContext }) =>
      (securityContext?.procMount ?? "Default") !== "Default",
  },
  {
    name: "Sysctls",
    breaches: ({ securityContext }) =>
      (securityContext?.sysctls ?? []).some(({ name }) => !safeSysctls.includes(name)),
  },
  {
    name: "Volume Types",
    breaches: ({ volumes }) =>
      (volumes ?? []).some((volume) =>
        Object.keys(volume).some((key) => key !== "name" && !volumeTypes.includes(key)),
      ),
  },
  {
    name: "Privilege Escalation",
    breaches: (_pod, { securityContext }) => securityContext?.allowPrivilegeEscalation !== false,
  },
  {
    name: "Running as Non-root",
    breaches: (pod, { securityContext }) =>
      (securityContext?.runAsNonRoot ?? pod.securityContext?.runAsNonRoot) !== true,
  },
  {
    name: "Running as Non-root user",
    breaches: (pod, { securityContext }) =>
      [pod.securityContext, securityContext].some((each) => each?.runAsUser === 0),
  },
  {
    name: "Seccomp",
    breaches: (pod, { securityContext }) =>
      !profiles.includes(
        (securityContext?.seccompProfile ?? pod.securityContext?.seccompProfile)?.type ?? "",
      ),
  },
  {
    name: "Capabilities",
    breaches: (_pod, { securityContext }) => {
      const { drop = [], add = [] } = securityContext?.capabilities ?? {};
      return !drop.includes("ALL") || add.some((each) => each !== "NET_BIND_SERVICE");
    },
  },
];

/** The controls of the profile *restricted* that a pod breaches; none when an API server would let it in. */
export function restrictedBreaches({ metadata, spec }: PodTemplate): string[] {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  if (spec === undefined || containers.length === 0) return ["no containers"];
  const found = controls.filter(({ breaches }) =>
    containers.some((container) => breaches(spec, container)),
  );
  const names = found.map(({ name }) => name);
  // The older way to choose an AppArmor profile.
  const annotated = Object.entries(metadata?.annotations ?? {}).some(
    ([key, value]) =>
      key.startsWith("container.apparmor.security.beta.kubernetes.io/") &&
      value !== "runtime/default" &&
      !value.startsWith("localhost/"),
  );
  return annotated ? [...names, "AppArmor"] : names;
}

function handlersOf({
  livenessProbe,
  readinessProbe,
  startupProbe,
  lifecycle,
}: IContainer): (string | undefined)[] {
  const handlers = [
    livenessProbe,
    readinessProbe,
    startupProbe,
    lifecycle?.postStart,
    lifecycle?.preStop,
  ];
  return handlers.flatMap((each) => [each?.httpGet?.host, each?.tcpSocket?.host]);
}
