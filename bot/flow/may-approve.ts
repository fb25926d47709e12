import type { ApproverStanding } from "#core/approval.ts";
import type { Approvers } from "#core/gate-policy.ts";
import type { EnvironmentPolicy } from "#core/policy.ts";

import { mayPromote } from "./may-promote.ts";
import type { RepositoryContext } from "./repository-context.ts";

/**
 * Does this person's word count: one of the people or teams that a gate names, or, where it names nobody, whoever may
 * promote into the environment? Asked of GitHub each time; what cannot be asked is a no.
 */
export async function mayApprove(
  context: RepositoryContext,
  environment: EnvironmentPolicy,
  { teams, people }: Approvers,
  login: string,
): Promise<ApproverStanding> {
  if (teams.length === 0 && people.length === 0) return mayPromote(context, environment, login);
  if (people.some((person) => person.toLowerCase() === login.toLowerCase())) return { kind: "may" };
  const owner = context.job.repository.split("/")[0] ?? "";
  const memberships = await Promise.all(
    teams.map(async (team) => ({
      team,
      member: await context.installation.teamMember(owner, team, login),
    })),
  );
  if (memberships.some(({ member }) => member === "yes")) return { kind: "may" };
  const unknown = memberships.filter(({ member }) => member === "unknown").map(({ team }) => team);
  const doubt =
    unknown.length === 0
      ? ""
      : ` Sluice could not verify membership in ${unknown.join(" or ")}: the App needs the permission members: read.`;
  return {
    kind: "may-not",
    sentence: `${login} is none of ${[...people, ...teams.map((team) => `team ${team}`)].join(", ")}.${doubt}`,
  };
}
