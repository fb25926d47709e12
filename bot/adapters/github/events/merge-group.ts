import { z } from "zod";

import { ignored, type Reader, readerOf } from "./reader.ts";
import { repository, sha } from "./shapes.ts";

const mergeGroup = z.object({
  action: z.string(),
  merge_group: z.object({ head_sha: sha, base_ref: z.string() }),
  repository: repository.extend({ default_branch: z.string() }),
});

/** Its pull requests tell themselves what became of a group that is destroyed. */
export const readMergeGroup: Reader = readerOf(mergeGroup, (payload) => {
  const { action, merge_group: group } = payload;
  if (action !== "checks_requested") return ignored(`merge group ${action}`);
  return {
    kind: "merge-group.requested",
    repository: payload.repository.full_name,
    revision: group.head_sha,
    branch: group.base_ref.replace(/^refs\/heads\//u, ""),
    defaultBranch: payload.repository.default_branch,
  };
});
