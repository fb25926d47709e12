import type { ApproverStanding } from "#core/approval.ts";
import type { EnvironmentPolicy, Permission } from "#core/policy.ts";

import type { RepositoryContext } from "./repository-context.ts";
import { teamStanding } from "./team-standing.ts";

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
): Promise<ApproverStanding> {
  const { permission, teams } = environment.promoters;
  const role = await context.installation.permission(context.job.repository, login);
  if (ranks[role] >= ranks[permission]) return { kind: "may" };
  const { member, doubt } = await teamStanding(context, teams, login);
  if (member) return { kind: "may" };
  const asked = teams.length === 0 ? "" : `, or membership in ${teams.join(" or ")}`;
  return {
    kind: "may-not",
    sentence: `${login} may not do this in ${environment.name}: it takes the permission ${permission} on this repository${asked}.${doubt}`,
    ...(doubt === "" ? {} : { unverified: true }),
  };
}
