import { execFile } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import type { Built } from "./build.ts";
import { freePort, until, type Programs } from "./programs.ts";

const execute = promisify(execFile);

/** Its API, as an administrator sees it. */
export type Cluster = {
  readonly kubeconfig: string;
  readonly url: string;
  readonly token: string;
  /** What `kubectl` prints; throws with what it complains of. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
};

/** etcd, kube-apiserver and kube-controller-manager: a Kubernetes without nodes. `kubectl` is looked for on the path. */
export async function startCluster(programs: Programs, built: Built): Promise<Cluster> {
  const { directory } = programs;
  const [client, peer, secure] = [await freePort(), await freePort(), await freePort()];
  const key = join(directory, "accounts.key");
  const pair = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  await writeFile(key, pair.privateKey, { mode: 0o600 });
  const token = randomBytes(16).toString("hex");
  await writeFile(join(directory, "tokens.csv"), `${token},admin,admin,system:masters\n`, {
    mode: 0o600,
  });
  const url = `https://127.0.0.1:${secure}`;
  const kubeconfig = join(directory, "kubeconfig");
  await writeFile(kubeconfig, config(url, token), { mode: 0o600 });

  programs.start("etcd", built.etcd, [
    `--data-dir=${join(directory, "etcd")}`,
    `--listen-client-urls=http://127.0.0.1:${client}`,
    `--advertise-client-urls=http://127.0.0.1:${client}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-cluster=default=http://127.0.0.1:${peer}`,
    "--unsafe-no-fsync",
  ]);
  programs.start("kube-apiserver", built.kube, [
    "kube-apiserver",
    `--etcd-servers=http://127.0.0.1:${client}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${secure}`,
    "--endpoint-reconciler-type=none",
    `--cert-dir=${join(directory, "apiserver")}`,
    `--token-auth-file=${join(directory, "tokens.csv")}`,
    "--authorization-mode=RBAC",
    "--service-cluster-ip-range=10.96.0.0/16",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
  ]);

  const cluster: Cluster = {
    kubeconfig,
    url,
    token,
    async kubectl(args, input) {
      const run = execute("kubectl", [`--kubeconfig=${kubeconfig}`, ...args], {
        maxBuffer: 64 * 1024 * 1024,
      });
      if (input !== undefined) run.child.stdin?.end(input);
      return (await run).stdout;
    },
  };
  await until("the API server", async () =>
    (await cluster.kubectl(["get", "--raw=/readyz"])).startsWith("ok"),
  );
  programs.start("kube-controller-manager", built.kube, [
    "kube-controller-manager",
    `--kubeconfig=${kubeconfig}`,
    "--leader-elect=false",
    "--secure-port=0",
    `--service-account-private-key-file=${key}`,
    // Nothing measures pods here, and without figures every HorizontalPodAutoscaler would be Degraded.
    "--controllers=*,-horizontal-pod-autoscaler-controller",
  ]);
  return cluster;
}

function config(url: string, token: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "here", cluster: { server: url, "insecure-skip-tls-verify": true } }],
    users: [{ name: "admin", user: { token } }],
    contexts: [{ name: "here", context: { cluster: "here", user: "admin", namespace: "argocd" } }],
    "current-context": "here",
  });
}
