import { toolProblems } from "./needed-tools.ts";
import { registryHost, startRegistry, useRegistry } from "./registry.ts";
import { must, type Run, StepError, words } from "./run.ts";
import { type Tree, treeProblems } from "./tree.ts";

export const clusterName = "sluice";
/** Never whatever cluster kubectl happens to look at. */
export const kubectl = `kubectl --context kind-${clusterName}`;

export type UpDeps = {
  readonly run: Run;
  readonly tree: Tree;
  readonly say: (line: string) => void;
};

/** Each step finds what an earlier run left, so that it can be run again after whatever went wrong. */
export async function up({ run, tree, say }: UpDeps): Promise<void> {
  const problems = [...(await toolProblems(run)), ...treeProblems(tree)];
  if (problems.length > 0) throw new StepError(problems.join("\n"));

  say("The local registry …");
  await startRegistry(run);

  say("The cluster: one control plane, two workers …");
  const clusters = lines(await must(run, words("kind get clusters")));
  if (!clusters.includes(clusterName)) {
    const create = `kind create cluster --name ${clusterName} --config cluster/kind.yaml`;
    await must(run, words(`${create} --wait 180s`), { within: 600 });
  }
  const nodes = lines(await must(run, words(`kind get nodes --name ${clusterName}`)));
  await useRegistry(run, nodes, hostOf(tree));

  const pushed: string[] = [];
  for (const { image, dockerfile } of tree.images) {
    say(`${image}, built and pushed …`);
    pushed.push(await push(run, image, dockerfile));
  }

  say("Argo CD …");
  const apply = `${kubectl} apply --server-side --force-conflicts`;
  await must(run, words(`${apply} -k gitops/argocd/install`), { within: 180 });
  const wait = `${kubectl} --namespace argocd wait --timeout 300s`;
  const available = "deployment --all --for condition=Available";
  await must(run, words(`${wait} ${available}`), { within: 330 });

  say(`All that ${tree.repository} holds …`);
  await must(run, words(`${apply} -f gitops/argocd/root.yaml`));
  // That it could read the tree. To be in sync takes longer, and needs secrets that people bring.
  const read = "application/root --for jsonpath={.status.sync.revision}";
  await must(run, words(`${wait} ${read}`), { within: 330 });

  say("\nIt stands, and Argo CD goes on. These images are in the local registry; their tags and");
  say("digests go into gitops/tenants/*/*.yaml and gitops/sluice/values.yaml:\n");
  for (const image of pushed) say(`  ${image}`);
  say("\nHow far it is: npm run cluster -- verify");
}

/** The image's name as it stands in Git, with tag and digest. */
async function push(run: Run, image: string, dockerfile: string): Promise<string> {
  const revision = (await must(run, words("git rev-parse HEAD"))).trim();
  const tag = `sha-${revision.slice(0, 12)}`;
  const local = `${registryHost}/${image.split("/").slice(1).join("/")}:${tag}`;
  const label = `--label org.opencontainers.image.revision=${revision}`;
  const build = `docker build --file ${dockerfile} --tag ${local} ${label} .`;
  await must(run, words(build), { within: 600 });
  const said = await must(run, words(`docker push ${local}`), { within: 300 });
  const digest = /\bdigest: (sha256:[0-9a-f]{64})\b/.exec(said)?.[1];
  if (digest === undefined)
    throw new StepError(`docker push ${local} named no digest; it said:\n${said.trim()}`);
  return `${image}:${tag}@${digest}`;
}

function hostOf({ images }: Tree): string {
  return images[0]?.image.split("/")[0] ?? "";
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
