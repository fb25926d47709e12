import type { Deps } from "./deps.ts";
import type { RepositoryContext } from "./repository-context.ts";

const prefix = "policy-valid/";

/** Remembers whether the policy of a repository is valid, and measures. */
export async function measurePolicy(context: RepositoryContext, valid: boolean): Promise<void> {
  const { facts } = context.deps;
  const key = `${prefix}${context.job.repository}`;
  if ((await facts.get<boolean>(key)) !== valid) await facts.set(key, valid);
  await measurePolicies(context.deps);
}

/**
 * `policy_valid` is 1 only while every policy that this bot serves is valid: one broken one is worth a look. Each process
 * says it of all of them, whichever process read them: the sweep has it say so again, or one that saw a policy broken
 * would go on saying so after another has seen it mended.
 */
export async function measurePolicies({
  facts,
  meter,
}: Pick<Deps, "facts" | "meter">): Promise<void> {
  const all = [...(await facts.list<boolean>(prefix)).values()];
  if (all.length > 0) meter.set("policy_valid", {}, all.every(Boolean) ? 1 : 0);
}
