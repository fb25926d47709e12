import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { down } from "../../cluster/down.ts";
import { hostsFile } from "../../cluster/registry.ts";
import { readTree, type Tree, treeProblems } from "../../cluster/tree.ts";
import { up } from "../../cluster/up.ts";
import { aMachine, digest, type Machine, type MachineState } from "./a-machine.ts";

const root = resolve(import.meta.dirname, "../..");
const tree: Tree = {
  repository: "https://github.com/mine/sluice.git",
  images: readTree(root).images,
};
const nothing = (): void => undefined;

async function upOn(state: MachineState, said: string[] = []): Promise<Machine> {
  const machine = aMachine(state);
  await up({ run: machine.run, tree, say: (line) => said.push(line) });
  return machine;
}

describe("up", () => {
  it("goes these steps", async () => {
    const { commands } = await upOn({});
    expect(commands.join("\n")).toMatchInlineSnapshot(`
      "docker version --format '{{.Server.Version}}'
      kind version
      kubectl version --client --output json
      docker inspect --format '{{.State.Running}}' sluice-registry
      docker run --detach --name sluice-registry --publish 127.0.0.1:5001:5000 --restart unless-stopped registry:3@sha256:1be55279f18a2fe1a74edf2664cac61c1bea305b7b4642dab412e7affdcb3e33
      kind get clusters
      kind create cluster --name sluice --config cluster/kind.yaml --wait 180s
      kind get nodes --name sluice
      docker inspect --format '{{json .NetworkSettings.Networks}}' sluice-registry
      docker network connect kind sluice-registry
      docker exec --interactive sluice-control-plane sh -c 'mkdir -p "$(dirname /etc/containerd/certs.d/ghcr.io/hosts.toml)" && cat > /etc/containerd/certs.d/ghcr.io/hosts.toml'
      docker exec --interactive sluice-worker sh -c 'mkdir -p "$(dirname /etc/containerd/certs.d/ghcr.io/hosts.toml)" && cat > /etc/containerd/certs.d/ghcr.io/hosts.toml'
      docker exec --interactive sluice-worker2 sh -c 'mkdir -p "$(dirname /etc/containerd/certs.d/ghcr.io/hosts.toml)" && cat > /etc/containerd/certs.d/ghcr.io/hosts.toml'
      git rev-parse HEAD
      docker build --file service/Dockerfile --tag localhost:5001/acme/tenant-service:sha-0123456789ab --label org.opencontainers.image.revision=0123456789abcdef0123456789abcdef01234567 .
      docker push localhost:5001/acme/tenant-service:sha-0123456789ab
      git rev-parse HEAD
      docker build --file Dockerfile --tag localhost:5001/acme/sluice:sha-0123456789ab --label org.opencontainers.image.revision=0123456789abcdef0123456789abcdef01234567 .
      docker push localhost:5001/acme/sluice:sha-0123456789ab
      kubectl --context kind-sluice apply --server-side --force-conflicts -k gitops/argocd/install
      kubectl --context kind-sluice --namespace argocd wait --timeout 300s deployment --all --for condition=Available
      kubectl --context kind-sluice apply --server-side --force-conflicts -f gitops/argocd/root.yaml
      kubectl --context kind-sluice --namespace argocd wait --timeout 300s application/root --for 'jsonpath={.status.sync.revision}'"
    `);
  });

  it("gives each node the file that lets it ask the registry first", async () => {
    const { commands, options } = await upOn({});
    const inputs = commands.flatMap((command, at) =>
      command.startsWith("docker exec") ? options[at]?.input : [],
    );
    expect(inputs).toEqual([hostsFile("ghcr.io"), hostsFile("ghcr.io"), hostsFile("ghcr.io")]);
    expect(hostsFile("ghcr.io")).toMatchInlineSnapshot(`
      "server = "https://ghcr.io"

      [host."http://sluice-registry:5000"]
        capabilities = ["pull", "resolve"]
      "
    `);
  });

  it("says which tag and digest go into Git", async () => {
    const said: string[] = [];
    await upOn({}, said);
    expect(said).toContain(`  ghcr.io/acme/tenant-service:sha-0123456789ab@${digest}`);
    expect(said).toContain(`  ghcr.io/acme/sluice:sha-0123456789ab@${digest}`);
  });

  it("makes nothing twice", async () => {
    const machine = aMachine();
    await up({ run: machine.run, tree, say: nothing });
    const first = machine.commands.splice(0);
    await up({ run: machine.run, tree, say: nothing });
    const made = /^(docker run|docker start|docker network|kind create)/;
    expect(first.filter((command) => made.test(command))).toHaveLength(3);
    expect(machine.commands.filter((command) => made.test(command))).toEqual([]);
    expect(machine.commands).toEqual(first.filter((command) => !made.test(command)));
  });

  it("starts a registry that stands still", async () => {
    const { commands } = await upOn({ registry: "stopped", cluster: true, joined: true });
    expect(commands).toContain("docker start sluice-registry");
    expect(commands.some((command) => command.startsWith("docker run"))).toBe(false);
  });

  it("waits for nothing without end, and touches no other cluster", async () => {
    const { commands, options } = await upOn({});
    const waits = commands.filter((command) => / wait | create cluster /.test(command));
    expect(waits).toHaveLength(3);
    for (const wait of waits) expect(wait).toMatch(/--(timeout|wait) \d+s/);
    for (const [at, command] of commands.entries()) {
      const seconds = Number(/--(?:timeout|wait) (\d+)s/.exec(command)?.[1] ?? 0);
      // What is ended from outside cannot say what it waited for.
      expect(options[at]?.within ?? 120).toBeGreaterThan(seconds);
      if (command.startsWith("kubectl") && !command.startsWith("kubectl version"))
        expect(command).toMatch(/^kubectl --context kind-sluice /);
    }
  });

  it("names everything that is missing, and what to do, before it begins", async () => {
    const machine = aMachine({
      answers: {
        "docker version": { code: 1, err: "Cannot connect to the Docker daemon" },
        "kind version": { code: 127 },
        "kubectl version": { out: '{"clientVersion":{"gitVersion":"v1.30.1"}}' },
      },
    });
    const mine = { ...tree, repository: "https://github.com/acme/sluice.git" };
    await expect(up({ run: machine.run, tree: mine, say: nothing })).rejects
      .toThrowErrorMatchingInlineSnapshot(`
      [StepError: docker does not work: Cannot connect to the Docker daemon
      kind is not installed; v0.31 is needed: go install sigs.k8s.io/kind@v0.31.0, or https://kind.sigs.k8s.io/docs/user/quick-start/
      kubectl is v1.30.1; v1.34, v1.35 or v1.36 is needed: https://kubernetes.io/docs/tasks/tools/
      gitops/argocd/root.yaml still names https://github.com/acme/sluice.git, which is not yours. Replace acme as step 1 of gitops/README.md says, commit and push: Argo CD reads what was pushed, never your working tree]
    `);
    expect(machine.commands).toHaveLength(3);
  });

  it.for([
    ["docker run", { code: 125, err: "port is already allocated" }, "port is already allocated"],
    ["kind create", { code: 1, err: "could not pull" }, "could not pull"],
    ["docker push", { out: "done" }, "named no digest"],
    [
      "kubectl --context kind-sluice --namespace argocd wait",
      { code: 1, err: "timed out" },
      "timed",
    ],
  ] as const)("ends where %s fails, in its words", async ([start, answer, words]) => {
    const machine = aMachine({ answers: { [start]: answer } });
    await expect(up({ run: machine.run, tree, say: nothing })).rejects.toThrow(words);
    expect(machine.commands.at(-1)).toMatch(new RegExp(`^${start}`));
  });
});

