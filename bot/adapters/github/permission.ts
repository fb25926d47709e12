import type { Octokit } from "@octokit/core";

import type { Installation } from "#ports/code-host.ts";

import { refusedWith } from "./requests/errors.ts";

type Permission = Awaited<ReturnType<Installation["permission"]>>;

const roles: readonly Permission[] = ["none", "read", "triage", "write", "maintain", "admin"];

/**
 * A person's role. A custom role counts as the base that GitHub states for it; `author_association` is never asked,
 * it is wrong for administrators and custom roles. Bots and strangers are answered with 404.
 */
export async function readPermission(
  request: Octokit["request"],
  at: { owner: string; repo: string },
  login: string,
): Promise<Permission> {
  try {
    const { data } = await request(
      "GET /repos/{owner}/{repo}/collaborators/{username}/permission",
      { ...at, username: login },
    );
    return roles.find((role) => role === data.role_name) ?? ofLegacy(data.permission);
  } catch (error) {
    if (refusedWith(error, 404)) return "none";
    throw error;
  }
}

/** Is the person an active member? Child teams are included by GitHub. Without `members: read` it will not say. */
export async function readTeamMember(
  request: Octokit["request"],
  owner: string,
  team: string,
  login: string,
): ReturnType<Installation["teamMember"]> {
  try {
    const { data } = await request("GET /orgs/{org}/teams/{team_slug}/memberships/{username}", {
      org: owner,
      team_slug: team,
      username: login,
    });
    return data.state === "active" ? "yes" : "no";
  } catch (error) {
    if (refusedWith(error, 404)) return "no";
    if (refusedWith(error, 403)) return "unknown";
    throw error;
  }
}

function ofLegacy(permission: string): Permission {
  return roles.find((role) => role === permission) ?? "none";
}
