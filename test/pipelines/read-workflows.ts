import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { parse } from "yaml";

export const root = resolve(import.meta.dirname, "../..");

export type Step = {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string | boolean;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
};

export type Job = {
  readonly needs?: string | readonly string[];
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly strategy?: { readonly matrix: Readonly<Record<string, unknown>> };
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
};

export type Workflow = {
  readonly name: string;
  readonly on: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": unknown };
  readonly jobs: Readonly<Record<string, Job>>;
};

export type WorkflowFile = { readonly file: string; readonly text: string };

/** Every workflow of this repository. */
export const workflowFiles: readonly WorkflowFile[] = globSync(".github/workflows/*.{yml,yaml}", {
  cwd: root,
})
  .toSorted()
  .map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }));

export function readWorkflow(text: string): Workflow {
  return parse(text) as Workflow;
}

/** One of them by its name, as `ci`; throws where there is none. */
export function theWorkflow(name: string): Workflow {
  const found = workflowFiles.find(({ file }) => file === `.github/workflows/${name}.yml`);
  if (found === undefined) throw new Error(`there is no workflow ${name}.yml`);
  return readWorkflow(found.text);
}

/** The only step of a job that has this id, or whose name starts so; throws where there is none, or more than one. */
export function theStep(job: Job | undefined, called: string): Step {
  const found = (job?.steps ?? []).filter(
    ({ id, name }) => id === called || name?.startsWith(called),
  );
  if (found.length !== 1 || found[0] === undefined)
    throw new Error(`${found.length} steps are called ${called}, not one`);
  return found[0];
}
