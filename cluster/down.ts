import { removeRegistry } from "./registry.ts";
import { must, type Run, words } from "./run.ts";
import { clusterName } from "./up.ts";

/** Takes everything away that `up` made; where there is nothing, nothing happens. */
export async function down(run: Run, say: (line: string) => void): Promise<void> {
  await must(run, words(`kind delete cluster --name ${clusterName}`));
  await removeRegistry(run);
  say("Cluster and registry are gone.");
}
