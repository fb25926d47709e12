import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/**
 * The path of a `redis-server`: the one on this machine, else one from Debian's packages where that can be installed
 * without asking anybody. Null where there is none to be had.
 */
export async function findRedis(): Promise<string | null> {
  const found = await which();
  if (found !== null || process.getuid?.() !== 0) return found;
  process.stdout.write("No redis-server here: installing Debian's package …\n");
  try {
    await execute("apt-get", ["update", "-qq"], { timeout: 120_000 });
    await execute("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "redis-server"], {
      timeout: 240_000,
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  } catch {
    return null;
  }
  return which();
}

async function which(): Promise<string | null> {
  try {
    const { stdout } = await execute("sh", ["-c", "command -v redis-server"]);
    return stdout.trim() === "" ? null : stdout.trim();
  } catch {
    return null;
  }
}
