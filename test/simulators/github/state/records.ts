import type { MergeMethod, Protection, Rules } from "./merge-rules.ts";

/** The simulator's rows: plain JSON values, so that a snapshot is one `JSON.stringify`. Times are ISO 8601 in UTC. */

export type Role = "admin" | "maintain" | "write" | "triage" | "read";

export type Access = "read" | "write" | "admin";

export type Account = {
  id: number;
  login: string;
  type: "User" | "Organization" | "Bot";
  name: string | null;
  /** Organizations only: logins of owners and members, and what a member may do without being named. */
  owners: string[];
  members: string[];
  basePermission: Role | "none";
  /** Personal access tokens of a person. */
  tokens: string[];
};

export type Team = {
  id: number;
  organizationId: number;
  slug: string;
  name: string;
  members: string[];
  parentSlug: string | null;
};

export type App = {
  id: number;
  slug: string;
  name: string;
  ownerId: number;
  botId: number;
  clientId: string;
  publicKey: string;
  privateKey: string;
  webhookSecret: string;
  webhookUrl: string | null;
  hookId: number;
  permissions: Record<string, Access>;
  events: string[];
  createdAt: string;
};

export type Installation = {
  id: number;
  appId: number;
  accountId: number;
  selection: "all" | "selected";
  repositoryIds: number[];
  permissions: Record<string, Access>;
  events: string[];
  suspendedAt: string | null;
  createdAt: string;
};

export type Repository = {
  id: number;
  ownerId: number;
  name: string;
  private: boolean;
  description: string | null;
  defaultBranch: string;
  mergeMethods: MergeMethod[];
  deleteBranchOnMerge: boolean;
  collaborators: Record<string, Role>;
  protection: Record<string, Protection>;
  /** By branch. */
  rules: Record<string, Rules>;
  /** The repository that this one was forked from. */
  parentId: number | null;
  lastNumber: number;
  createdAt: string;
  pushedAt: string;
};

export type Label = {
  id: number;
  repositoryId: number;
  name: string;
  color: string;
  description: string | null;
  default: boolean;
};

/** An issue, or the issue side of a pull request; both count with one row of numbers. */
export type Issue = {
  id: number;
  repositoryId: number;
  number: number;
  title: string;
  body: string | null;
  userId: number;
  appId: number | null;
  state: "open" | "closed";
  stateReason: "completed" | "not_planned" | "reopened" | null;
  labelIds: number[];
  assignees: string[];
  locked: boolean;
  pullId: number | null;
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  closedById: number | null;
};

export type Pull = {
  id: number;
  issueId: number;
  repositoryId: number;
  number: number;
  /** Null when the fork is gone. */
  headRepositoryId: number | null;
  headLabel: string;
  headRef: string;
  headSha: string;
  baseRef: string;
  /** The base's head when the pull request was opened or its head last moved. */
  baseSha: string;
  draft: boolean;
  mergedAt: string | null;
  mergedById: number | null;
  mergeCommitSha: string | null;
  /** Null: not computed; it is looked at in the background. */
  mergeable: boolean | null;
  maintainerCanModify: boolean;
};

export type Comment = {
  id: number;
  repositoryId: number;
  issueId: number;
  userId: number;
  appId: number | null;
  body: string;
  createdAt: string;
  updatedAt: string;
};

export type Reaction = {
  id: number;
  subject: "issue" | "comment";
  subjectId: number;
  userId: number;
  content: string;
  createdAt: string;
};

export type ReviewState = "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED" | "DISMISSED" | "PENDING";

export type Review = {
  id: number;
  pullId: number;
  userId: number;
  body: string;
  state: ReviewState;
  commitSha: string;
  submittedAt: string;
};

export type CheckStatus =
  | "queued"
  | "in_progress"
  | "completed"
  | "waiting"
  | "requested"
  | "pending";

export type CheckConclusion =
  | "success"
  | "failure"
  | "neutral"
  | "cancelled"
  | "skipped"
  | "timed_out"
  | "action_required"
  | "stale";

export type CheckSuite = {
  id: number;
  repositoryId: number;
  appId: number;
  headSha: string;
  headBranch: string | null;
  before: string | null;
  rerequestable: boolean;
  createdAt: string;
  updatedAt: string;
};

export type Annotation = {
  path: string;
  start_line: number;
  end_line: number;
  start_column: number | null;
  end_column: number | null;
  annotation_level: string | null;
  message: string | null;
  title: string | null;
  raw_details: string | null;
};

export type CheckAction = { label: string; description: string; identifier: string };

export type CheckRun = {
  id: number;
  repositoryId: number;
  suiteId: number;
  appId: number;
  headSha: string;
  name: string;
  externalId: string;
  detailsUrl: string | null;
  status: CheckStatus;
  conclusion: CheckConclusion | null;
  startedAt: string;
  completedAt: string | null;
  title: string | null;
  summary: string | null;
  text: string | null;
  annotations: Annotation[];
  actions: CheckAction[];
  createdAt: string;
};

export type Attestation = {
  id: number;
  repositoryId: number;
  /** `sha256:…` of what it is about, as whoever attested it said. */
  digest: string;
  /** The Sigstore bundle, unverified: GitHub keeps what it is given. */
  bundle: object;
};

export type CommitStatus = {
  id: number;
  repositoryId: number;
  sha: string;
  state: "error" | "failure" | "pending" | "success";
  context: string;
  description: string | null;
  targetUrl: string | null;
  creatorId: number;
  createdAt: string;
};

export type Workflow = { id: number; repositoryId: number; name: string; path: string };

export type WorkflowRun = {
  id: number;
  repositoryId: number;
  workflowId: number;
  runNumber: number;
  headSha: string;
  headBranch: string;
  event: string;
  status: CheckStatus;
  conclusion: CheckConclusion | null;
  actorId: number;
  suiteId: number;
  createdAt: string;
  updatedAt: string;
};

export type Delivery = {
  id: number;
  appId: number;
  guid: string;
  deliveredAt: string;
  redelivery: boolean;
  /** Seconds. */
  duration: number;
  status: string;
  statusCode: number;
  event: string;
  action: string | null;
  installationId: number | null;
  repositoryId: number | null;
  url: string;
  requestHeaders: Record<string, string>;
  payload: Record<string, unknown>;
  responseHeaders: Record<string, string>;
  responseBody: string;
  /** False where no webhook URL was set: such a delivery is not GitHub's, only the control port lists it. */
  sent: boolean;
};
