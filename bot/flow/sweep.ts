import { Fault, messageOf } from "#core/error.ts";
import type { HookDelivery } from "#ports/code-host.ts";

import type { Deps } from "./deps.ts";
import { gitopsRepositories, renewGitopsIndex } from "./find-gitops-repositories.ts";
import { measurePolicies } from "./measure-policy.ts";
import { readRunsBack } from "./read-runs-back.ts";

/** GitHub keeps deliveries for three days (facts/github.md §1). */
const deliveriesKept = 3 * 24 * 60 * 60_000;
/** A delivery may be recorded a little later than it was sent. */
const overlap = 2 * 60_000;
/** Acknowledged deliveries of these events are read again when the memory is empty: they carry candidates. */
const candidateEvents = new Set(["registry_package", "package", "workflow_run"]);
/** So are these: a command may have waited in the queue that was emptied. What was answered shows that on GitHub. */
const commandEvent = "issue_comment";
/** The youngest of each suffice: what is older has been overtaken. */
const mostRead = 100;
/** How many acknowledged deliveries are looked through for them. */
const acknowledgedSeen = 2_000;

type Swept = { readonly until: string };

/**
 * What no event may have told: deliveries that failed or were lost while we were away, runs that were never told of,
 * repositories that changed unseen, time that has passed. Runs at start and on a timer of the process; any number of
 * replicas may run it.
 */
export async function sweep(
  deps: Deps,
  handled: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<void> {
  // What is on the repositories themselves does not depend on the deliveries: their failure is thrown at the end.
  const readBack = readDeliveriesBack(deps, handled, signal);
  await Promise.allSettled([readBack]);
  for (const { id, account } of await deps.host.installations()) {
    try {
      const installation = deps.host.installation(id, signal);
      const index = await renewGitopsIndex(deps, installation);
      for (const repository of gitopsRepositories(index)) {
        const services = index.repositories[repository]?.services ?? [];
        await readRunsBack(deps, installation, repository, services);
        await deps.queue.addReconcile({ installation: id, repository });
      }
    } catch (error) {
      deps.log.warn({ installation: id, account, error: messageOf(error) }, "sweep failed");
    }
  }
  await measurePolicies(deps);
  await readBack;
}

/** Queues deliveries that were never acknowledged; with an empty memory also what carried candidates and commands. */
async function readDeliveriesBack(
  deps: Deps,
  handled: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<void> {
  const now = deps.clock.now();
  const oldest = new Date(now.getTime() - deliveriesKept);
  const swept = await deps.facts.get<Swept>("swept/deliveries");
  const last = swept === null ? oldest : new Date(Date.parse(swept.until) - overlap);
  const since = last > oldest ? last : oldest;
  for await (const delivery of deps.host.deliveries({ since, failed: true }, signal))
    if (handled.has(delivery.event)) await queueAgain(deps, delivery, delivery.guid, signal);
  if (swept === null) await readAcknowledgedBack(deps, since, signal);
  await deps.facts.set("swept/deliveries", { until: now.toISOString() } satisfies Swept);
}

/** The news of what was acknowledged went with the memory, and so did what waited to be done. */
async function readAcknowledgedBack(deps: Deps, since: Date, signal: AbortSignal): Promise<void> {
  let seen = 0;
  const left = { candidate: mostRead, command: mostRead };
  for await (const delivery of deps.host.deliveries({ since, failed: false }, signal)) {
    seen += 1;
    if (seen > acknowledgedSeen || left.candidate + left.command === 0) return;
    const kind = delivery.acknowledged ? kindOf(delivery) : null;
    if (kind === null || left[kind] === 0) continue;
    left[kind] -= 1;
    // Its own id beside GitHub's: the queue may still remember the first copy.
    await queueAgain(deps, delivery, `again-${delivery.guid}`, signal);
  }
}

function kindOf({ event, action }: HookDelivery): "candidate" | "command" | null {
  if (candidateEvents.has(event)) return "candidate";
  return event === commandEvent && action === "created" ? "command" : null;
}

async function queueAgain(
  deps: Deps,
  delivery: HookDelivery,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  let stored: { event: string; body: string };
  try {
    stored = await deps.host.delivery(delivery.id, signal);
  } catch (error) {
    // One that GitHub cannot show any more must not keep the others out.
    if (!(error instanceof Fault) || error.retryable) throw error;
    deps.log.warn({ delivery_id: delivery.guid, code: error.code }, "delivery cannot be read back");
    return;
  }
  const sentAt = delivery.deliveredAt.toISOString();
  await deps.queue.addDelivery({ source: "github", id, ...stored, sentAt });
}
