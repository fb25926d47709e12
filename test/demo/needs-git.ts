import { spawnSync } from "node:child_process";

/** The simulated GitHub merges with `git merge-tree --write-tree`, which came with this one. */
const oldest = [2, 38] as const;

/** Why the demo cannot run with the Git that is here; null when it can. */
export function gitProblem(): string | null {
  const { stdout } = spawnSync("git", ["--version"], { encoding: "utf8" });
  return judgeGit(typeof stdout === "string" ? stdout : "");
}

/** Judges what `git --version` says; empty where there is none. */
export function judgeGit(said: string): string | null {
  const wanted = `Install Git ${oldest.join(".")} or newer, and try again.`;
  const [, major = "", minor = ""] = /(\d+)\.(\d+)/.exec(said) ?? [];
  if (major === "") return `There is no Git here, and the simulated GitHub needs one. ${wanted}`;
  const isEnough = Number(major) > oldest[0] || Number(minor) >= oldest[1];
  if (isEnough && Number(major) >= oldest[0]) return null;
  return `Git ${major}.${minor} is too old for the simulated GitHub. ${wanted}`;
}
