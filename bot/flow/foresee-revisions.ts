import type { Policy } from "#core/policy.ts";

import { believe } from "./find-candidates.ts";
import { eligibilityNote } from "./find-eligibility.ts";
import { findRevision } from "./find-revision.ts";
import type { RepositoryContext } from "./repository-context.ts";

/**
 * Asks for the revision of what was published last while the pull requests are still being listed: the plan is sure to
 * ask for it, and then it is one call less that others wait for. What was looked at before is left alone.
 */
export async function foreseeRevisions(context: RepositoryContext, policy: Policy): Promise<void> {
  await Promise.all(
    policy.services.map(async (service) => {
      if (service.source === null || service.order !== "ancestry") return;
      const facts = await context.memory.candidates(service.name);
      const trusted = facts.filter(({ tag, passed, witness }) => {
        return passed !== true && witness !== "hook" && service.match.test(tag);
      });
      const [youngest] = trusted.toSorted((one, other) => (one.seenAt < other.seenAt ? 1 : -1));
      if (youngest === undefined) return;
      const witnesses = trusted.filter(({ tag }) => tag === youngest.tag);
      const artifact = await believe(context, service, witnesses);
      if (artifact === null || artifact.revision !== null) return;
      if ((await context.memory.get(eligibilityNote(service, artifact))) !== null) return;
      await findRevision(context, service, artifact);
    }),
  );
}
