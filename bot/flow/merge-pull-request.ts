import { findService } from "#core/policy.ts";
import { renderMergeMessage } from "#core/promotion-pull-request.ts";
import type { Target } from "#core/target.ts";
import { decodeValues, editValues } from "#core/values.ts";
import type { PullRequest } from "#ports/github-things.ts";

import { editsOf } from "./edit-targets.ts";
import { rememberPullRequest } from "./observe-pull-requests.ts";
import { describe, logFields, type PromotionWork } from "./open-pull-request.ts";
import { rememberRefusal, standingRefusal, type RefusedMerge } from "./refused-merge.ts";
import type { RepositoryContext } from "./repository-context.ts";

export type MergeOutcome =
  | { readonly kind: "merged"; readonly revision: string }
  /** `sentence` is null for what usually passes at once. */
  | { readonly kind: "refused"; readonly sentence: string | null; readonly until: Date };

/** Merges exactly the head that the gates were judged on. */
export async function mergePullRequest(
  context: RepositoryContext,
  work: PromotionWork,
  pull: PullRequest,
  head: string,
): Promise<MergeOutcome> {
  const standing = await standingRefusal(context, pull.number, head);
  if (standing !== null) return outcomeOf(standing);

  const moving = work.planned.targets.filter((one) => one.outcome === "move");
  const tenants = moving.map((one) => one.target.tenant).sort();
  const { title, message } = renderMergeMessage(describe(context, work, tenants));
  const result = await context.repository.merge({ number: pull.number, head, title, message });
  switch (result.kind) {
    case "merged":
      await followMerge(
        context,
        work,
        { ...pull, headRevision: head },
        result.revision,
        moving.map((one) => one.target),
      );
      return { kind: "merged", revision: result.revision };
    case "head-moved": {
      // The list lags behind; once it does not, there is another head to ask for.
      const sentence = "The branch has just moved.";
      const moved = { kind: "not-yet", reason: "head-moved", sentence } as const;
      return outcomeOf(await rememberRefusal(context, pull.number, head, moved));
    }
    case "not-yet":
    case "blocked":
      return outcomeOf(await rememberRefusal(context, pull.number, head, result));
  }
}

function outcomeOf({ sentence, until }: RefusedMerge): MergeOutcome {
  return { kind: "refused", sentence, until: new Date(until) };
}

async function followMerge(
  context: RepositoryContext,
  work: PromotionWork,
  pull: PullRequest,
  revision: string,
  targets: readonly Target[],
): Promise<void> {
  const { memory, now, deps, repository } = context;
  await rememberPullRequest(memory, {
    ...pull,
    state: "closed",
    mergedAt: now,
    closedAt: now,
    mergeRevision: revision,
  });
  const difference = await differenceFromComputed(context, work, revision, targets);
  if (difference !== null) await memory.setMergedDifferently(work.stream, now, difference);
  const sample = targets[0];
  if (sample !== undefined)
    await memory.setBrought(sample, {
      artifact: work.planned.artifact,
      commit: revision,
      at: now.toISOString(),
      previous: work.planned.from,
      sampleBlob: (await repository.files(revision)).get(sample.file)?.sha ?? "",
    });
  await repository.moveBranch({ branch: pull.headBranch, from: pull.headRevision, to: null });
  await memory.setFinished(pull.number);
  const { environment } = work.stream;
  deps.meter.count("promotions_total", { environment, result: "merged" });
  deps.meter.observe(
    "promotion_stage_seconds",
    { environment, stage: "gates" },
    (now.getTime() - pull.createdAt.getTime()) / 1000,
  );
  context.log.info(
    { ...logFields(context, work), pull: pull.number, revision, targets: targets.length },
    "promotion merged",
  );
}

/**
 * Every file that was merged must be what Sluice makes of the base's file: a foreign commit slipped in between the
 * judgement and the merge must not change more than itself.
 */
async function differenceFromComputed(
  context: RepositoryContext,
  work: PromotionWork,
  revision: string,
  targets: readonly Target[],
): Promise<string | null> {
  const { repository } = context;
  const service = findService(work.policy, work.stream.service);
  const base = (await repository.commit(revision)).parents[0];
  if (service === undefined || base === undefined) return null;
  const [before, after] = await Promise.all([repository.files(base), repository.files(revision)]);
  const wanted = editsOf(service, work.planned.artifact);
  const entriesIn = (files: typeof before) =>
    targets.flatMap((target) => files.get(target.file) ?? []);
  const [old, merged] = await Promise.all([
    repository.contents(base, entriesIn(before)),
    repository.contents(revision, entriesIn(after)),
  ]);
  for (const { file } of targets) {
    const was = textOf(file, old.get(before.get(file)?.sha ?? ""));
    const is = textOf(file, merged.get(after.get(file)?.sha ?? ""));
    const edited = was === null ? null : editValues(file, was, wanted);
    const computed = edited?.kind === "edited" ? edited.text : was;
    if (is === null || edited === null || edited.kind === "refused" || computed !== is)
      return (
        `The merge ${revision.slice(0, 7)} left ${file} other than Sluice had computed. ` +
        "Look at the file, then write /resume on this pull request."
      );
  }
  return null;
}

function textOf(file: string, bytes: Uint8Array | undefined): string | null {
  if (bytes === undefined) return null;
  const decoded = decodeValues(file, bytes);
  return decoded.kind === "text" ? decoded.text : null;
}
