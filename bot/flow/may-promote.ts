import type { EnvironmentPolicy, Permission } from "#core/policy.ts";

import type { RepositoryContext } from "./repository-context.ts";

const ranks: Readonly<Record<Permission | "none", number>> = {
  none: 0,
  read: 1,
  triage: 2,
  write: 3,
  maintain: 4,
  admin: 5,
};

/**
 * May this person promote into the environment? By the role on the GitOps repository, or by a team: one suffices. Asked
 * of GitHub each time; what cannot be asked is a no.
 */
export async function mayPromote(
  context: RepositoryContext,
  environment: EnvironmentPolicy,
  login: string,
): Promise<boolean> {
  const { permission, teams } = environment.promoters;
  const role = await context.installation.permission(context.job.repository, login);
  if (ranks[role] >= ranks[permission]) return true;
  const owner = context.job.repository.split("/")[0] ?? "";
  const memberships = await Promise.all(
    teams.map((team) => context.installation.teamMember(owner, team, login)),
  );
  return memberships.includes(true);
}

/** What would be needed, for the refusal. */
export function needed(environment: EnvironmentPolicy): string {
  const { permission, teams } = environment.promoters;
  const team = teams.length === 0 ? "" : `, or membership in ${teams.join(" or ")}`;
  return `the permission ${permission} on this repository${team}`;
}
