import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";

import { findRedis } from "../find-redis.ts";
import type { Built } from "./build.ts";
import type { Cluster } from "./cluster.ts";
import { freePort, until, type Programs } from "./programs.ts";

/** `token` is an API key of the account `sluice`, with the rights that gitops/argocd/install gives it. */
export type Argocd = { readonly url: string; readonly token: string };

/** What this repository tells people to install. */
const install = resolve(import.meta.dirname, "../../../gitops/argocd/install");

/** Argo CD's own processes outside the cluster, as its Procfile starts them, configured by gitops/argocd/install. */
export async function startArgocd(
  programs: Programs,
  cluster: Cluster,
  built: Built,
): Promise<Argocd> {
  await configure(programs, cluster, built);
  const url = await startProcesses(programs, cluster, built);
  return { url, token: await makeToken(cluster, url) };
}

/** The kinds of Argo CD, and its settings: its own with this repository's patches. */
async function configure(
  { directory }: Programs,
  cluster: Cluster,
  { manifests }: Built,
): Promise<void> {
  await cluster.kubectl(["apply", "--server-side", "-k", join(manifests, "crds")]);
  const overlay = join(directory, "install");
  await mkdir(overlay, { recursive: true });
  const patches = ["argocd-cm", "argocd-cmd-params-cm", "argocd-rbac-cm"];
  await writeFile(
    join(overlay, "kustomization.yaml"),
    JSON.stringify({
      apiVersion: "kustomize.config.k8s.io/v1beta1",
      kind: "Kustomization",
      namespace: "argocd",
      resources: [join(install, "namespace.yaml"), join(manifests, "base/config")].map(
        relativeTo(overlay),
      ),
      patches: patches.map((name) => ({
        path: relativeTo(overlay)(join(install, `${name}.yaml`)),
      })),
    }),
  );
  const rendered = await cluster.kubectl([
    "kustomize",
    "--load-restrictor=LoadRestrictionsNone",
    overlay,
  ]);
  await cluster.kubectl(["apply", "--server-side", "-f", "-"], rendered);
}

async function startProcesses(programs: Programs, cluster: Cluster, built: Built): Promise<string> {
  const { directory } = programs;
  const [redis, repo, server] = [await freePort(), await freePort(), await freePort()];
  const metrics = [await freePort(), await freePort(), await freePort()];
  const sets = [await freePort(), await freePort(), await freePort()];
  const env = {
    KUBECONFIG: cluster.kubeconfig,
    ARGOCD_FAKE_IN_CLUSTER: "true",
    ARGOCD_GPG_ENABLED: "false",
    ARGOCD_TLS_DATA_PATH: join(directory, "tls"),
    ARGOCD_SSH_DATA_PATH: join(directory, "ssh"),
    ARGOCD_GNUPGHOME: join(directory, "gpg"),
    ARGOCD_GPG_DATA_PATH: join(directory, "gpg-source"),
    TMPDIR: join(directory, "tmp"),
    PATH: [dirname(built.helm), process.env["PATH"] ?? ""].join(delimiter),
    HOME: directory,
    GIT_CONFIG_NOSYSTEM: "1",
  };
  for (const name of ["tls", "ssh", "gpg", "gpg-source", "tmp"])
    await mkdir(join(directory, name), { recursive: true, mode: 0o700 });
  const run = (name: string, args: readonly string[]) =>
    programs.start(name, built.argocd, args, { ...env, ARGOCD_BINARY_NAME: name });

  const redisServer = await findRedis();
  if (redisServer === null) throw new Error("Argo CD needs a redis-server, and there is none");
  const forgetful = ["--save", "", "--appendonly", "no"];
  programs.start("redis", redisServer, [
    "--bind",
    "127.0.0.1",
    "--port",
    String(redis),
    ...forgetful,
  ]);
  const shared = [`--redis=127.0.0.1:${redis}`];
  const repoServer = `127.0.0.1:${repo}`;
  run("argocd-repo-server", [
    ...shared,
    "--address=127.0.0.1",
    `--port=${repo}`,
    "--metrics-address=127.0.0.1",
    `--metrics-port=${metrics[0]}`,
  ]);
  run("argocd-server", [
    ...shared,
    `--repo-server=${repoServer}`,
    "--insecure",
    "--address=127.0.0.1",
    `--port=${server}`,
    "--metrics-address=127.0.0.1",
    `--metrics-port=${metrics[1]}`,
    "--dex-server=http://127.0.0.1:1",
  ]);
  run("argocd-application-controller", [
    ...shared,
    `--repo-server=${repoServer}`,
    `--metrics-port=${metrics[2]}`,
  ]);
  run("argocd-applicationset-controller", [
    `--argocd-repo-server=${repoServer}`,
    `--metrics-addr=127.0.0.1:${sets[0]}`,
    `--probe-addr=127.0.0.1:${sets[1]}`,
    `--webhook-addr=127.0.0.1:${sets[2]}`,
    "--enable-new-git-file-globbing",
    "--enable-progressive-syncs",
  ]);

  const url = `http://127.0.0.1:${server}`;
  await until("Argo CD's API", async () => (await fetch(`${url}/healthz`)).ok);
  return url;
}

async function makeToken(cluster: Cluster, url: string): Promise<string> {
  const secret = await cluster.kubectl([
    "get",
    "secret",
    "argocd-initial-admin-secret",
    "-o=jsonpath={.data.password}",
  ]);
  const password = Buffer.from(secret, "base64").toString("utf8");
  const { token: admin } = await post<{ token: string }>(`${url}/api/v1/session`, {
    username: "admin",
    password,
  });
  const { token } = await post<{ token: string }>(
    `${url}/api/v1/account/sluice/token`,
    { expiresIn: 0 },
    admin,
  );
  return token;
}

function relativeTo(directory: string) {
  const up = directory
    .split("/")
    .slice(1)
    .map(() => "..")
    .join("/");
  return (path: string) => `${up}${path}`;
}

async function post<T>(url: string, body: unknown, token?: string): Promise<T> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
