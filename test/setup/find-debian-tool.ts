import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { findOnPath } from "./find-on-path.ts";

const execute = promisify(execFile);

/** A program and the package of Debian that brings it. */
export type DebianTool = { readonly name: string; readonly package: string };

/**
 * The path of a program: the one on this machine, else one from Debian's packages where that can be installed without
 * asking anybody. Null where there is none to be had; whoever needs it says what is skipped.
 */
export async function findDebianTool(tool: DebianTool): Promise<string | null> {
  const found = await findOnPath(tool.name);
  if (found !== null || process.getuid?.() !== 0) return found;
  process.stdout.write(`No ${tool.name} here: installing Debian's package ${tool.package} …\n`);
  try {
    await execute("apt-get", ["update", "-qq"], { timeout: 120_000 });
    await execute("apt-get", ["install", "-y", "-qq", "--no-install-recommends", tool.package], {
      timeout: 240_000,
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  } catch {
    return null;
  }
  return findOnPath(tool.name);
}