describe("down", () => {
  it("takes away what there is, and is content where there is nothing", async () => {
    const machine = await upOn({});
    machine.commands.splice(0);
    const said: string[] = [];
    const say = (line: string): void => void said.push(line);
    await down(machine.run, say);
    await down(machine.run, say);
    expect(machine.commands).toEqual([
      "kind delete cluster --name sluice",
      "docker inspect --format '{{.Id}}' sluice-registry",
      "docker rm --force --volumes sluice-registry",
      "kind delete cluster --name sluice",
      "docker inspect --format '{{.Id}}' sluice-registry",
    ]);
    expect(said).toHaveLength(2);
  });
});

describe("the tree", () => {
  it("is this repository's, and says that acme is nobody's", () => {
    const read = readTree(root);
    expect(read).toEqual({
      repository: "https://github.com/acme/sluice.git",
      images: [
        { image: "ghcr.io/acme/tenant-service", dockerfile: "service/Dockerfile" },
        { image: "ghcr.io/acme/sluice", dockerfile: "Dockerfile" },
      ],
    });
    expect(treeProblems(read)).toHaveLength(1);
    expect(treeProblems({ ...read, repository: "" })).toHaveLength(1);
    expect(treeProblems(tree)).toEqual([]);
  });
});

it("kind makes one control plane and two workers, of one image by its digest", () => {
  const { nodes, ...config } = parse(readFileSync(join(root, "cluster/kind.yaml"), "utf8")) as {
    nodes: readonly { role: string; image: string }[];
  };
  expect(config).toEqual({ kind: "Cluster", apiVersion: "kind.x-k8s.io/v1alpha4" });
  expect(nodes.map(({ role }) => role)).toEqual(["control-plane", "worker", "worker"]);
  const images = new Set(nodes.map(({ image }) => image));
  expect(images.size).toBe(1);
  expect([...images][0]).toMatch(/^kindest\/node:v1\.35\.\d+@sha256:[0-9a-f]{64}$/);
});
