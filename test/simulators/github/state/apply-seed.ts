import { generateKeyPairSync, randomBytes } from "node:crypto";

import { insertLabel } from "../actions/labels.ts";
import { signatureOf } from "../actions/merge-pull.ts";
import { fastImport } from "../git/fast-import.ts";
import type { ImportCommit } from "../git/fast-import.ts";
import { git } from "../git/process.ts";
import { defaultEvents, defaultPermissions } from "../seed.ts";
import type { OwnerSeed, ProtectionSeed, RepositorySeed, RulesSeed, Seed } from "../seed.ts";
import { ensureAccount } from "./accounts.ts";
import { findRepository } from "./find.ts";
import type { Protection, Rules } from "./merge-rules.ts";
import type { Account, App, Installation, Repository } from "./records.ts";
import type { World } from "./world.ts";

let keys: { publicKey: string; privateKey: string } | undefined;

/** One key pair a process: making one takes long, and no test looks at two. */
function keyPair(): { publicKey: string; privateKey: string } {
  keys ??= generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  return keys;
}

/** Builds the world that a seed describes; the App is the first of the world, its installation that of the first owner. */
export async function applySeed(
  world: World,
  seed: Seed,
): Promise<{ app: App; installation: Installation | undefined }> {
  ensureAccount(world, "web-flow");
  const owners: OwnerSeed[] = [seed, ...(seed.others ?? [])];
  const accounts = owners.map((owner) => seedOwner(world, owner));
  const [first] = accounts;
  if (first === undefined) throw new Error("the seed has no owner");
  const app = seedApp(world, first, seed);
  for (const [index, owner] of owners.entries()) {
    const account = accounts[index] ?? first;
    for (const repository of owner.repositories ?? []) {
      await seedRepository(world, account, repository);
    }
  }
  const installations = owners.map((owner, index) =>
    seedInstallation(world, app, accounts[index] ?? first, owner),
  );
  return { app, installation: installations.find((row) => row !== undefined) };
}

function seedOwner(world: World, seed: OwnerSeed): Account {
  const account = ensureAccount(world, seed.owner, seed.ownerType ?? "Organization");
  for (const login of [...(seed.owners ?? []), ...(seed.members ?? [])]) {
    ensureAccount(world, login);
  }
  for (const { login, name, token } of seed.users ?? []) {
    const user = ensureAccount(world, login);
    const tokens = token === undefined ? user.tokens : [...user.tokens, token];
    world.tables.accounts.update(user.id, { name: name ?? user.name, tokens });
  }
  for (const { slug, members, parent } of seed.teams ?? []) {
    members.forEach((login) => ensureAccount(world, login));
    world.tables.teams.insert({
      id: world.nextId("other"),
      organizationId: account.id,
      slug,
      name: slug,
      members,
      parentSlug: parent ?? null,
    });
  }
  const teamMembers = (seed.teams ?? []).flatMap((team) => team.members);
  return world.tables.accounts.update(account.id, {
    owners: seed.owners ?? [],
    // Whoever is in a team is in the organization.
    members: [...new Set([...(seed.members ?? []), ...(seed.owners ?? []), ...teamMembers])],
    basePermission: seed.basePermission ?? "read",
  });
}

function seedApp(world: World, owner: Account, seed: Seed): App {
  const slug = seed.app?.slug ?? "sluice";
  const app = insertApp(world, owner, {
    slug,
    name: seed.app?.name ?? "Sluice",
    permissions: { metadata: "read", ...(seed.app?.permissions ?? defaultPermissions) },
    events: seed.app?.events ?? defaultEvents,
    webhookSecret: seed.app?.webhookSecret ?? randomBytes(20).toString("hex"),
    webhookUrl: seed.app?.webhookUrl ?? null,
  });
  const github = ensureAccount(world, "github", "Organization");
  insertApp(world, github, {
    slug: "github-actions",
    name: "GitHub Actions",
    permissions: { checks: "write", contents: "read", metadata: "read" },
    events: [],
    webhookSecret: randomBytes(20).toString("hex"),
    webhookUrl: null,
  });
  return app;
}

function insertApp(
  world: World,
  owner: Account,
  given: Pick<App, "slug" | "name" | "permissions" | "events" | "webhookSecret" | "webhookUrl">,
): App {
  const bot = ensureAccount(world, `${given.slug}[bot]`, "Bot");
  return world.tables.apps.insert({
    ...given,
    ...keyPair(),
    id: world.nextId("app"),
    ownerId: owner.id,
    botId: bot.id,
    clientId: `Iv23li${randomBytes(7).toString("hex")}`,
    hookId: world.nextId("other"),
    createdAt: world.date(),
  });
}

function seedInstallation(
  world: World,
  app: App,
  account: Account,
  seed: OwnerSeed,
): Installation | undefined {
  if (seed.installation === false) return undefined;
  const { repositories, permissions, suspended } = seed.installation ?? {};
  const ids = (repositories ?? [])
    .map((name) => findRepository(world, account.login, name)?.id)
    .filter((id) => id !== undefined);
  return world.tables.installations.insert({
    id: world.nextId("installation"),
    appId: app.id,
    accountId: account.id,
    selection: repositories === undefined ? "all" : "selected",
    repositoryIds: ids,
    permissions: { metadata: "read", ...(permissions ?? app.permissions) },
    events: app.events,
    suspendedAt: suspended === true ? world.date() : null,
    createdAt: world.date(),
  });
}

