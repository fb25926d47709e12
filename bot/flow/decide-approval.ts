import { gatesOf } from "#core/gate-policy.ts";
import { nearest, quoted } from "#core/nearest.ts";
import { findEnvironment, type Policy } from "#core/policy.ts";
import { listNames } from "#core/words.ts";

import type { CommentEvent } from "./answer-command.ts";
import type { CommandMeaning } from "./command-decision.ts";
import { denied, done, notUnderstood } from "./command-meaning.ts";
import type { CommandPlace } from "./command-place.ts";
import { mayApprove } from "./may-approve.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** GitHub gives times in whole seconds. */
const clockTolerance = 1000;

/**
 * `/approve <gate>` on a promotion: one of the people or teams that the gate names agrees to the head that stood there
 * when it was written. Only they: it is no question of permission on the repository.
 */
export async function decideApproval(
  context: RepositoryContext,
  policy: Policy,
  event: CommentEvent,
  place: CommandPlace,
  named: string | null,
): Promise<CommandMeaning> {
  if (place.kind !== "promotion")
    return denied(
      event,
      "This is not a promotion: write /approve on the promotion's pull request.",
    );
  const { pull, stream } = place;
  const environment = findEnvironment(policy, stream.environment);
  const gates = environment === undefined ? [] : gatesOf(environment, "manual");
  const names = gates.map(({ name }) => name);
  const gate = gates.find(({ name }) => name === named) ?? (named === null ? only(gates) : null);
  if (environment === undefined || gates.length === 0)
    return denied(
      event,
      `Nothing in ${stream.environment} asks for /approve: its policy has no gate \`manual\`. To approve the pull request, review it.`,
    );
  if (gate === null) {
    const sentence =
      named === null
        ? `There are several gates here: write /approve with one of ${listNames(names)}.`
        : `There is no gate ${quoted(named)} here; there are ${names.map(quoted).join(", ")}.`;
    const meant = named === null ? null : nearest(named, names);
    return notUnderstood(event, {
      sentence,
      nearest: meant === null ? null : `/approve ${meant}`,
    });
  }
  if (pull.state !== "open")
    return denied(event, `#${pull.number} is not open any more: there is nothing to approve.`);
  const approver = await mayApprove(context, environment, gate, event.author);
  if (approver.kind === "may-not")
    return denied(event, `${event.author} may not approve ${gate.name}: ${approver.sentence}`);
  const head = await context.repository.commit(pull.headRevision);
  if (head.at.getTime() > Date.parse(event.createdAt) + clockTolerance)
    return denied(
      event,
      `#${pull.number} has changed since you wrote: look at ${pull.headRevision.slice(0, 7)} and write /approve ${gate.name} again.`,
    );
  return done(
    { kind: "approve", pull: pull.number, head: pull.headRevision, gate: gate.name },
    null,
  );
}

function only<T>(all: readonly T[]): T | null {
  return all.length === 1 ? (all[0] ?? null) : null;
}
