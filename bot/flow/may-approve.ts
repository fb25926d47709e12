import type { ApproverStanding } from "#core/approval.ts";
import type { Approvers } from "#core/gate-policy.ts";
import type { EnvironmentPolicy } from "#core/policy.ts";

import { mayPromote } from "./may-promote.ts";
import type { RepositoryContext } from "./repository-context.ts";
import { teamStanding } from "./team-standing.ts";

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
  const { member, doubt } = await teamStanding(context, teams, login);
  if (member) return { kind: "may" };
  return {
    kind: "may-not",
    sentence: `${login} is none of ${[...people, ...teams.map((team) => `team ${team}`)].join(", ")}.${doubt}`,
    ...(doubt === "" ? {} : { unverified: true }),
  };
}
