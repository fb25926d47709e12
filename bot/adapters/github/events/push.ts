import { z } from "zod";

import { policyPath } from "#core/policy-parse.ts";

import { ignored, type Reader, readerOf } from "./reader.ts";
import { repository } from "./shapes.ts";

const files = z.array(z.string()).nullish();

const schema = z.object({
  ref: z.string(),
  after: z.string(),
  created: z.boolean().nullish(),
  forced: z.boolean().nullish(),
  deleted: z.boolean().nullish(),
  commits: z.array(z.object({ added: files, modified: files, removed: files })).nullish(),
  repository: repository.extend({ default_branch: z.string() }),
});

type Push = z.infer<typeof schema>;

/** GitHub lists at most so many commits (webhook docs, `push`). */
const mostCommits = 2048;
const heads = "refs/heads/";

export const readPush: Reader = readerOf(schema, (payload) => {
  if (!payload.ref.startsWith(heads)) return ignored("push of a tag");
  return {
    kind: "branch.pushed",
    repository: payload.repository.full_name,
    branch: payload.ref.slice(heads.length),
    defaultBranch: payload.repository.default_branch,
    after: payload.after,
    touchesPolicy: touchesPolicy(payload),
  };
});

/** Yes where the list of commits cannot tell. */
function touchesPolicy(payload: Push): boolean {
  const commits = payload.commits ?? [];
  const whole = payload.forced !== true && payload.created !== true && payload.deleted !== true;
  if (!whole || commits.length === 0 || commits.length >= mostCommits) return true;
  return commits.some((commit) =>
    [commit.added, commit.modified, commit.removed].some((list) => list?.includes(policyPath)),
  );
}
