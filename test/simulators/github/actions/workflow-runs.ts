import type { Work } from "../http/context.ts";
import { renderMinimalRepository } from "../render/repository.ts";
import { renderWorkflow, renderWorkflowRun } from "../render/workflow.ts";
import type { CheckConclusion, Repository, Workflow, WorkflowRun } from "../state/records.ts";
import { emit } from "./emit.ts";
import { suiteOf } from "./suites.ts";

/** The App under whose name workflows run; its checks are other Apps' to read. */
export function actionsApp({ world }: Pick<Work, "world">): number {
  const app = world.tables.apps.find((row) => row.slug === "github-actions");
  if (app === undefined) throw new Error("the github-actions App was not seeded");
  return app.id;
}

function workflowOf(work: Work, repository: Repository, file: string): Workflow {
  const { world } = work;
  const path = file.includes("/") ? file : `.github/workflows/${file}`;
  const found = world.tables.workflows.find(
    (row) => row.repositoryId === repository.id && row.path === path,
  );
  if (found !== undefined) return found;
  const name = (path.split("/").pop() ?? "").replace(/\.ya?ml$/u, "");
  const id = world.nextId("other");
  return world.tables.workflows.insert({ id, repositoryId: repository.id, name, path });
}

/** A workflow ran to its end. */
export async function finishWorkflowRun(
  work: Work,
  repository: Repository,
  wanted: {
    workflow: string;
    headSha: string;
    conclusion: CheckConclusion;
    branch: string;
    event: string;
  },
): Promise<WorkflowRun> {
  const { world, actor } = work;
  const workflow = workflowOf(work, repository, wanted.workflow);
  const before = world.tables.workflowRuns.filter((row) => row.workflowId === workflow.id).length;
  const suite = suiteOf(work, repository, actionsApp(work), wanted.headSha);
  const run = world.tables.workflowRuns.insert({
    id: world.nextId("run"),
    repositoryId: repository.id,
    workflowId: workflow.id,
    runNumber: before + 1,
    headSha: wanted.headSha,
    headBranch: wanted.branch,
    event: wanted.event,
    status: "completed",
    conclusion: wanted.conclusion,
    actorId: actor.account.id,
    suiteId: suite.id,
    createdAt: world.date(),
    updatedAt: world.date(),
  });
  emit(work, { event: "workflow_run", action: "completed" }, repository, {
    workflow_run: {
      ...(await renderWorkflowRun(world, repository, run)),
      repository: renderMinimalRepository(world, repository),
    },
    workflow: renderWorkflow(world, repository, workflow),
  });
  return run;
}
