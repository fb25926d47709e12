import type { Application } from "#core/application.ts";
import type { Artifact } from "#core/artifact.ts";
import type {
  Judged,
  Promoted,
  RevisionAnswer,
  RolloutAnswers,
  RolloutMemory,
} from "#core/rollout-types.ts";
import { judgeApplication } from "#core/rollout.ts";

export const promotedCommit = "a".repeat(40);
export const laterCommit = "b".repeat(40);
export const earlierCommit = "c".repeat(40);
export const strangeCommit = "d".repeat(40);

export const artifact: Artifact = {
  repository: "ghcr.io/acme/demo-api",
  tag: "sha-new",
  digest: null,
  revision: null,
};

export const newImage = "ghcr.io/acme/demo-api:sha-new";
export const oldImage = "ghcr.io/acme/demo-api:sha-old";

/** 12:00:00 of the day on which every test plays; seconds are added. */
export function at(seconds: number): Date {
  return new Date(Date.UTC(2026, 10, 21, 12, 0, 0) + seconds * 1000);
}

/** In sync, fresh and healthy on the promoted artifact. */
export function anApplication(change: Partial<Application> = {}): Application {
  return {
    name: "tenant-a-dev",
    namespace: "argocd",
    project: "default",
    resourceVersion: 100,
    deleting: false,
    automated: true,
    ignored: false,
    owner: null,
    sources: [{ url: "https://github.com/acme/platform.git", ref: null, valueFiles: [] }],
    hydrator: null,
    sync: { status: "Synced", revisions: [promotedCommit] },
    health: { status: "Healthy", message: "", since: at(-600) },
    reconciledAt: at(-5),
    requested: null,
    operation: null,
    conditions: [],
    images: [newImage],
    resources: [],
    ...change,
  };
}

/** An operation that succeeded at the promoted commit, ten seconds ago. */
export function anOperation(
  change: Partial<NonNullable<Application["operation"]>> = {},
): NonNullable<Application["operation"]> {
  return {
    revisions: [promotedCommit],
    infos: [],
    startedBy: "automated",
    phase: "Succeeded",
    message: "successfully synced",
    startedAt: at(-12),
    finishedAt: at(-10),
    retries: 0,
    failures: [],
    ...change,
  };
}

function aPromoted(change: Partial<Promoted> = {}): Promoted {
  return {
    artifact,
    commit: promotedCommit,
    repository: "acme/platform",
    promotionId: "abcdefghijklmnop",
    since: at(-60),
    retriedAt: null,
    ...change,
  };
}

const known: Readonly<Record<string, RevisionAnswer>> = {
  [promotedCommit]: { contains: "yes", holds: "yes", sentence: "" },
  [laterCommit]: { contains: "yes", holds: "yes", sentence: "" },
  [earlierCommit]: { contains: "no", holds: "no", sentence: "" },
  [strangeCommit]: { contains: "unknown", holds: "no", sentence: "" },
};

export type LookChange = {
  readonly promoted?: Partial<Promoted>;
  readonly memory?: RolloutMemory;
  readonly now?: Date;
  readonly answers?: Partial<RolloutAnswers>;
  readonly revisions?: Readonly<Record<string, RevisionAnswer>>;
};

export function judge(application: Application, change: LookChange = {}) {
  const revisions = { ...known, ...change.revisions };
  return judgeApplication(application, {
    promoted: aPromoted(change.promoted),
    answers: { revision: (revision) => revisions[revision], ...change.answers },
    memory: change.memory ?? {},
    now: change.now ?? at(0),
  });
}

/** Judges, and fails where something is asked; pods say nothing where the change does not let them. */
export function judgeNow(application: Application, change: LookChange = {}): Judged {
  const first = judge(application, change);
  const silent = first.kind === "question" && first.question.kind === "pods";
  const judgement = silent
    ? judge(application, { ...change, answers: { ...change.answers, pods: [] } })
    : first;
  if (judgement.kind === "question")
    throw new Error(`asks ${JSON.stringify(judgement.question)} instead of judging`);
  return judgement;
}
