import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";

/** What Helm's own reader made of one document. */
export type HelmAnswer = { values: Record<string, unknown> | null; error?: string };

/** `skip` says why there is no reader on this machine. */
type HelmReader =
  | { kind: "reader"; read: (documents: readonly string[]) => HelmAnswer[] }
  | { kind: "skip"; reason: string };

/**
 * Builds `main.go`, which reads values with the very library that Helm uses, once per content.
 *
 * Only a missing `go` or modules that cannot be had are a reason to skip; that it does not compile is a failure.
 */
export function buildHelmReader(): HelmReader {
  const sources = ["main.go", "go.mod", "go.sum"].map((name) => join(import.meta.dirname, name));
  const hash = createHash("sha256");
  for (const source of sources) hash.update(readFileSync(source));
  const cache = join(import.meta.dirname, "../../../node_modules/.cache/values-go");
  const program = join(cache, hash.digest("hex").slice(0, 16));
  if (!existsSync(program)) {
    const modules = go("mod", "download");
    if (modules.error) return { kind: "skip", reason: "there is no `go` on this machine" };
    if (modules.status !== 0) {
      return { kind: "skip", reason: `Go modules cannot be had: ${modules.stderr.trim()}` };
    }
    mkdirSync(cache, { recursive: true });
    const built = go("build", "-o", `${program}.${process.pid}`, ".");
    if (built.status !== 0) throw new Error(`values-go does not build: ${built.stderr}`);
    renameSync(`${program}.${process.pid}`, program);
  }
  return { kind: "reader", read: (documents) => ask(program, documents) };
}

/** The `go` to use; without network it gives up soon, and a newer toolchain is never fetched. */
const compiler = process.env["GO"] ?? "go";

function go(...parameters: string[]) {
  return spawnSync(compiler, parameters, {
    cwd: import.meta.dirname,
    encoding: "utf8",
    env: { ...process.env, GOFLAGS: "-mod=readonly", GOTOOLCHAIN: "local" },
    timeout: 120_000,
  });
}

function ask(program: string, documents: readonly string[]): HelmAnswer[] {
  const input = documents.map((document) => `${JSON.stringify(document)}\n`).join("");
  const run = spawnSync(program, { input, encoding: "utf8", maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(`values-go failed: ${run.stderr}`);
  const answers = run.stdout.trim().split("\n");
  if (answers.length !== documents.length) throw new Error("values-go lost an answer");
  return answers.map((line) => JSON.parse(line) as HelmAnswer);
}
