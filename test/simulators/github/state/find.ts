import type { Account, App, Installation, Issue, Pull, Repository, Role } from "./records.ts";
import type { World } from "./world.ts";

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

export function findAccount(world: World, login: string): Account | undefined {
  return world.tables.accounts.find((account) => same(account.login, login));
}

/** Owner and repository names are the same in any case. */
export function findRepository(world: World, owner: string, name: string): Repository | undefined {
  const account = findAccount(world, owner);
  if (account === undefined) return undefined;
  return world.tables.repositories.find(
    (repository) => repository.ownerId === account.id && same(repository.name, name),
  );
}

export function ownerOf(world: World, repository: Repository): Account {
  return world.tables.accounts.need(repository.ownerId);
}

export function fullName(world: World, repository: Repository): string {
  return `${ownerOf(world, repository).login}/${repository.name}`;
}

export function botOf(world: World, app: App): Account {
  return world.tables.accounts.need(app.botId);
}

export function findIssue(
  world: World,
  repository: Repository,
  number: number,
  asOf?: number,
): Issue | undefined {
  return world.tables.issues.find(
    (issue) => issue.repositoryId === repository.id && issue.number === number,
    asOf,
  );
}

export function findPull(
  world: World,
  repository: Repository,
  number: number,
  asOf?: number,
): Pull | undefined {
  return world.tables.pulls.find(
    (pull) => pull.repositoryId === repository.id && pull.number === number,
    asOf,
  );
}

export function covers(installation: Installation, repository: Repository): boolean {
  if (installation.accountId !== repository.ownerId) return false;
  return installation.selection === "all" || installation.repositoryIds.includes(repository.id);
}

export function repositoriesOf(world: World, installation: Installation): Repository[] {
  return world.tables.repositories.filter((repository) => covers(installation, repository));
}

/** What a person may do in a repository, by ownership, by name, by organization; strangers read what is public. */
export function roleOf(world: World, repository: Repository, login: string): Role | "none" {
  const owner = ownerOf(world, repository);
  if (same(owner.login, login)) return "admin";
  if (owner.owners.some((name) => same(name, login))) return "admin";
  const named = Object.entries(repository.collaborators).find(([name]) => same(name, login));
  if (named !== undefined) return named[1];
  if (owner.members.some((name) => same(name, login))) {
    if (owner.basePermission !== "none") return owner.basePermission;
  }
  return repository.private ? "none" : "read";
}
