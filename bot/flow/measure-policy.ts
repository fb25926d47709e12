import type { RepositoryContext } from "./repository-context.ts";

/** `policy_valid` is 1 only while every policy that this bot serves is valid: one broken one is worth a look. */
export async function measurePolicy(context: RepositoryContext, valid: boolean): Promise<void> {
  const { facts, meter } = context.deps;
  const key = `policy-valid/${context.job.repository}`;
  if ((await facts.get<boolean>(key)) !== valid) await facts.set(key, valid);
  const all = [...(await facts.list<boolean>("policy-valid/")).values()];
  meter.set("policy_valid", {}, all.every(Boolean) ? 1 : 0);
}
