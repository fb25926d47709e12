import { parsePolicy, policyPath } from "#core/policy-parse.ts";
import type { ServicePolicy } from "#core/policy.ts";
import type { Installation, RepositoryInfo } from "#ports/code-host.ts";

import type { Deps } from "./deps.ts";

/** What receiving needs to know of a policy: enough to tell whom an event concerns, nothing to decide by. */
export type ServiceSummary = Pick<ServicePolicy, "name" | "image"> & {
  readonly match: string;
  readonly sourceRepository: string | null;
  readonly sourceBranch: string | null;
  readonly workflow: string | null;
  /** Some environment has the gate `checks`: changes of checks on the source commits matter. */
  readonly checks: boolean;
};

/** One installation's repositories that hold `.github/sluice.yaml`; a hint that every push and sweep renews. */
export type GitopsIndex = {
  readonly repositories: Readonly<
    Record<
      string,
      { readonly pushedAt: string; readonly services: readonly ServiceSummary[] | null }
    >
  >;
};

/** The index, made now where nothing is remembered: an event must not be lost because the facts were emptied. */
export async function gitopsIndex(deps: Deps, installation: Installation): Promise<GitopsIndex> {
  const known = await deps.facts.get<GitopsIndex>(indexKey(installation.id));
  return known ?? renewGitopsIndex(deps, installation);
}

/**
 * Looks through the installation's repositories again. One that was not pushed to since the last look is not read:
 * the price of a look is one list, whatever the number of repositories.
 */
export async function renewGitopsIndex(
  deps: Deps,
  installation: Installation,
): Promise<GitopsIndex> {
  const known = await deps.facts.get<GitopsIndex>(indexKey(installation.id));
  const repositories: Record<string, GitopsIndex["repositories"][string]> = {};
  for (const info of await installation.repositories()) {
    if (info.archived) continue;
    const before = known?.repositories[info.name];
    const pushedAt = info.pushedAt?.toISOString() ?? "";
    repositories[info.name] =
      before !== undefined && before.pushedAt === pushedAt
        ? before
        : { pushedAt, services: await readServices(installation, info, before?.services) };
  }
  const index: GitopsIndex = { repositories };
  await deps.facts.set(indexKey(installation.id), index);
  return index;
}

/** Reads one repository again, after a push that touched its policy. */
export async function renewInIndex(
  deps: Deps,
  installation: Installation,
  repository: string,
): Promise<void> {
  const info = (await installation.repositories()).find((one) => one.name === repository);
  if (info === undefined) return;
  const known = await deps.facts.get<GitopsIndex>(indexKey(installation.id));
  const services = await readServices(
    installation,
    info,
    known?.repositories[repository]?.services,
  );
  await deps.facts.update<GitopsIndex>(indexKey(installation.id), (current) => ({
    repositories: {
      ...current?.repositories,
      [repository]: { pushedAt: info.pushedAt?.toISOString() ?? "", services },
    },
  }));
}

/** Names of the repositories with a policy file, valid or not. */
export function gitopsRepositories(index: GitopsIndex): readonly string[] {
  return Object.entries(index.repositories)
    .filter(([, entry]) => entry.services !== null)
    .map(([name]) => name);
}

/** Every service of the installation that a predicate picks, with its GitOps repository. */
export function servicesWhere(
  index: GitopsIndex,
  picks: (service: ServiceSummary) => boolean,
): readonly { repository: string; service: ServiceSummary }[] {
  return Object.entries(index.repositories).flatMap(([repository, entry]) =>
    (entry.services ?? []).filter(picks).map((service) => ({ repository, service })),
  );
}

/** GitHub spells names in any case, and a policy's author may, too. */
export function sameRepository(one: string | null, other: string): boolean {
  return one !== null && one.toLowerCase() === other.toLowerCase();
}

/** Null where there is no policy file. A broken one keeps what was known: events go on being remembered meanwhile. */
async function readServices(
  installation: Installation,
  info: RepositoryInfo,
  before: readonly ServiceSummary[] | null | undefined,
): Promise<readonly ServiceSummary[] | null> {
  const text = await installation.repository(info.name).readFile(policyPath);
  if (text === null) return null;
  const parsed = parsePolicy(text, { repository: info.name });
  if (parsed.kind === "invalid") return before ?? [];
  return parsed.policy.services.map((service) => ({
    name: service.name,
    image: service.image,
    match: service.match.source,
    sourceRepository: service.source?.repository ?? null,
    sourceBranch: service.source?.branch ?? null,
    workflow: service.source?.workflow ?? null,
    checks: parsed.policy.environments.some(({ gates }) =>
      gates.some((gate) => gate.kind === "checks"),
    ),
  }));
}

function indexKey(installation: number): string {
  return `gitops-index/${installation}`;
}
