import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const mebibyte = 1024 * 1024;

/** Resident memory of a process and the most that it ever had, MiB. The latter is null where only `ps` can tell. */
export function residentMemory(pid: number): { now: number; most: number | null } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return { now: kilobytes(status, "VmRSS"), most: kilobytes(status, "VmHWM") };
  } catch {
    const text = execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" });
    return { now: (Number(text) * 1024) / mebibyte, most: null };
  }
}

function kilobytes(status: string, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status);
  if (match === null) throw new Error(`the system does not tell ${name}`);
  return (Number(match[1]) * 1024) / mebibyte;
}
