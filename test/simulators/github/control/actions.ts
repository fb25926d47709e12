import { createCheckRun, rerequestRun, tellRun } from "../actions/checks.ts";
import { createComment, editComment } from "../actions/comments.ts";
import { editPull } from "../actions/edit-pull.ts";
import type { PullPatch } from "../actions/edit-pull.ts";
import { changeInstallation } from "../actions/installations.ts";
import type { InstallationChange } from "../actions/installations.ts";
import { editIssue, openIssue } from "../actions/issues.ts";
import { mergePull } from "../actions/merge-pull.ts";
import { publish } from "../actions/publish.ts";
import { renderPullNow } from "../actions/pull-facts.ts";
import { closePull } from "../actions/pull-follow.ts";
import { openPull } from "../actions/pulls.ts";
import { moveRefs } from "../actions/push.ts";
import { submitReview } from "../actions/reviews.ts";
import { actionsApp, finishWorkflowRun } from "../actions/workflow-runs.ts";
import { ZERO_SHA } from "../git/refs.ts";
import { ApiError, notFound } from "../http/answer.ts";
import type { Work } from "../http/context.ts";
import type { ProtectionSeed } from "../seed.ts";
import type { Simulation } from "../simulation.ts";
import { ensureAccount } from "../state/accounts.ts";
import { protectionOf } from "../state/apply-seed.ts";
import { findIssue, findPull, roleOf } from "../state/find.ts";
import type { ReviewState } from "../state/records.ts";
import { asPerson, place, pullOf } from "./as-person.ts";
import type {
  AttestInput,
  CheckRunInput,
  ClickInput,
  CommentInput,
  InRepository,
  MergeInput,
  OnPull,
  PublishInput,
  PullRequestInput,
  PushInput,
  RevertInput,
  ReviewInput,
  WorkflowRunInput,
} from "./inputs.ts";
import { pushFiles, revertCommit } from "./push-files.ts";
import { queueActions } from "./queue-actions.ts";

