import { findService } from "#core/policy.ts";
import type { Target } from "#core/target.ts";

import { editTargets, type EditedTargets } from "./edit-targets.ts";
import { recogniseCommit } from "./observe-open-promotion.ts";
import { idOf, type PromotionWork } from "./promotion-work.ts";
import type { MadeFact } from "./remember.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** What is known of the open head while it says exactly what the plan wants, on files that the base left alone since. */
export async function currentOf(
  context: RepositoryContext,
  work: PromotionWork,
  moving: readonly Target[],
): Promise<MadeFact | null> {
  const { planned, base } = work;
  const made =
    planned.open === null ? null : await madeAs(context, work, moving, planned.open.head);
  if (made === null || made.promotionId !== idOf(context, work)) return null;
  const left = new Set(made.left?.map(({ tenant }) => tenant));
  const known = [...made.tenants, ...left].sort();
  const tenants = moving.map((target) => target.tenant).sort();
  if (known.join() !== tenants.join()) return null;
  const files = await context.repository.files(base.revision);
  const untouched = moving.every(
    ({ file, tenant }) => left.has(tenant) || files.get(file)?.sha === made.before[file],
  );
  return untouched ? made : null;
}

/**
 * What Sluice put into a commit of its own. Where that was forgotten, the commit itself says it, except whose files
 * could not be edited: those that still cannot be.
 */
async function madeAs(
  context: RepositoryContext,
  { policy, stream, planned, base }: PromotionWork,
  moving: readonly Target[],
  revision: string,
): Promise<MadeFact | null> {
  const { repository, memory, login } = context;
  const service = findService(policy, stream.service);
  if (service === undefined) return null;
  const targets = planned.targets.map(({ target }) => target);
  const made =
    (await memory.made(revision)) ??
    (await recogniseCommit(repository, memory, { revision, service, targets, login }));
  if (made === null || made.left !== undefined) return made;
  const missing = moving.filter(({ tenant }) => !made.tenants.includes(tenant));
  const edited = await editTargets(context, service, planned.artifact, missing, base.revision);
  for (const _ of edited.edits) return made;
  const whole = { ...made, left: leftOf(edited, missing) };
  await memory.setMade(revision, whole);
  return whole;
}

export type Left = NonNullable<MadeFact["left"]>;

/** Tenants that should move and do not, each with what keeps its file from being edited. */
export function leftOf(edited: EditedTargets, moving: readonly Target[]): Left {
  const moved = new Set(edited.moved.map(({ tenant }) => tenant));
  return moving
    .filter(({ tenant }) => !moved.has(tenant))
    .map(({ tenant, file }) => {
      const reasons = edited.refusals.filter((refusal) => refusal.file === file);
      const sentence = reasons.map((refusal) => refusal.sentence).join(" ");
      return { tenant, sentence: sentence === "" ? `${file} needs no change.` : sentence };
    });
}
