import { isName, nameRule } from "./name.ts";
import { quoted } from "./nearest.ts";
import {
  compilePathTemplate,
  matchPath,
  matchPathLoosely,
  type PathNames,
  type PathTemplate,
  renderTemplate,
} from "./path-template.ts";
import { findEnvironment, type Policy, type ServicePolicy } from "./policy.ts";
import { withoutClashes } from "./target-clashes.ts";
import type { ReportTarget, TargetProblem } from "./target-problem.ts";
import type { Target } from "./target.ts";

/** A file of a commit, as far as it matters here; `mode` is Git's: `100644`. */
export type TreeFile = { readonly path: string; readonly mode: string };

/** A target whose ring is not known yet: it may depend on what its file holds (`place-in-rings.ts`). */
export type FoundTarget = Omit<Target, "ring">;

export type FoundTargets = {
  /** By service, then as the files came. */
  readonly targets: readonly FoundTarget[];
  readonly problems: readonly TargetProblem[];
};

const regularModes = new Set(["100644", "100755"]);
/** Names that a checkout on Windows cannot hold. */
const reservedByWindows = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])$/;

/**
 * Finds each tenant's values files by the paths of the policy. A path that names an environment which the policy does
 * not have is no target; whatever else comes near a target without being one is a problem.
 */
export function findTargets(policy: Policy, files: Iterable<TreeFile>): FoundTargets {
  const problems = new Map<string, TargetProblem>();
  const report: ReportTarget = (file, reason, sentence) => {
    problems.set(`${reason} ${file}`, { file, reason, sentence });
  };
  const all = [...files];
  const found = new Map<string, readonly Match[]>();
  const targets: FoundTarget[] = [];
  for (const service of policy.services) {
    const { file: template } = service.values;
    const matches =
      found.get(template) ?? findFiles(compilePathTemplate(template), all, policy, report);
    found.set(template, matches);
    targets.push(...targetsOf(policy, service, matches));
  }
  const alone = withoutClashes(policy, targets, report);
  return { targets: alone, problems: [...problems.values()] };
}

type Match = PathNames & { readonly file: string };

/** The files of one template whose names are right, links and colliding spellings apart. */
function findFiles(
  template: PathTemplate,
  files: readonly TreeFile[],
  policy: Policy,
  report: ReportTarget,
): Match[] {
  const matches: Match[] = [];
  const spellings = new Map<string, Set<string>>();
  for (const { path, mode } of files) {
    const regular = regularModes.has(mode);
    if (!regular && standsInTheWay(template, path, policy)) {
      report(
        path,
        "not-a-file",
        `${quoted(path)} is a link or a submodule: replace it by what it points to`,
      );
    }
    const names = regular ? namesOf(template, path, policy, report) : null;
    if (names === null) continue;
    const folded = names.tenant.toLowerCase();
    spellings.set(folded, (spellings.get(folded) ?? new Set()).add(names.tenant));
    matches.push({ ...names, file: path });
  }
  return matches.filter(({ tenant, file }) => {
    const others = spellings.get(tenant.toLowerCase()) ?? new Set();
    if (others.size > 1) {
      const list = [...others].map(quoted).join(", ");
      report(
        file,
        "case-collision",
        `these tenants differ only in case (${list}): rename all but one`,
      );
    } else if (!isName(tenant)) {
      report(file, "tenant-name", `${quoted(tenant)} is no name of a tenant: ${nameRule}`);
    } else if (reservedByWindows.test(tenant)) {
      report(
        file,
        "tenant-name",
        `${quoted(tenant)} is a reserved file name on Windows: rename the tenant`,
      );
    } else {
      return true;
    }
    return false;
  });
}

/** The names in a path; the tenant's may still be wrong. Null for paths that are none of ours. */
function namesOf(
  template: PathTemplate,
  path: string,
  policy: Policy,
  report: ReportTarget,
): PathNames | null {
  const names = matchPath(template, path) ?? matchPathLoosely(template, path);
  if (names === null || findEnvironment(policy, names.environment) !== undefined) return names;
  const meant = findEnvironment(policy, names.environment.toLowerCase());
  if (meant !== undefined) {
    const sentence = `${quoted(names.environment)} is no environment: write it in lower case, "${meant.name}"`;
    report(path, "environment-name", sentence);
  }
  return null;
}

/** A link or submodule in place of a values file, or of a folder on the way to one. */
function standsInTheWay(template: PathTemplate, path: string, policy: Policy): boolean {
  const names = matchPathLoosely(template, path);
  if (names !== null) return findEnvironment(policy, names.environment) !== undefined;
  const parts = path.split("/");
  if (parts.length >= template.segments.length) return false;
  return parts.every((part, index) => template.segments[index]?.test(part) ?? false);
}

function* targetsOf(
  policy: Policy,
  service: ServicePolicy,
  matches: readonly Match[],
): Generator<FoundTarget> {
  for (const { file, tenant, environment: name } of matches) {
    if (findEnvironment(policy, name) === undefined) continue;
    const application = renderTemplate(service.application, { tenant, environment: name });
    yield { environment: name, service: service.name, tenant, file, application };
  }
}
