import { coerce, gte } from "semver";

/**
 * Known holes that a promotion bot's token or repository opens, and the first version of each line without them. A
 * line before the first has the hole, one after the last has not.
 */
const holes = [
  {
    what: "a project token can read repository credentials (CVE-2025-55190)",
    mended: ["2.13.9", "2.14.16", "3.0.13", "3.1.2"],
  },
  {
    what: "a repository can run commands in the repo-server (CVE-2026-113708)",
    mended: ["3.3.15", "3.4.10"],
  },
];

/** What is wrong with this version of Argo CD; null where nothing is known, or no version was told. */
export function versionProblem(text: string): string | null {
  const version = coerce(text);
  if (version === null) return null;
  const open = holes.filter(({ mended }) => {
    const line = mended.find((fixed) => fixed.startsWith(`${version.major}.${version.minor}.`));
    const limit = line ?? mended[0] ?? "0.0.0";
    const newer = line === undefined && gte(version, mended.at(-1) ?? "0.0.0");
    return !newer && !(line !== undefined && gte(version, limit));
  });
  if (open.length === 0) return null;
  return `runs ${version.version}, in which ${open.map(({ what }) => what).join(", and ")}: upgrade it.`;
}
