import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openStage } from "../../stage/stage.ts";
import { startArgocd } from "./argocd.ts";
import { buildAll } from "./build.ts";
import { startCluster } from "./cluster.ts";
import { playKubelet, type PodRule } from "./kubelet.ts";
import { chart, follow } from "./platform.ts";
import { programsIn } from "./programs.ts";

/** A real Argo CD over a real Kubernetes whose pods exist on paper only. */
export type RealArgocd = {
  readonly url: string;
  readonly token: string;
  readonly kubeconfig: string;
  /** What becomes of new pods. */
  setPods(rules: readonly PodRule[]): void;
  /** Has it follow a repository that holds `chart` and the demo's values files. */
  follow(repository: string): Promise<void>;
  stop(): Promise<void>;
};

/** Starts everything on loopback, in a folder of its own; throws where something is missing. */
export async function startRealArgocd(): Promise<RealArgocd> {
  const built = await buildAll();
  const directory = await mkdtemp(join(tmpdir(), "real-argocd-"));
  const programs = programsIn(directory);
  const end = new AbortController();
  let rules: readonly PodRule[] = [];
  let kubelet = Promise.resolve();

  async function stop(): Promise<void> {
    end.abort();
    await kubelet;
    await programs.stop();
    await rm(directory, { recursive: true, force: true });
  }

  try {
    const cluster = await startCluster(programs, built);
    const pods = { rules: () => rules, readyAfterMs: 1_500, signal: end.signal };
    kubelet = playKubelet(cluster, pods);
    const argocd = await startArgocd(programs, cluster, built);
    return {
      ...argocd,
      kubeconfig: cluster.kubeconfig,
      setPods: (next) => {
        rules = next;
      },
      follow: (repository) => follow(cluster, repository),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** `node test/setup/real-argocd/start.ts`: an Argo CD with the demo's tenants, until a signal comes. */
async function main(): Promise<void> {
  const argocd = await startRealArgocd();
  try {
    const stage = await openStage({ withoutBot: true, files: () => chart });
    await argocd.follow(`${stage.github.git}/acme/platform.git`);
    const { url, token, kubeconfig } = argocd;
    process.stdout.write(`${JSON.stringify({ url, token, kubeconfig })}\n`);
    await new Promise<void>((done) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => done());
    });
    await stage.close();
  } finally {
    await argocd.stop();
  }
}

if (process.argv[1] === import.meta.filename) await main();
