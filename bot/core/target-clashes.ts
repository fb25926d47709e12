import { quoted } from "./nearest.ts";
import { findEnvironment, findService, type Policy } from "./policy.ts";
import type { ReportTarget } from "./target-problem.ts";
import type { Target } from "./target.ts";

type Place = Omit<Target, "ring">;

/** Leaves out targets that share an application or a place in a file and are not the same tenant's. */
export function withoutClashes(
  policy: Policy,
  targets: readonly Place[],
  report: ReportTarget,
): Place[] {
  const applications = new Map<string, Owners>();
  const places = new Map<string, Owners>();
  const keyed = targets.map((target) => {
    const instance = findEnvironment(policy, target.environment)?.argocd ?? "";
    const tag = findService(policy, target.service)?.values.tag ?? "";
    return {
      target,
      owners: own(
        applications,
        `${instance} ${target.application}`,
        `${target.tenant}/${target.environment}`,
      ),
      readers: own(places, `${target.file} ${tag}`, target.service),
    };
  });
  return keyed.flatMap(({ target, owners, readers }) => {
    if (owners.length > 1) {
      const sentence = `the application ${quoted(target.application)} would belong to ${owners.slice(0, 3).join(" and ")}: tell them apart in "application"`;
      report(target.file, "same-application", sentence);
    } else if (readers.length > 1) {
      const sentence = `the services ${readers.slice(0, 3).join(" and ")} read the same place of this file: give each a place of its own`;
      report(target.file, "same-place", sentence);
    } else {
      return [target];
    }
    return [];
  });
}

type Owners = string[];

/** Notes an owner of a key; gives the list that all owners of the key share. */
function own(all: Map<string, Owners>, key: string, owner: string): readonly string[] {
  const owners = all.get(key);
  if (owners === undefined) {
    const first = [owner];
    all.set(key, first);
    return first;
  }
  if (!owners.includes(owner)) owners.push(owner);
  return owners;
}
