import type { RepositoryContext } from "./repository-context.ts";

/**
 * Is this person in one of these teams of the repository's owner? Asked of GitHub each time; what cannot be asked is a
 * no, and `doubt` says what would have to be granted, as a sentence to append; empty where nothing is in doubt.
 */
export async function teamStanding(
  context: RepositoryContext,
  teams: readonly string[],
  login: string,
): Promise<{ readonly member: boolean; readonly doubt: string }> {
  const owner = context.job.repository.split("/")[0] ?? "";
  const memberships = await Promise.all(
    teams.map(async (team) => ({
      team,
      member: await context.installation.teamMember(owner, team, login),
    })),
  );
  if (memberships.some(({ member }) => member === "yes")) return { member: true, doubt: "" };
  const unknown = memberships.filter(({ member }) => member === "unknown").map(({ team }) => team);
  const doubt =
    unknown.length === 0
      ? ""
      : ` Sluice could not verify membership in ${unknown.join(" or ")}: the App needs the permission members: read.`;
  return { member: false, doubt };
}
