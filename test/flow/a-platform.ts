import type { CommentEvent } from "#flow/answer-command.ts";
import type { Deps } from "#flow/deps.ts";
import { openRepository, type RepositoryContext } from "#flow/repository-context.ts";
import type { Facts } from "#ports/facts.ts";
import type { JobContext } from "#ports/job-queue.ts";

import { aSimulatedGitHub } from "../adapters/github/a-simulated-github.ts";
import { memoryFacts, noMeter, noTracer, silentLog } from "../adapters/github/support.ts";
import type { RepositorySeed } from "../simulators/github/seed.ts";
import { demoPolicy, platform, valuesFiles } from "../stage/seed.ts";

export const jobContext: JobContext = {
  jobId: "job",
  attempt: 0,
  signal: new AbortController().signal,
};

/** `acme/platform` with the demo's policy on a simulated GitHub, and a flow that works on it without a queue. */
export async function aPlatform({
  policy = demoPolicy(),
  seed = {} as Partial<RepositorySeed>,
  others = [] as readonly RepositorySeed[],
} = {}) {
  let facts = memoryFacts();
  let now = new Date();
  let beforeFact = () => {};
  const known = () => {
    beforeFact();
    return facts;
  };
  const shared: Facts = {
    get: (key) => known().get(key),
    set: (...args) => known().set(...args),
    delete: (keys) => known().delete(keys),
    list: (prefix) => known().list(prefix),
    update: (...args) => known().update(...args),
  };
  const clock = { now: () => now };
  const simulated = await aSimulatedGitHub({
    facts: shared,
    others: [{ name: "demo-api", files: { "README.md": "# demo-api\n" } }, ...others],
    seed: {
      files: { ".github/sluice.yaml": policy, ...valuesFiles(["tenant-a"], "sha-0000000", "") },
      collaborators: { mona: "maintain", bob: "write", rita: "write" },
      ...seed,
    },
  });
  const added: string[] = [];
  const deps: Deps = {
    host: simulated.host,
    facts: shared,
    clock,
    log: silentLog,
    meter: noMeter,
    tracer: noTracer,
    queue: {
      addDelivery: async ({ id }) => void added.push(`delivery ${id}`),
      addReconcile: async ({ repository }) => void added.push(`reconcile ${repository}`),
      addRollout: async ({ environment }) => void added.push(`rollout ${environment}`),
      addLoad: async ({ environment }) => void added.push(`load ${environment}`),
      addWake: async () => void added.push("wake"),
      addNotification: async ({ notification }) =>
        void added.push(`notification ${notification.kind}`),
    },
    registry: {
      resolve: async () => ({ kind: "absent" }),
      tags: async () => ({ kind: "found", tags: [] }),
    },
    deployers: { names: () => [], instance: () => null },
    notifier: {
      webhook: async () => ({ kind: "delivered" }),
      slack: async () => ({ kind: "delivered" }),
    },
    load: { configured: false, drive: async () => Promise.reject(new Error("not driven")) },
    attestations: { verify: () => ({ kind: "invalid", sentence: "nobody signed." }) },
    measurements: {
      measure: async () => ({ kind: "nothing", reason: "no-data", sentence: "", remedy: "" }),
    },
  };
  const { github } = simulated;
  const job = { installation: github.installationId, repository: platform };
  const act = { repository: platform };

  return {
    ...simulated,
    deps,
    job,
    /** What was queued, in order. */
    added,
    context: (): Promise<RepositoryContext> => openRepository(deps, job, jobContext),
    /** The facts are gone. */
    empty: () => {
      facts = memoryFacts();
    },
    /** Called before every look into the facts, and every change of them. */
    watchFacts: (before: () => void) => {
      beforeFact = before;
    },
    at: (time: Date) => {
      now = time;
    },
    now: () => now,
    /** An open pull request of a branch, with one file changed. */
    openPull: async (branch: string, user = "bob") => {
      const files = { "gitops/tenants/tenant-a/notes.yaml": `about: ${branch} ${Math.random()}\n` };
      await github.act.push({ ...act, branch, user, files });
      return github.act["pull-request"]({ ...act, user, head: branch, title: branch });
    },
    /** A comment as its delivery tells of it. */
    comment: async (
      author: string,
      number: number,
      body: string,
      createdAt = new Date(),
    ): Promise<CommentEvent> => {
      const { id } = await github.act.comment({ ...act, number, user: author, body });
      return {
        kind: "comment.created",
        repository: platform,
        number,
        commentId: id,
        body,
        createdAt: createdAt.toISOString().replace(/\.\d+Z/, "Z"),
        author,
        authorIsBot: false,
        onPullRequest: true,
      };
    },
    reactions: async (commentId: number) =>
      github.world.tables.reactions
        .filter((row) => row.subject === "comment" && row.subjectId === commentId)
        .map(({ content }) => content),
    answers: async (number: number) => {
      const { conversation } = await openRepository(deps, job, jobContext);
      return (await conversation.comments(number)).filter((one) => one.author === "sluice[bot]");
    },
  };
}
