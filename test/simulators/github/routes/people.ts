import type { Identity } from "../auth.ts";
import { ApiError, noContent, notFound, ok } from "../http/answer.ts";
import type { Answer } from "../http/answer.ts";
import type { Context, RepositoryContext, Route } from "../http/context.ts";
import { paginate } from "../http/pagination.ts";
import { requirePermission } from "../permissions.ts";
import { renderUser } from "../render/account.ts";
import { renderFullRepository } from "../render/repository.ts";
import { findAccount, roleOf } from "../state/find.ts";
import type { Account, Role, Team } from "../state/records.ts";

/** The five roles as the four old permissions. */
const LEGACY: Record<Role | "none", string> = {
  admin: "admin",
  maintain: "write",
  write: "write",
  triage: "read",
  read: "read",
  none: "none",
};

const RANK: (Role | "none")[] = ["none", "read", "triage", "write", "maintain", "admin"];

function permission(context: RepositoryContext): Promise<Answer> {
  const { world, repository, params } = context;
  const account = findAccount(world, params["username"] ?? "");
  // Bots are nobody's collaborators.
  if (account === undefined || account.type !== "User") {
    throw new ApiError(404, `${params["username"] ?? ""} is not a user`);
  }
  const role = roleOf(world, repository, account.login);
  const at = (wanted: Role): boolean => RANK.indexOf(role) >= RANK.indexOf(wanted);
  const user = {
    ...renderUser(world, account),
    permissions: {
      admin: at("admin"),
      maintain: at("maintain"),
      push: at("write"),
      triage: at("triage"),
      pull: at("read"),
    },
    role_name: role,
  };
  return Promise.resolve(ok({ permission: LEGACY[role], role_name: role, user }));
}

function isCollaborator(context: RepositoryContext): Promise<Answer> {
  const { world, repository, params } = context;
  const role = roleOf(world, repository, params["username"] ?? "");
  const known = Object.keys(repository.collaborators).some(
    (login) => login.toLowerCase() === params["username"]?.toLowerCase(),
  );
  if (!known && role !== "admin") throw notFound();
  return Promise.resolve(noContent());
}

/** An organization that this caller may look into with the permission `members`. */
function organizationOf(context: Context): Account {
  const { world, identity, params } = context;
  const account = findAccount(world, params["org"] ?? "");
  if (account === undefined || account.type !== "Organization") throw notFound();
  checkMember(identity, account);
  return account;
}

function checkMember(identity: Identity, organization: Account): void {
  if (identity.kind === "anonymous") throw new ApiError(401, "Requires authentication");
  if (identity.kind === "app") throw new ApiError(401, "A JSON web token could not be decoded");
  if (identity.kind === "user") {
    const { login } = identity.account;
    if (![...organization.owners, ...organization.members].includes(login)) throw notFound();
    return;
  }
  if (identity.installation.accountId !== organization.id) throw notFound();
  requirePermission(identity.permissions, [["members", "read"]]);
}

function teamOf(context: Context): { organization: Account; team: Team } {
  const organization = organizationOf(context);
  const team = context.world.tables.teams.find(
    (row) => row.organizationId === organization.id && row.slug === context.params["team_slug"],
  );
  if (team === undefined) throw notFound();
  return { organization, team };
}

/** Members of a team and of the teams below it. */
function membersOf({ world }: Context, team: Team): string[] {
  const children = world.tables.teams.filter(
    (row) => row.organizationId === team.organizationId && row.parentSlug === team.slug,
  );
  const below = children.flatMap((child) => membersOf({ world } as Context, child));
  return [...new Set([...team.members, ...below])];
}

function teamMembership(context: Context): Promise<Answer> {
  const { organization, team } = teamOf(context);
  const login = (context.params["username"] ?? "").toLowerCase();
  const member = membersOf(context, team).some((name) => name.toLowerCase() === login);
  if (!member) throw notFound();
  const url = `${context.world.urls.api}/organizations/${organization.id}/team/${team.id}/memberships/${login}`;
  const owner = organization.owners.some((name) => name.toLowerCase() === login);
  return Promise.resolve(ok({ url, role: owner ? "maintainer" : "member", state: "active" }));
}

function getUser(context: Context): Promise<Answer> {
  const { world, params } = context;
  const account = findAccount(world, params["username"] ?? "");
  if (account === undefined) throw notFound();
  const created_at = "2020-01-01T00:00:00Z";
  return Promise.resolve(
    ok({
      ...renderUser(world, account),
      user_view_type: "public",
      name: account.name,
      company: null,
      blog: "",
      location: null,
      email: null,
      hireable: null,
      bio: null,
      public_repos: 0,
      public_gists: 0,
      followers: 0,
      following: 0,
      created_at,
      updated_at: created_at,
    }),
  );
}

export const peopleRoutes: Route[] = [
  {
    method: "GET",
    path: "/repos/{owner}/{repo}",
    scope: "repository",
    needs: [["metadata", "read"]],
    handle: (context) =>
      Promise.resolve(ok(renderFullRepository(context.world, context.repository))),
  },
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/collaborators/{username}/permission",
    scope: "repository",
    needs: [["metadata", "read"]],
    handle: permission,
  },
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/collaborators/{username}",
    scope: "repository",
    needs: [["metadata", "read"]],
    handle: isCollaborator,
  },
  {
    method: "GET",
    path: "/orgs/{org}/teams/{team_slug}/memberships/{username}",
    scope: "any",
    handle: teamMembership,
  },
  {
    method: "GET",
    path: "/orgs/{org}/teams/{team_slug}/members",
    scope: "any",
    handle: (context) => {
      const members = membersOf(context, teamOf(context).team)
        .map((login) => findAccount(context.world, login))
        .filter((account) => account !== undefined);
      return paginate(context, members, (account) => renderUser(context.world, account));
    },
  },
  {
    method: "GET",
    path: "/orgs/{org}/members/{username}",
    scope: "any",
    handle: (context) => {
      const organization = organizationOf(context);
      const login = (context.params["username"] ?? "").toLowerCase();
      const all = [...organization.owners, ...organization.members];
      if (!all.some((name) => name.toLowerCase() === login)) throw notFound();
      return Promise.resolve(noContent());
    },
  },
  { method: "GET", path: "/users/{username}", scope: "any", handle: getUser },
];
