import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { exists, findGoTool, goToolPath } from "../find-go-tool.ts";

const execute = promisify(execFile);

/**
 * The newest Argo CD that Go's module proxy has whole: later ones replace their engine by a folder that is no part of
 * the module.
 */
const argocd = { name: "argocd", version: "v3.2.11" };
/** The Kubernetes that this Argo CD is built for, and the version of its libraries. */
const kube = { name: "kube", version: "v1.34.0", libraries: "v0.34.0" };
const etcd = { name: "etcd", version: "v3.6.5" };
const helm = { module: "helm.sh/helm/v3/cmd/helm", name: "helm", version: "v3.19.0" };

/** Paths of programs, and the folder with Argo CD's manifests. */
export type Built = {
  readonly argocd: string;
  readonly kube: string;
  readonly etcd: string;
  readonly helm: string;
  readonly manifests: string;
};

/** Builds what is not there yet, into the user's cache: a quarter of an hour on four cores, once. */
export async function buildAll(): Promise<Built> {
  const source = await download(`github.com/argoproj/argo-cd/v3@${argocd.version}`);
  const built = {
    etcd: await once(etcd, buildEtcd),
    kube: await once(kube, buildKube),
    argocd: await once(argocd, (folder, program) => buildArgocd(source, folder, program)),
    helm: await findGoTool(helm),
  };
  if (built.helm === null) throw new Error("there is no Helm 3, and Argo CD renders charts by it");
  return { ...built, helm: built.helm, manifests: join(source, "manifests") };
}

async function once(
  tool: { readonly name: string; readonly version: string },
  build: (folder: string, program: string) => Promise<void>,
): Promise<string> {
  const program = goToolPath(tool);
  if (await exists(program)) return program;
  process.stdout.write(`Building ${tool.name} ${tool.version} …\n`);
  await mkdir(dirname(program), { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), `build-${tool.name}-`));
  try {
    await build(folder, program);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return program;
}

/** Its metrics listen on every address, whatever is said: here on loopback alone. Nothing else is changed. */
async function buildArgocd(source: string, folder: string, program: string): Promise<void> {
  await cp(source, folder, { recursive: true });
  await execute("chmod", ["-R", "u+w", folder]);
  for (const file of [
    "controller/appcontroller.go",
    "cmd/argocd-notification/commands/controller.go",
  ]) {
    const path = join(folder, file);
    const text = await readFile(path, "utf8");
    if (!text.includes('"0.0.0.0:%d"')) throw new Error(`${file} listens otherwise than known`);
    await writeFile(path, text.replaceAll('"0.0.0.0:%d"', '"127.0.0.1:%d"'));
  }
  const version = `github.com/argoproj/argo-cd/v3/common.version=${argocd.version.slice(1)}`;
  await goBuild(folder, program, { what: "./cmd", flags: `-w -X ${version}` });
}

async function buildEtcd(folder: string, program: string): Promise<void> {
  await writeFile(
    join(folder, "main.go"),
    'package main\n\nimport (\n\t"os"\n\n\t"go.etcd.io/etcd/server/v3/etcdmain"\n)\n\nfunc main() { etcdmain.Main(os.Args) }\n',
  );
  const required = `require go.etcd.io/etcd/server/v3 ${etcd.version}`;
  await writeFile(join(folder, "go.mod"), `module etcd\n\ngo 1.24\n\n${required}\n`);
  await execute("go", ["mod", "tidy"], { cwd: folder });
  await goBuild(folder, program);
}

/** The API server and the controller manager as one program. Kubernetes replaces its libraries by folders that are modules of their own. */
async function buildKube(folder: string, program: string): Promise<void> {
  const source = await download(`k8s.io/kubernetes@${kube.version}`);
  const mod = (await readFile(join(source, "go.mod"), "utf8"))
    .replace(/^module .*/m, `module kube\n\nrequire k8s.io/kubernetes ${kube.version}`)
    .replaceAll(/(k8s\.io\/[a-z-]+) => \.\/staging\/.*/g, `$1 => $1 ${kube.libraries}`);
  await writeFile(join(folder, "go.mod"), mod);
  await cp(join(source, "go.sum"), join(folder, "go.sum"));
  await cp(join(import.meta.dirname, "kube.go.txt"), join(folder, "main.go"));
  await execute("chmod", ["-R", "u+w", folder]);
  const [major = "", minor = ""] = kube.version.slice(1).split(".");
  const at = "k8s.io/component-base/version";
  const told = { gitVersion: kube.version, gitMajor: major, gitMinor: minor };
  const flags = Object.entries(told).map(([name, value]) => `-X ${at}.${name}=${value}`);
  await goBuild(folder, program, { flags: `-w ${flags.join(" ")}` });
}

async function download(module: string): Promise<string> {
  const { stdout } = await execute("go", ["mod", "download", "-json", module]);
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}

async function goBuild(
  folder: string,
  program: string,
  { what = ".", flags = "-w" }: { readonly what?: string; readonly flags?: string } = {},
): Promise<void> {
  await execute("go", ["build", "-mod=mod", "-trimpath", "-ldflags", flags, "-o", program, what], {
    cwd: folder,
    maxBuffer: 64 * 1024 * 1024,
  });
}
