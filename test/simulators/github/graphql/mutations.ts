import { protectionProblem } from "../actions/branch-rules.ts";
import { refusedWorkflows } from "../actions/branch-rules.ts";
import { settleMergeQueues } from "../actions/merge-queue.ts";
import { moveRefs } from "../actions/push.ts";
import { ZERO_SHA } from "../git/refs.ts";
import type { RefUpdate } from "../git/refs.ts";
import { ApiError } from "../http/answer.ts";
import type { Context } from "../http/context.ts";
import { accessRepository } from "../permissions.ts";
import { parseNodeId } from "../render/node-id.ts";
import { refNameProblem } from "../routes/git-refs.ts";
import { fullName } from "../state/find.ts";
import type { Repository } from "../state/records.ts";
import { fieldError } from "./errors.ts";
import { dequeuePullRequest, enqueuePullRequest } from "./merge-queue.ts";

type Mutation = (args: { input: never }, context: Context) => Promise<unknown>;

type RefWish = { name: string; beforeOid?: string | null; afterOid: string; force?: boolean };

type UpdateRefsInput = {
  repositoryId: string;
  refUpdates: RefWish[];
  clientMutationId?: string | null;
};

/** Finds a repository by its node id, as far as this caller may write to it. */
function writableRepository(context: Context, id: string): Repository {
  const { world, identity } = context;
  const node = parseNodeId(id);
  const row = node?.kind === "R" ? world.tables.repositories.get(Number(node.id)) : undefined;
  const unknown = fieldError(
    "NOT_FOUND",
    `Could not resolve to a node with the global id of '${id}'`,
  );
  if (row === undefined) throw unknown;
  const [owner = "", repo = ""] = fullName(world, row).split("/");
  try {
    return accessRepository(world, identity, { owner, repo }, [["contents", "write"]]);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 404) throw unknown;
    throw fieldError("FORBIDDEN", error.message);
  }
}

/** Moves several refs, all or none; each may name the value that it must have before. */
async function updateRefs({ input }: { input: UpdateRefsInput }, context: Context) {
  const repository = writableRepository(context, input.repositoryId);
  const { world } = context;
  await world.locked(repository.id, async () => {
    const current = { ...context, repository: world.tables.repositories.need(repository.id) };
    const updates: RefUpdate[] = [];
    for (const wish of input.refUpdates) updates.push(await checkedUpdate(current, wish));
    if (new Set(updates.map(({ ref }) => ref)).size < updates.length) {
      throw fieldError("UNPROCESSABLE", "A ref may be updated only once.");
    }
    const outcome = await moveRefs(current, repository, updates);
    if (!outcome.ok) throw fieldError("UNPROCESSABLE", "Reference update failed");
    await settleMergeQueues(context, repository.id);
  });
  return { clientMutationId: input.clientMutationId ?? null };
}

async function checkedUpdate(
  context: Context & { repository: Repository },
  wish: RefWish,
): Promise<RefUpdate> {
  const { world, repository } = context;
  const git = world.git(repository);
  const { name, afterOid } = wish;
  const problem = refNameProblem(name);
  if (problem !== undefined) throw fieldError("UNPROCESSABLE", problem);
  const now = git.refs.get(name) ?? ZERO_SHA;
  const before = wish.beforeOid ?? undefined;
  if (before !== undefined && before !== now) {
    // The wording follows createCommitOnBranch, the mutation whose refusal is publicly known.
    throw fieldError(
      "STALE_DATA",
      `Expected branch to point to "${before}" but it did not. Pull and try again.`,
    );
  }
  if (afterOid === ZERO_SHA) {
    if (now === ZERO_SHA) throw fieldError("UNPROCESSABLE", "Reference does not exist");
  } else if ((await git.objects.read(afterOid)) === undefined) {
    throw fieldError("UNPROCESSABLE", `Object ${afterOid} does not exist`);
  }
  const moves = now !== ZERO_SHA && afterOid !== ZERO_SHA;
  const forced = moves && !(await git.isAncestor(now, afterOid));
  if (forced && wish.force !== true) {
    throw fieldError("UNPROCESSABLE", "Update is not a fast forward");
  }
  const refused = protectionProblem(context, repository, {
    ref: name,
    sha: afterOid,
    forced,
    deletes: afterOid === ZERO_SHA,
  });
  if (refused !== undefined) throw fieldError("UNPROCESSABLE", refused);
  if (afterOid !== ZERO_SHA) {
    try {
      await refusedWorkflows(context, now === ZERO_SHA ? undefined : now, afterOid);
    } catch (error) {
      if (error instanceof ApiError) throw fieldError("UNPROCESSABLE", error.message);
      throw error;
    }
  }
  return { ref: name, before: now, after: afterOid };
}

/** One entry for each mutation that is simulated. */
export const mutations: Record<string, Mutation> = {
  updateRefs: updateRefs as Mutation,
  enqueuePullRequest: enqueuePullRequest as Mutation,
  dequeuePullRequest: dequeuePullRequest as Mutation,
};
