import { must, type Run, words } from "./run.ts";

/** Name of its container, which is also its host name among the cluster's nodes. */
const container = "sluice-registry";
/** Where it is on this machine. */
export const registryHost = "localhost:5001";
const image = "registry:3@sha256:1be55279f18a2fe1a74edf2664cac61c1bea305b7b4642dab412e7affdcb3e33";

export async function startRegistry(run: Run): Promise<void> {
  const state = await run(words(`docker inspect --format {{.State.Running}} ${container}`));
  const published = "--publish 127.0.0.1:5001:5000 --restart unless-stopped";
  if (state.code !== 0)
    await must(run, words(`docker run --detach --name ${container} ${published} ${image}`));
  else if (state.out.trim() !== "true") await must(run, words(`docker start ${container}`));
}

/**
 * Lets every node ask the local registry first for an image of this host, and the host itself for what is not there: so
 * an image runs under the name that stands in Git, wherever it was pushed.
 */
export async function useRegistry(run: Run, nodes: readonly string[], host: string): Promise<void> {
  const format = "{{json .NetworkSettings.Networks}}";
  const joined = await must(run, words("docker inspect --format", format, container));
  if (!("kind" in (JSON.parse(joined) as object)))
    await must(run, words(`docker network connect kind ${container}`));
  const file = `/etc/containerd/certs.d/${host}/hosts.toml`;
  const write = `mkdir -p "$(dirname ${file})" && cat > ${file}`;
  for (const node of nodes)
    await must(run, words(`docker exec --interactive ${node} sh -c`, write), {
      input: hostsFile(host),
    });
}

/** containerd's own form, docs/hosts.md there. */
export function hostsFile(host: string): string {
  return [
    `server = "https://${host}"`,
    "",
    `[host."http://${container}:5000"]`,
    '  capabilities = ["pull", "resolve"]',
    "",
  ].join("\n");
}

export async function removeRegistry(run: Run): Promise<void> {
  const there = await run(words(`docker inspect --format {{.Id}} ${container}`));
  if (there.code === 0) await must(run, words(`docker rm --force --volumes ${container}`));
}
