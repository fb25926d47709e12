import type { Identity } from "./auth.ts";
import { ApiError, notFound } from "./http/answer.ts";
import { covers, findRepository, roleOf } from "./state/find.ts";
import type { Access, Repository, Role } from "./state/records.ts";
import type { World } from "./state/world.ts";

/** A permission of an App and the level it takes, such as `contents` `write`. */
export type Need = [permission: string, access: Access];

const LEVELS: Record<Access, number> = { read: 1, write: 2, admin: 3 };

/** What a person's role amounts to; triage may label and close, but not push. */
const ROLE_LEVELS: Record<Role | "none", number> = {
  none: 0,
  read: 1,
  triage: 1,
  write: 2,
  maintain: 2,
  admin: 3,
};

/** The repository of a path, if this caller may do this with it: 404 where it may not even know that it exists. */
export function accessRepository(
  world: World,
  identity: Identity,
  name: { owner: string; repo: string },
  needs: Need[],
): Repository {
  const repository = findRepository(world, name.owner, name.repo);
  if (repository === undefined) throw notFound();
  const writes = needs.some(([, access]) => access !== "read");
  switch (identity.kind) {
    case "anonymous":
      if (repository.private) throw notFound();
      if (writes) throw new ApiError(401, "Requires authentication");
      return repository;
    case "app":
      // An App's own token opens /app alone.
      throw new ApiError(401, "A JSON web token could not be decoded");
    case "user":
      checkPerson(world, identity.account.login, repository, needs);
      return repository;
    case "installation":
      checkInstallation(identity, repository, needs, writes);
      return repository;
  }
}

function checkPerson(world: World, login: string, repository: Repository, needs: Need[]): void {
  const level = ROLE_LEVELS[roleOf(world, repository, login)];
  if (level === 0) throw notFound();
  const talks = needs.some(([permission]) => permission === "issues");
  // Whoever reads a repository may open issues and pull requests and comment on them.
  if (needs.length === 0 || talks) return;
  if (!needs.some(([, access]) => level >= LEVELS[access])) {
    throw new ApiError(403, "Must have push access to repository.");
  }
}

function checkInstallation(
  identity: Identity & { kind: "installation" },
  repository: Repository,
  needs: Need[],
  writes: boolean,
): void {
  const inScope =
    covers(identity.installation, repository) &&
    (identity.repositoryIds === null || identity.repositoryIds.includes(repository.id));
  if (!inScope) {
    // What is public may be read by anyone, also by an App that is not installed there.
    if (repository.private) throw notFound();
    if (writes) throw refused(needs);
    return;
  }
  requirePermission(identity.permissions, needs);
}

/** Throws 403 unless one of the needs is met; the header says what was missing, as GitHub's does. */
export function requirePermission(granted: Record<string, Access>, needs: Need[]): void {
  if (needs.length === 0) return;
  const met = needs.some(([permission, access]) => {
    const level = granted[permission];
    return level !== undefined && LEVELS[level] >= LEVELS[access];
  });
  if (!met) throw refused(needs);
}

function refused(needs: Need[]): ApiError {
  const accepted = needs.map(([permission, access]) => `${permission}=${access}`).join("; ");
  return new ApiError(403, "Resource not accessible by integration", {
    headers: { "x-accepted-github-permissions": accepted },
  });
}
