import { mkdtemp, readFile, readdir, rm, writeFile, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";

import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");

/** Which layers a layer may import. `main.ts` and the other files beside it join everything. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  core: ["core"],
  ports: ["core", "ports"],
  flow: ["core", "ports", "flow"],
  adapters: ["core", "ports", "adapters"],
};
const purePackages = ["yaml", "zod", "semver", "fastest-levenshtein", "temporal-polyfill"];
/** Hashing is pure; it is the one thing of Node's that core needs, and only for ids. */
const pureBuiltins: Readonly<Record<string, readonly string[]>> = {
  "bot/core/promotion-id.ts": ["node:crypto"],
};
const mostLines = 300;

describe("architecture", () => {
  it("keeps the layers apart, core pure and files small", async () => {
    const { files, problems } = await inspect(root, ["bot", "service", "test"]);
    expect(files).toBeGreaterThan(50);
    expect(problems).toEqual([]);
  });

  it("catches planted violations", async () => {
    const planted = await mkdtemp(join(tmpdir(), "sluice-architecture-"));
    await write(planted, "bot/core/a.ts", 'import { b } from "#flow/b.ts";\nexport const a = b;\n');
    await write(
      planted,
      "bot/core/c.ts",
      'import fs from "node:fs";\nexport const c = [fs, new Date()];\n',
    );
    await write(
      planted,
      "bot/flow/b.ts",
      'import { d } from "../adapters/d.ts";\nexport const b = d;\n',
    );
    await write(planted, "bot/adapters/d.ts", "export {};\n".repeat(mostLines + 1));
    await write(planted, "bot/core/utils.ts", "export const now = Date.now();\n");
    const { problems } = await inspect(planted, ["bot"]);
    await rm(planted, { recursive: true });
    expect(problems.toSorted()).toEqual([
      "bot/adapters/d.ts has 301 lines; 300 are the most",
      "bot/core/a.ts (core) imports #flow/b.ts (flow)",
      "bot/core/c.ts imports node:fs: core is pure",
      "bot/core/c.ts uses a clock or chance: pass it in",
      "bot/core/utils.ts uses a clock or chance: pass it in",
      "bot/core/utils.ts: a drawer, not a name",
      "bot/flow/b.ts (flow) imports ../adapters/d.ts (adapters)",
    ]);
  });
});

async function inspect(
  top: string,
  folders: readonly string[],
): Promise<{ files: number; problems: string[] }> {
  const problems: string[] = [];
  let files = 0;
  for (const folder of folders)
    for (const entry of await readdir(join(top, folder), {
      recursive: true,
      withFileTypes: true,
    })) {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile() || !path.endsWith(".ts") || path.includes("/fixtures/")) continue;
      files += 1;
      problems.push(...inspectFile(top, relative(top, path), await readFile(path, "utf8")));
    }
  return { files, problems };
}

function inspectFile(top: string, path: string, text: string): string[] {
  const problems: string[] = [];
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  if (lines > mostLines) problems.push(`${path} has ${lines} lines; ${mostLines} are the most`);
  if (/(^|\/)(utils?|helpers?|common|misc)(\.ts|\/)/.test(path))
    problems.push(`${path}: a drawer, not a name`);
  const layer = layerOf(path);
  if (layer === null) return problems;
  for (const imported of importsOf(text)) {
    const target = targetOf(top, path, imported);
    if (target !== null && !allowed[layer]?.includes(target))
      problems.push(`${path} (${layer}) imports ${imported} (${target})`);
    const isPackage = !imported.startsWith("#") && !imported.startsWith(".");
    const fine = [...purePackages, ...(pureBuiltins[path] ?? [])].includes(imported);
    if (isPackage && layer === "core" && !fine)
      problems.push(`${path} imports ${imported}: core is pure`);
    if (isPackage && (layer === "ports" || layer === "flow"))
      problems.push(`${path} imports ${imported}: only adapters know packages`);
  }
  if (layer === "core" && /new Date\(\)|Date\.now\(|Math\.random\(|process\./.test(text))
    problems.push(`${path} uses a clock or chance: pass it in`);
  if (layer === "flow" && /new Date\(\)|Date\.now\(|setTimeout\(/.test(text))
    problems.push(`${path} uses a clock of its own: ask the port`);
  return problems;
}

function importsOf(text: string): readonly string[] {
  const pattern =
    /(?:^|\n)(?:import|export)\s+(?:type\s+)?(?:[\w*{][^;"'=(]*?\sfrom\s+)?["']([^"']+)["']/g;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? "");
}

function layerOf(path: string): string | null {
  return /^bot\/(core|ports|flow|adapters)\//.exec(path)?.[1] ?? null;
}

function targetOf(top: string, path: string, imported: string): string | null {
  if (imported.startsWith("#")) return /^#([a-z]+)\//.exec(imported)?.[1] ?? null;
  if (!imported.startsWith(".")) return null;
  return layerOf(relative(top, resolve(top, dirname(path), imported)));
}

async function write(top: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(top, path)), { recursive: true });
  await writeFile(join(top, path), text);
}
