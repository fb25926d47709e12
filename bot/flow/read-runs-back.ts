import { messageOf } from "#core/error.ts";
import type { Installation } from "#ports/code-host.ts";

import type { Deps } from "./deps.ts";
import type { ServiceSummary } from "./find-gitops-repositories.ts";
import { remember } from "./remember.ts";

/** How many of a workflow's youngest successful runs are looked at. */
const runsRead = 10;

type Read = { readonly revisions: readonly string[] };

/**
 * Remembers successful runs of the services' workflows that no delivery has told of: an event that was never sent
 * cannot be read back. One conditional request a service.
 */
export async function readRunsBack(
  deps: Deps,
  installation: Installation,
  repository: string,
  services: readonly ServiceSummary[],
): Promise<void> {
  const memory = remember(deps.facts, repository);
  for (const { name, sourceRepository, sourceBranch, workflow } of services) {
    if (sourceRepository === null || sourceBranch === null || workflow === null) continue;
    try {
      const source = installation.source(sourceRepository);
      const runs = await source.successfulRuns(workflow, sourceBranch, runsRead);
      const note = `runs-read/${name}`;
      const before = new Set((await memory.get<Read>(note))?.revisions);
      for (const { revision, at } of runs)
        if (!before.has(revision)) await memory.addBuilt(name, revision, at);
      const read: Read = { revisions: runs.map(({ revision }) => revision) };
      await memory.set(note, read);
    } catch (error) {
      deps.log.warn({ repository, service: name, error: messageOf(error) }, "runs not read back");
    }
  }
}
