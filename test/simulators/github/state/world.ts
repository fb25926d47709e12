import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { GitRepository } from "../git/repository.ts";
import type { Deployment, DeploymentStatus } from "./deployments.ts";
import type { QueueEntry, QueueRemoval } from "./merge-rules.ts";
import type * as Records from "./records.ts";
import { Table } from "./table.ts";

/** Everything that the simulated GitHub knows. */
export type World = {
  /** Milliseconds. */
  now: () => number;
  /** ISO 8601 without fractions, as GitHub writes times. */
  date: () => string;
  nextId: (kind: IdKind) => number;
  ids: Record<string, number>;
  urls: { api: string; web: string; codeload: string };
  dataDirectory: string;
  /** Signs installation tokens, so that they outlive a restart. */
  tokenSecret: string;
  revokedTokens: Set<string>;
  tables: Tables;
  git: (repository: Records.Repository) => GitRepository;
  openGit: (repository: Records.Repository) => Promise<GitRepository>;
  /** Runs one piece of work on a repository after the other. */
  locked: <Result>(repositoryId: number, work: () => Promise<Result>) => Promise<Result>;
  onChange: (listener: (change: Change) => void) => void;
  /** A token that was given back. */
  revoke: (token: string) => void;
  close: () => void;
};

export type Tables = {
  accounts: Table<Records.Account>;
  teams: Table<Records.Team>;
  apps: Table<Records.App>;
  installations: Table<Records.Installation>;
  repositories: Table<Records.Repository>;
  labels: Table<Records.Label>;
  issues: Table<Records.Issue>;
  pulls: Table<Records.Pull>;
  comments: Table<Records.Comment>;
  reactions: Table<Records.Reaction>;
  reviews: Table<Records.Review>;
  checkSuites: Table<Records.CheckSuite>;
  checkRuns: Table<Records.CheckRun>;
  statuses: Table<Records.CommitStatus>;
  deployments: Table<Deployment>;
  deploymentStatuses: Table<DeploymentStatus>;
  attestations: Table<Records.Attestation>;
  queueEntries: Table<QueueEntry>;
  queueRemovals: Table<QueueRemoval>;
  workflows: Table<Records.Workflow>;
  workflowRuns: Table<Records.WorkflowRun>;
  deliveries: Table<Records.Delivery>;
};

/** What became of the state; enough to build it again. */
export type Change =
  | { table: keyof Tables; id: number; row: { id: number } | null }
  | { ids: Record<string, number> }
  | { revoked: string };

/** First numbers of the size that GitHub's have today: a client that keeps them in 32 bits shows it at once. */
const FIRST_IDS = {
  account: 2_100_001,
  app: 1_300_001,
  installation: 61_000_001,
  repository: 910_000_001,
  issue: 3_300_000_001,
  pull: 2_700_000_001,
  comment: 3_400_000_001,
  check: 51_000_000_001,
  run: 19_000_000_001,
  delivery: 190_000_000_001,
  other: 8_000_000_001,
};

export type IdKind = keyof typeof FIRST_IDS;

export function createWorld(dataDirectory: string, now: () => number): World {
  const listeners: ((change: Change) => void)[] = [];
  const changed = (change: Change): void => listeners.forEach((listener) => listener(change));
  const table = <Row extends { id: number }>(name: keyof Tables): Table<Row> =>
    new Table<Row>(now, (id, row) => changed({ table: name, id, row }));
  const repositories = new Map<number, GitRepository>();
  const queues = new Map<number, Promise<unknown>>();
  mkdirSync(join(dataDirectory, "repositories"), { recursive: true });

  const world: World = {
    now,
    date: () => isoDate(now()),
    ids: { ...FIRST_IDS },
    nextId: (kind) => {
      const id = world.ids[kind] ?? FIRST_IDS[kind];
      world.ids[kind] = id + 1;
      changed({ ids: { [kind]: id + 1 } });
      return id;
    },
    urls: { api: "", web: "", codeload: "" },
    dataDirectory,
    tokenSecret: randomBytes(32).toString("hex"),
    revokedTokens: new Set(),
    tables: {
      accounts: table("accounts"),
      teams: table("teams"),
      apps: table("apps"),
      installations: table("installations"),
      repositories: table("repositories"),
      labels: table("labels"),
      issues: table("issues"),
      pulls: table("pulls"),
      comments: table("comments"),
      reactions: table("reactions"),
      reviews: table("reviews"),
      checkSuites: table("checkSuites"),
      checkRuns: table("checkRuns"),
      statuses: table("statuses"),
      deployments: table("deployments"),
      deploymentStatuses: table("deploymentStatuses"),
      attestations: table("attestations"),
      queueEntries: table("queueEntries"),
      queueRemovals: table("queueRemovals"),
      workflows: table("workflows"),
      workflowRuns: table("workflowRuns"),
      deliveries: table("deliveries"),
    },
    git: (repository) => {
      const opened = repositories.get(repository.id);
      if (opened === undefined) throw new Error(`repository ${repository.name} is not open`);
      return opened;
    },
    openGit: async (repository) => {
      const directory = join(dataDirectory, "repositories", `${repository.id}.git`);
      const opened = await GitRepository.open(directory, repository.defaultBranch, now);
      repositories.set(repository.id, opened);
      return opened;
    },
    locked: (repositoryId, work) => {
      const before = queues.get(repositoryId) ?? Promise.resolve();
      const after = before.then(work, work);
      queues.set(
        repositoryId,
        after.catch(() => {}),
      );
      return after;
    },
    onChange: (listener) => listeners.push(listener),
    revoke: (token) => {
      world.revokedTokens.add(token);
      changed({ revoked: token });
    },
    close: () => {
      for (const repository of repositories.values()) repository.close();
    },
  };
  return world;
}

export function isoDate(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/u, "Z");
}
