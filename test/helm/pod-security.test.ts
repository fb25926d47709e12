import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import { describe, expect, it } from "vitest";

import { type PodTemplate, restrictedBreaches } from "./pod-security.ts";

const securityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
};
const pod: IPodSpec = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  containers: [{ name: "app", securityContext }],
};

function withPod(more: object): PodTemplate {
  return { spec: { ...pod, ...more } };
}

function withContainer(more: object): PodTemplate {
  return withPod({ containers: [{ name: "app", securityContext, ...more }] });
}

function withContext(more: object): PodTemplate {
  return withContainer({ securityContext: { ...securityContext, ...more } });
}

describe("the profile restricted", () => {
  it.for([
    ["the least that it asks", withPod({})],
    [
      "what it lets a container add",
      withContext({ capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } }),
    ],
    [
      "volumes that are no host's",
      withPod({
        volumes: [
          { name: "a", emptyDir: {} },
          { name: "b", configMap: { name: "b" } },
        ],
      }),
    ],
    [
      "safe sysctls",
      withPod({
        securityContext: {
          ...pod.securityContext,
          sysctls: [{ name: "net.ipv4.tcp_syncookies", value: "1" }],
        },
      }),
    ],
    [
      "a profile of the container's own",
      withPod({
        securityContext: {},
        containers: [
          {
            name: "app",
            securityContext: {
              ...securityContext,
              runAsNonRoot: true,
              seccompProfile: { type: "Localhost" },
            },
          },
        ],
      }),
    ],
  ] as const)("lets in %s", ([, template]) => {
    expect(restrictedBreaches(template)).toEqual([]);
  });

  it.for([
    ["HostProcess", withContext({ windowsOptions: { hostProcess: true } })],
    ["Host Namespaces", withPod({ hostPID: true })],
    ["Privileged Containers", withContext({ privileged: true })],
    ["Host Ports", withContainer({ ports: [{ containerPort: 80, hostPort: 80 }] })],
    [
      "Host Probes / Lifecycle Hooks",
      withContainer({ livenessProbe: { httpGet: { port: 80, host: "10.0.0.1" } } }),
    ],
    ["AppArmor", withContext({ appArmorProfile: { type: "Unconfined" } })],
    [
      "AppArmor",
      {
        metadata: {
          annotations: { "container.apparmor.security.beta.kubernetes.io/app": "unconfined" },
        },
        spec: pod,
      },
    ],
    ["SELinux", withContext({ seLinuxOptions: { type: "spc_t" } })],
    ["/proc Mount Type", withContext({ procMount: "Unmasked" })],
    [
      "Sysctls",
      withPod({
        securityContext: {
          ...pod.securityContext,
          sysctls: [{ name: "kernel.msgmax", value: "1" }],
        },
      }),
    ],
    ["Volume Types", withPod({ volumes: [{ name: "host", hostPath: { path: "/" } }] })],
    ["Privilege Escalation", withContext({ allowPrivilegeEscalation: undefined })],
    ["Running as Non-root", withContext({ runAsNonRoot: false })],
    [
      "Running as Non-root",
      withPod({ securityContext: { seccompProfile: { type: "RuntimeDefault" } } }),
    ],
    ["Running as Non-root user", withContext({ runAsUser: 0 })],
    ["Seccomp", withPod({ securityContext: { runAsNonRoot: true } })],
    ["Seccomp", withContext({ seccompProfile: { type: "Unconfined" } })],
    ["Capabilities", withContext({ capabilities: { drop: ["NET_RAW"] } })],
    ["Capabilities", withContext({ capabilities: { drop: ["ALL"], add: ["SYS_TIME"] } })],
  ] as const)("finds a breach of %s", ([name, template]) => {
    expect(restrictedBreaches(template)).toEqual([name]);
  });

  it("looks at init containers too", () => {
    const template = withPod({ initContainers: [{ name: "first", securityContext: {} }] });
    expect(restrictedBreaches(template)).toEqual(["Privilege Escalation", "Capabilities"]);
  });

  it("does not pass on nothing", () => {
    expect(restrictedBreaches({})).toEqual(["no containers"]);
  });
});
