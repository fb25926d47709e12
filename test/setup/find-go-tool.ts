import { execFile } from "node:child_process";
import { access, mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);
/** A first build of a large tool on a small machine. */
const buildTimeoutMs = 15 * 60_000;

/** A program that Go's module proxy has: `{ module: "helm.sh/helm/v4/cmd/helm", version: "v4.2.1", name: "helm" }`. */
export type GoTool = { readonly module: string; readonly version: string; readonly name: string };

/** Where a tool of a version is, once it is built. */
export function goToolPath({ name, version }: Pick<GoTool, "name" | "version">): string {
  return join(cacheHome(), "sluice", "tools", `${name}-${version}`, name);
}

/**
 * The path of a tool at exactly its version: built once into the user's cache, then found there. Null, and said loudly,
 * where there is no Go or no way to the module.
 */
export async function findGoTool({ module, version, name }: GoTool): Promise<string | null> {
  const program = goToolPath({ name, version });
  const directory = dirname(program);
  if (await exists(program)) return program;
  process.stdout.write(`Building ${name} ${version} from the Go module proxy, once …\n`);
  await mkdir(directory, { recursive: true });
  try {
    await execute("go", ["install", `${module}@${version}`], {
      env: { ...process.env, GOBIN: directory, GOFLAGS: "-trimpath" },
      timeout: buildTimeoutMs,
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    const why = error instanceof Error ? error.message.trim().split("\n").at(-1) : String(error);
    process.stdout.write(
      `\n!!! ${name} ${version} could not be had (${why}).\n!!! What it would check is skipped. Install Go 1.24 or newer and run again.\n\n`,
    );
    return null;
  }
  return (await exists(program)) ? program : null;
}

function cacheHome(): string {
  return process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
}

export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
