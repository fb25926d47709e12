import { z } from "zod";

import { ignored, type Reader, readerOf } from "./reader.ts";
import { repository, sha } from "./shapes.ts";

const schema = z.object({
  action: z.string(),
  workflow_run: z.object({
    conclusion: z.string().nullish(),
    event: z.string(),
    head_branch: z.string().nullish(),
    head_sha: sha,
    head_repository: z.object({ id: z.number() }).nullish(),
    path: z.string().nullish(),
  }),
  workflow: z.object({ path: z.string() }).nullish(),
  repository,
});

/** A run of a pull request, or of a fork, builds what is on no branch of ours: it is no witness. */
export const readWorkflowRun: Reader = readerOf(schema, (payload) => {
  const { action, workflow_run: run } = payload;
  if (action !== "completed") return ignored(`workflow run ${action}`);
  if (run.conclusion !== "success") return ignored(`workflow run ended ${run.conclusion}`);
  if (run.event.startsWith("pull_request")) return ignored("workflow run of a pull request");
  if (run.head_repository?.id !== payload.repository.id) return ignored("workflow run of a fork");
  if (typeof run.head_branch !== "string") return ignored("workflow run of no branch");
  const workflow = fileOf(run.path ?? payload.workflow?.path ?? "");
  if (workflow === null) return ignored("workflow run without a file");
  return {
    kind: "workflow.succeeded",
    repository: payload.repository.full_name,
    workflow,
    branch: run.head_branch,
    revision: run.head_sha,
  };
});

/** `.github/workflows/ci.yml`, at times followed by `@refs/heads/main`. */
function fileOf(path: string): string | null {
  return /^\.github\/workflows\/([^/@]+)(?:@.*)?$/u.exec(path)?.[1] ?? null;
}
