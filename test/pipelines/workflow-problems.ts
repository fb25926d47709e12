import type { Job, Step, WorkflowFile } from "./read-workflows.ts";
import { readWorkflow } from "./read-workflows.ts";

/** Minutes a job may take at most. */
const longest = 9;

/** Every right to write that a job has, and why; whatever is not here is a problem. */
const mayWrite: Readonly<Record<string, readonly string[]>> = {
  "ci.smoke": ["security-events"],
  "ci.scan": ["security-events"],
  "ci.publish": ["attestations", "id-token", "packages"],
  "image.push": ["attestations", "id-token", "packages"],
  "codeql.analyze": ["security-events"],
  "release.propose": ["contents", "issues", "pull-requests"],
  "release.image": ["attestations", "id-token", "packages"],
};

/** One sentence a breach of what this repository asks of every workflow. */
export function workflowProblems({ file, text }: WorkflowFile): string[] {
  const workflow = readWorkflow(text);
  const called = Object.keys(workflow.on).every((event) => event === "workflow_call");
  const short = file.replace(/^.*\/|\.ya?ml$/g, "");
  return [
    ...pinProblems(text),
    ...(JSON.stringify(workflow.permissions) === "{}"
      ? []
      : ["permissions of the workflow must be {}, each job names its own"]),
    ...(called || typeof workflow.concurrency?.group === "string" ? [] : ["no concurrency group"]),
    ...Object.entries(workflow.on)
      .filter(([, settings]) => settings?.["paths"] ?? settings?.["paths-ignore"])
      .map(([event]) => `${event} has a path filter: a required check would never report`),
    ...("pull_request_target" in workflow.on
      ? ["pull_request_target runs strangers' code with our rights"]
      : []),
    ...Object.entries(workflow.jobs).flatMap(([name, job]) =>
      jobProblems(`${short}.${name}`, job).map((problem) => `${name}: ${problem}`),
    ),
  ];
}

function pinProblems(text: string): string[] {
  const uses = [...text.matchAll(/^\s*(?:- )?uses: *(.+)$/gm)].map(([, used = ""]) => used);
  return uses
    .filter((used) => !used.startsWith("./"))
    .filter((used) => !/^[\w.-]+(\/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(used))
    .map((used) => `${used}: pin a commit, and write its version behind it`);
}

function jobProblems(name: string, job: Job): string[] {
  const writes = Object.entries(job.permissions ?? {}).flatMap(([scope, right]) =>
    right === "write" ? [scope] : [],
  );
  const minutes = job["timeout-minutes"] ?? Number.POSITIVE_INFINITY;
  return [
    ...(job.permissions === undefined ? ["no permissions"] : []),
    ...writes
      .filter((scope) => mayWrite[name]?.includes(scope) !== true)
      .map((scope) => `may not write ${scope}`),
    // A called workflow brings its own.
    ...(job.uses === undefined && minutes > longest
      ? [`timeout-minutes must be ${longest} at most`]
      : []),
    ...(job.steps ?? []).flatMap(stepProblems),
  ];
}

function stepProblems(step: Step): string[] {
  const { uses = "", run = "" } = step;
  const isReport = /\/(upload-artifact|upload-sarif)@/.test(uses);
  const named = step.name ?? (uses || run.trim());
  return [
    ...(isReport && !String(step.if ?? "").includes("always()")
      ? [`${named}: a report is wanted most when something failed; if: always()`]
      : []),
    ...(/\$\{\{[^}]*\b(github\.(event|head_ref|ref_name|base_ref)|inputs\.|needs\.)/.test(run)
      ? [`${named}: text from outside goes through env, never into a script`]
      : []),
    ...(uses.startsWith("actions/checkout@") && step.with?.["persist-credentials"] !== false
      ? [`${named}: persist-credentials must be false`]
      : []),
  ];
}
