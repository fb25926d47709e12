import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

import { root } from "./read-workflows.ts";

type Image = string | { readonly name: string };

export type GitlabJob = {
  readonly stage?: string;
  readonly extends?: string;
  readonly needs?: readonly string[];
  readonly image?: Image;
  readonly services?: readonly Image[];
  readonly timeout?: string;
  readonly rules?: readonly {
    readonly if?: string;
    readonly changes?: readonly string[];
  }[];
  readonly parallel?: { readonly matrix: readonly Record<string, readonly string[]>[] };
  readonly script?: readonly string[];
  readonly before_script?: readonly string[];
};

const keywords = ["stages", "workflow", "variables", "default"];

const document = parse(readFileSync(join(root, ".gitlab-ci.yml"), "utf8")) as Record<
  string,
  unknown
> & {
  readonly stages: readonly string[];
  readonly default: GitlabJob & { readonly timeout: string };
};

export const stages = document.stages;
export const defaults = document.default;

/** Jobs with what they extend; templates, whose names begin with a dot, are none. */
export const gitlabJobs: Readonly<Record<string, GitlabJob>> = Object.fromEntries(
  Object.entries(document)
    .filter(([name]) => !name.startsWith(".") && !keywords.includes(name))
    .map(([name, job]) => {
      const own = job as GitlabJob;
      const base = own.extends === undefined ? {} : document[own.extends];
      if (base === undefined) throw new Error(`${name} extends ${own.extends}, which is not there`);
      return [name, { ...(base as GitlabJob), ...own }];
    }),
);

/** Images of a job and of its services; its own is the default where it names none. */
export function imagesOf(job: GitlabJob): readonly string[] {
  return [job.image ?? defaults.image ?? "", ...(job.services ?? [])].map((image) =>
    typeof image === "string" ? image : image.name,
  );
}
