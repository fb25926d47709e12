import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** The path of a program that this machine has, or null; whoever needs it says what is skipped. */
export async function findOnPath(name: string): Promise<string | null> {
  try {
    const { stdout } = await execute("sh", ["-c", 'command -v "$0"', name]);
    return stdout.trim() === "" ? null : stdout.trim();
  } catch {
    return null;
  }
}