/** Makes one repository with its history in one `git fast-import`. */
export async function seedRepository(
  world: World,
  owner: Account,
  seed: RepositorySeed,
): Promise<Repository> {
  const defaultBranch = seed.defaultBranch ?? "main";
  const parent = seed.forkOf === undefined ? undefined : parentOf(world, seed.forkOf);
  for (const login of Object.keys(seed.collaborators ?? {})) ensureAccount(world, login);
  const repository = world.tables.repositories.insert({
    id: world.nextId("repository"),
    ownerId: owner.id,
    name: seed.name,
    private: seed.private ?? false,
    description: seed.description ?? null,
    defaultBranch,
    mergeMethods: seed.mergeMethods ?? ["merge", "squash", "rebase"],
    deleteBranchOnMerge: seed.deleteBranchOnMerge ?? false,
    collaborators: seed.collaborators ?? {},
    protection: protectionsOf(seed, defaultBranch),
    rules: seed.rules === undefined ? {} : { [defaultBranch]: rulesOf(seed.rules) },
    parentId: parent?.id ?? null,
    lastNumber: 0,
    createdAt: world.date(),
    pushedAt: world.date(),
  });
  for (const name of seed.labels ?? []) insertLabel({ world }, repository, { name });
  const opened = await world.openGit(repository);
  if (parent !== undefined) {
    const from = world.git(parent).directory;
    await git(opened.directory, ["fetch", "--quiet", from, "+refs/heads/*:refs/heads/*"]);
  }
  const commits = commitsOf(world, owner, seed, defaultBranch);
  if (commits.length > 0) await fastImport(opened.directory, commits);
  await opened.refs.reload();
  return repository;
}

function parentOf(world: World, name: string): Repository {
  const [owner = "", repo = ""] = name.split("/");
  const parent = findRepository(world, owner, repo);
  if (parent === undefined) throw new Error(`seed: the repository ${name} does not exist (yet)`);
  return parent;
}

function commitsOf(
  world: World,
  owner: Account,
  seed: RepositorySeed,
  defaultBranch: string,
): ImportCommit[] {
  const date = world.date();
  const commits: ImportCommit[] = [];
  if (seed.files !== undefined) {
    commits.push({
      branch: defaultBranch,
      message: "Initial commit",
      author: signatureOf(owner, date),
      files: seed.files,
    });
  }
  for (const { message, files, user, branch } of seed.commits ?? []) {
    const author = user === undefined ? owner : ensureAccount(world, user);
    const to = branch ?? defaultBranch;
    commits.push({ branch: to, message, author: signatureOf(author, date), files });
  }
  return commits;
}

function protectionsOf(seed: RepositorySeed, defaultBranch: string): Record<string, Protection> {
  const given = seed.protection;
  if (given === undefined) return {};
  // By branch each value is a protection; one protection has lists, numbers and truth values.
  const values: unknown[] = Object.values(given);
  const single = values.some((value) => typeof value !== "object" || Array.isArray(value));
  const byBranch = (single ? { [defaultBranch]: given } : given) as Record<string, ProtectionSeed>;
  return Object.fromEntries(
    Object.entries(byBranch).map(([branch, protection]) => [branch, protectionOf(protection)]),
  );
}

export function protectionOf(seed: ProtectionSeed): Protection {
  return {
    requiredChecks: (seed.requiredChecks ?? []).map((check) =>
      typeof check === "string"
        ? { context: check, appId: null }
        : { context: check.context, appId: check.appId ?? null },
    ),
    strict: seed.strict ?? false,
    requiredApprovals: seed.requiredApprovals ?? 0,
    dismissStaleReviews: seed.dismissStaleReviews ?? false,
    enforceAdmins: seed.enforceAdmins ?? false,
    linearHistory: seed.linearHistory ?? false,
    locked: seed.locked ?? false,
    allowForcePushes: seed.allowForcePushes ?? false,
    allowDeletions: seed.allowDeletions ?? false,
  };
}

export function rulesOf(seed: RulesSeed): Rules {
  const { mergeQueue } = seed;
  return {
    requiredChecks: seed.requiredChecks ?? [],
    requiredApprovals: seed.requiredApprovals ?? 0,
    codeOwners: seed.codeOwners ?? [],
    linearHistory: seed.linearHistory ?? false,
    signatures: seed.signatures ?? false,
    locked: seed.locked ?? false,
    mergeMethods: seed.mergeMethods ?? null,
    mergeQueue:
      mergeQueue === undefined
        ? null
        : {
            method: mergeQueue.method ?? "merge",
            mostToBuild: mergeQueue.mostToBuild ?? 5,
            letsJump: mergeQueue.letsJump ?? false,
          },
  };
}
