import type { GitopsRepo } from "#ports/gitops-repo.ts";

import { readBranch, readHead } from "./branches.ts";
import { commitFiles } from "./commit-files.ts";
import { contains } from "./compare.ts";
import type { RepositoryContext } from "./context.ts";
import { mergeQueues } from "./merge-queue.ts";
import { mergePullRequest } from "./merge.ts";
import { moveBranch } from "./move-branch.ts";
import { openPullRequest } from "./open-pull-request.ts";
import {
  addLabels,
  editPullRequest,
  listPullRequests,
  pullRequestsOf,
  readClosedBy,
  readPullRequest,
} from "./pull-requests.ts";
import { readBlobs } from "./read-blobs.ts";
import { commitsTouching, readCommit } from "./read-commit.ts";
import { readFile } from "./read-file.ts";
import { readTree } from "./read-tree.ts";
import { readReviews } from "./reviews.ts";

export function gitopsRepo(context: RepositoryContext): GitopsRepo {
  return {
    name: context.name,
    head: async () => readHead(context),
    files: async (revision) => readTree(context, revision),
    contents: async (revision, entries) => readBlobs(context, revision, entries),
    readFile: async (path) => readFile(context, path),
    commit: async (revision) => readCommit(context, revision),
    commitsTouching: async (path, from, limit) => commitsTouching(context, path, from, limit),
    contains: async (ancestor, descendant) => contains(context, ancestor, descendant),
    branch: async (name) => readBranch(context, name),
    createCommit: async (options) => commitFiles(context, options),
    moveBranch: async (move) => moveBranch(context, move),
    pullRequests: async (options) => listPullRequests(context, options),
    pullRequestsOf: async (branch) => pullRequestsOf(context, branch),
    pullRequest: async (number) => readPullRequest(context, number),
    reviews: async (number) => readReviews(context, number),
    closedBy: async (number) => readClosedBy(context, number),
    openPullRequest: async (wanted) => openPullRequest(context, wanted),
    editPullRequest: async (number, change) => editPullRequest(context, number, change),
    addLabels: async (number, labels) => addLabels(context, number, labels),
    merge: async (wanted) => mergePullRequest(context, wanted),
    mergeQueues: mergeQueues(context),
  };
}
