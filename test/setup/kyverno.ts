import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";

import { exists, goToolPath } from "./find-go-tool.ts";
import { findOnPath } from "./find-on-path.ts";

const execute = promisify(execFile);
/** The Kyverno that the chart of gitops/argocd/apps/kyverno.yaml installs. */
const kyverno = { name: "kyverno", version: "v1.19.0" };

/** The Kyverno CLI of this machine, or the one that was built here; null where there is neither. */
export async function findKyverno(): Promise<string | null> {
  const built = goToolPath(kyverno);
  return (await findOnPath(kyverno.name)) ?? ((await exists(built)) ? built : null);
}

/**
 * Builds it from Go's module proxy, whose checksums Go itself verifies. `go install` refuses a module that replaces
 * another, so it is built in the module's own folder. Minutes on four cores: done only when it is asked for.
 */
async function buildKyverno(): Promise<string> {
  const program = goToolPath(kyverno);
  if (await exists(program)) return program;
  await mkdir(dirname(program), { recursive: true });
  const module = `github.com/kyverno/kyverno@${kyverno.version}`;
  const { stdout } = await execute("go", ["mod", "download", "-json", module]);
  const { Dir: folder } = JSON.parse(stdout) as { Dir: string };
  await execute("go", ["build", "-trimpath", "-o", program, "./cmd/cli/kubectl-kyverno"], {
    cwd: folder,
    // Its symbols for debuggers are a third of it.
    env: { ...process.env, GOFLAGS: "-ldflags=-w" },
    maxBuffer: 64 * 1024 * 1024,
  });
  return program;
}

// `node test/setup/kyverno.ts` builds it, once.
if (process.argv[1] === import.meta.filename) process.stdout.write(`${await buildKyverno()}\n`);
