import { execFileSync } from "node:child_process";

/**
 * Which parts of the repository a change touches: job outputs of ci.yml, `name=value`, one a line.
 *
 *   node .github/changed-parts.ts <base> <head>
 *
 * A workflow that is kept from running by a path filter never reports its required checks, and the pull request hangs;
 * so every workflow runs, and its jobs ask here what there is for them to do.
 */
export type Parts = {
  /** Anything but tenants' values: all tests and scans run. */
  readonly code: boolean;
  /** Tenants' values: they are rendered and validated. */
  readonly values: boolean;
  /** Images whose content may have changed. */
  readonly images: readonly string[];
};

const values = /^gitops\/tenants\//;
const bothImages =
  /^(package(-lock)?\.json|\.npmrc|\.dockerignore|\.github\/workflows\/image\.yml)$/;

/** No path at all is no answer, and then everything is looked at. */
export function partsOf(paths: readonly string[]): Parts {
  if (paths.length === 0) return { code: true, values: true, images: ["tenant-service", "sluice"] };
  const some = (matches: (path: string) => boolean): boolean => paths.some(matches);
  const both = some((path) => bothImages.test(path));
  return {
    code: some((path) => !values.test(path)),
    values: some((path) => values.test(path)),
    images: [
      ...(both || some((path) => isIn(path, "service/")) ? ["tenant-service"] : []),
      ...(both || some((path) => isIn(path, "bot/") || path === "Dockerfile") ? ["sluice"] : []),
    ],
  };
}

/** What differs between the two; nothing, and so everything, where Git cannot tell: a new branch, a forced push. */
export function changedPaths(base: string, head: string): readonly string[] {
  if (![base, head].every((name) => /^[0-9a-f]{40}$/.test(name))) return [];
  try {
    // Renamed files count under both names.
    const args = ["diff", "--name-only", "--no-renames", "-z", base, head, "--"];
    const out = execFileSync("git", args, {
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
      stdio: ["ignore", "pipe", "ignore"],
    });
    return out.split("\0").filter((path) => path !== "");
  } catch {
    return [];
  }
}

function isIn(path: string, folder: string): boolean {
  return path.startsWith(folder) && !path.endsWith(".md");
}

if (import.meta.main) {
  const [base = "", head = ""] = process.argv.slice(2);
  const { code, values, images } = partsOf(changedPaths(base, head));
  process.stdout.write(`code=${code}\nvalues=${values}\nimages=${JSON.stringify(images)}\n`);
}