/** What people, builders and other Apps do; each is also `POST /_sim/<name>` on the control port. */
export function controlActions(simulation: Simulation) {
  const { world } = simulation;
  return {
    ...queueActions(simulation),
    publish: (input: PublishInput) =>
      asPerson(simulation, { user: "github-actions[bot]", ...input }, (work, repository) =>
        Promise.resolve(
          publish(work, simulation.registry, repository, {
            image: input.image,
            tag: input.tag,
            revision: input.revision,
            platforms: input.platforms ?? ["linux/amd64", "linux/arm64"],
            digest: input.digest,
          }),
        ),
      ),
    /** A workflow attests what it has built; GitHub looks at nothing of it. */
    attest: (input: AttestInput) =>
      asPerson(simulation, { user: "github-actions[bot]", ...input }, (_work, repository) => {
        const { digest, bundle } = input;
        const row = { id: world.nextId("other"), repositoryId: repository.id, digest, bundle };
        return Promise.resolve({ id: world.tables.attestations.insert(row).id });
      }),
    "workflow-run": (input: WorkflowRunInput) =>
      asPerson(simulation, { user: "github-actions[bot]", ...input }, async (work, repository) => {
        const run = await finishWorkflowRun(work, repository, {
          workflow: input.workflow,
          headSha: input.headSha,
          conclusion: input.conclusion,
          branch: input.branch ?? repository.defaultBranch,
          event: input.event ?? "push",
        });
        return { id: run.id, runNumber: run.runNumber };
      }),
    comment: (input: CommentInput) =>
      asPerson(simulation, input, async (work, repository) => {
        const issue = findIssue(world, repository, input.number);
        if (issue === undefined) throw notFound();
        return { id: createComment(work, repository, issue, input.body).id };
      }),
    "edit-comment": (input: InRepository & { comment: number; user: string; body: string }) =>
      asPerson(simulation, input, async (work, repository) => {
        const comment = world.tables.comments.get(input.comment);
        if (comment === undefined) throw notFound();
        return { id: editComment(work, repository, comment, input.body).id };
      }),
    "open-issue": (input: InRepository & { user: string; title: string; body?: string }) =>
      asPerson(simulation, input, async (work, repository) => {
        const { title, body = null } = input;
        return { number: (await openIssue(work, repository, { title, body, labels: [] })).number };
      }),
    /** A person edits an issue's text; ticking a box is such an edit of one line. */
    "edit-issue": (input: OnPull & { title?: string; body: string }) =>
      asPerson(simulation, input, (work, repository) => {
        const issue = findIssue(world, repository, input.number);
        if (issue === undefined || issue.pullId !== null) throw notFound();
        editIssue(work, repository, issue, { title: input.title ?? issue.title, body: input.body });
        return Promise.resolve({ number: issue.number });
      }),
    review: (input: ReviewInput) =>
      asPerson(simulation, input, async (work, repository) => {
        const pull = pullOf(work, repository, input.number);
        const state = reviewState(input.state);
        const body = input.body ?? (state === "APPROVED" ? "" : "…");
        return { id: submitReview(work, repository, pull, { state, body }).id };
      }),
    merge: (input: MergeInput) =>
      asPerson(simulation, input, async (work, repository) => {
        const role = roleOf(world, repository, input.user);
        if (!["admin", "maintain", "write"].includes(role)) {
          throw new ApiError(403, `${input.user} may not merge here (${role})`);
        }
        const wish = { sha: undefined, title: undefined, message: undefined };
        const method = input.method ?? repository.mergeMethods[0] ?? "merge";
        const pull = pullOf(work, repository, input.number);
        return { sha: await mergePull(work, repository, pull, { ...wish, method }) };
      }),
    /** Title, body or state of a pull request; reopening is `state: "open"`. */
    "edit-pull": (input: OnPull & PullPatch) =>
      asPerson(simulation, input, async (work, repository) => {
        const { repository: _repository, number, user: _user, ...patch } = input;
        await editPull(work, repository, pullOf(work, repository, number), patch);
        return { number };
      }),
    "delete-branch": (input: InRepository & { branch: string; user: string }) =>
      asPerson(simulation, input, async (work, repository) => {
        const ref = `refs/heads/${input.branch}`;
        const outcome = await moveRefs(work, repository, [{ ref, after: ZERO_SHA }]);
        if (!outcome.ok) throw new ApiError(422, outcome.message);
        return { ref };
      }),
    /** Sets, or with null removes, the protection of a branch. */
    protect: (input: InRepository & { branch: string; protection: ProtectionSeed | null }) => {
      const row = place(simulation, input.repository);
      const { [input.branch]: _old, ...others } = row.protection;
      const set =
        input.protection === null ? {} : { [input.branch]: protectionOf(input.protection) };
      world.tables.repositories.update(row.id, { protection: { ...others, ...set } });
      return Promise.resolve({ branch: input.branch });
    },
    close: (input: OnPull) =>
      asPerson(simulation, input, async (work, repository) => {
        const pull = pullOf(work, repository, input.number);
        await closePull(work, repository, pull);
        return { number: pull.number };
      }),
    revert: (input: RevertInput) =>
      asPerson(simulation, input, async (work, repository) => {
        const pull =
          input.number === undefined ? undefined : pullOf(work, repository, input.number);
        const sha = input.sha ?? pull?.mergeCommitSha ?? undefined;
        if (sha === undefined) throw new ApiError(422, "name a sha, or a merged pull request");
        const how = { sha, pull, pullRequest: input.pullRequest ?? false };
        return revertCommit(work, repository, how);
      }),
    push: (input: PushInput) =>
      asPerson(simulation, input, (work, repository) =>
        pushFiles(work, repository, {
          branch: input.branch ?? repository.defaultBranch,
          files: input.files,
          message: input.message ?? "Change files",
          force: input.force ?? false,
        }),
      ),
    "pull-request": (input: PullRequestInput) =>
      asPerson(simulation, input, async (work, repository) => {
        const pull = await openPull(work, repository, {
          title: input.title,
          body: input.body ?? null,
          head: input.head,
          base: input.base ?? repository.defaultBranch,
          draft: false,
          maintainerCanModify: true,
          issue: undefined,
        });
        return { number: pull.number, sha: pull.headSha };
      }),
    "check-run": (input: CheckRunInput) =>
      asPerson(simulation, { user: "github-actions[bot]", ...input }, async (work, repository) => {
        const status = input.status ?? (input.conclusion === undefined ? "queued" : "completed");
        const run = await createCheckRun(work, repository, actionsApp(work), {
          name: input.name,
          head_sha: input.sha,
          status,
          ...(input.conclusion === undefined ? {} : { conclusion: input.conclusion }),
        });
        return { id: run.id };
      }),
    /** A person presses "Re-run" on a check run, or one of its buttons. */
    rerequest: (input: ClickInput) =>
      asPerson(simulation, input, async (work, repository) => {
        await rerequestRun(work, repository, world.tables.checkRuns.need(input.checkRun));
        return { id: input.checkRun };
      }),
    "requested-action": (input: ClickInput) =>
      asPerson(simulation, input, async (work, repository) => {
        const run = world.tables.checkRuns.need(input.checkRun);
        if (!run.actions.some(({ identifier }) => identifier === input.action)) {
          throw new ApiError(422, `this check run has no button ${input.action}`);
        }
        const requested_action = { identifier: input.action ?? "" };
        await tellRun(work, repository, run, "requested_action", { requested_action });
        return { id: run.id };
      }),
    /** The pull request as the API would show it. */
    "show-pull": async (input: InRepository & { number: number }) => {
      const repository = place(simulation, input.repository);
      const pull = findPull(world, repository, input.number);
      if (pull === undefined) throw notFound();
      return renderPullNow(world, repository, pull);
    },
    /** The owner suspends, narrows or removes an installation. */
    installation: (input: InstallationChange & { user?: string }) => {
      const account = ensureAccount(world, input.user ?? "owner");
      const work: Work = { world, actor: { account, app: null, installation: null }, outbox: [] };
      changeInstallation(work, input);
      simulation.deliveries.send(work.outbox);
      return Promise.resolve({ action: input.action });
    },
    redeliver: (input: { id: number }) => {
      const delivery = simulation.deliveries.redeliver(input.id);
      if (delivery === undefined) throw notFound();
      return Promise.resolve({ id: delivery.id, guid: delivery.guid });
    },
  };
}

export type ControlActions = ReturnType<typeof controlActions>;

const STATES: Record<string, ReviewState> = {
  approve: "APPROVED",
  approved: "APPROVED",
  request_changes: "CHANGES_REQUESTED",
  changes_requested: "CHANGES_REQUESTED",
  comment: "COMMENTED",
  commented: "COMMENTED",
};

function reviewState(text: string): ReviewState {
  const state = STATES[text.toLowerCase()];
  if (state === undefined) {
    throw new ApiError(
      422,
      `unknown review state ${text}; one of ${Object.keys(STATES).join(", ")}`,
    );
  }
  return state;
}
