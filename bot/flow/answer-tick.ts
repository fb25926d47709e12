import { renderDenied, tickReplyMarker } from "#core/comment.ts";
import { newTicks, type Tick } from "#core/dashboard-tick.ts";
import type { SluiceEvent } from "#core/event.ts";
import { heldForLoss } from "#core/lost-record.ts";
import { findEnvironment, type Policy } from "#core/policy.ts";
import { parseStreamBranch } from "#core/promotion-branch.ts";
import type { JobContext } from "#ports/job-queue.ts";

import { isDashboard } from "./dashboard-issue.ts";
import type { Deps } from "./deps.ts";
import { sayDashboardAnew } from "./keep-dashboard.ts";
import { addStop, recallStops, removeStop, type StopResult } from "./keep-stops.ts";
import { mayPromote } from "./may-promote.ts";
import { observePolicy } from "./observe-policy.ts";
import { openRepository, type RepositoryContext } from "./repository-context.ts";
import { takeRecordBack } from "./take-record-back.ts";
import { noteHeard } from "./unheard-ticks.ts";

export type IssueEvent = Extract<SluiceEvent, { kind: "issue.edited" }>;

/**
 * Somebody edited an issue. On the dashboard each box that was ticked does what it says, as far as whoever ticked it
 * may; the answer is the dashboard, written anew. What is refused is said in a comment.
 */
export async function answerTick(
  deps: Deps,
  installation: number,
  event: IssueEvent,
  jobContext: JobContext,
): Promise<void> {
  if (event.senderIsBot) return;
  const job = { installation, repository: event.repository };
  const context = await openRepository(deps, job, jobContext);
  if (!(await isDashboard(context, event.number))) return;
  const ticks = newTicks(event.before ?? event.body, event.body);
  const refusals: string[] = [];
  const isHeld = heldForLoss(await recallStops(context)).length > 0;
  const policy = ticks.length === 0 && !isHeld ? null : await policyOf(context);
  if (isHeld && policy !== null) await takeRecordBack(context, policy, event);
  for (const tick of ticks) {
    const done = await carryOut(context, policy, event, tick);
    if (done.kind === "refused") refusals.push(done.sentence);
    context.log.info({ tick: tick.kind, by: event.sender, result: done.kind }, "tick answered");
  }
  if (refusals.length > 0) {
    const marker = tickReplyMarker(event.editedAt, event.sender);
    const body = renderDenied({ sentence: [...new Set(refusals)].join(" "), marker });
    await context.conversation.reply(event.number, marker, body);
  }
  await noteHeard(context, ticks);
  await sayDashboardAnew(context);
  await deps.queue.addReconcile(context.job);
}

type Answered = { readonly kind: "done" } | { readonly kind: "refused"; readonly sentence: string };

async function carryOut(
  context: RepositoryContext,
  policy: Policy | null,
  event: IssueEvent,
  tick: Tick,
): Promise<Answered> {
  if (policy === null)
    return refused(
      "The policy of this repository cannot be used now; the check sluice/policy says why.",
    );
  if (tick.kind === "promote") return agree(context, policy, event, tick);
  const name = tick.kind === "lift" ? (tick.key.split("/")[1] ?? "") : tick.environment;
  const answer = await permitted(context, policy, name, event.sender);
  if (answer.kind === "refused") return answer;
  const at = new Date(event.editedAt);
  const said = { environment: name, by: event.sender, at, reason: "" };
  switch (tick.kind) {
    case "hold":
      return told(await addStop(context, { kind: "hold", service: null, ...said }));
    case "freeze":
      return told(await addStop(context, { kind: "freeze", until: null, ...said }));
    case "lift": {
      const [kind, environment = "", service = ""] = tick.key.split("/");
      await removeStop(
        context,
        kind === "freeze"
          ? { kind: "freeze", environment, at }
          : { kind: "hold", environment, service: service === "*" ? null : service, at },
      );
      return { kind: "done" };
    }
  }
}

async function agree(
  context: RepositoryContext,
  policy: Policy,
  event: IssueEvent,
  { pull: number, head }: Extract<Tick, { kind: "promote" }>,
): Promise<Answered> {
  const pull = await context.repository.pullRequest(number);
  const stream = pull.sameRepository ? parseStreamBranch(pull.headBranch) : null;
  if (stream === null) return refused(`#${number} is no promotion.`);
  const answer = await permitted(context, policy, stream.environment, event.sender);
  if (answer.kind === "refused") return answer;
  if (pull.state !== "open" || pull.draft)
    return refused(`#${number} is closed or a draft: there is nothing to agree to.`);
  if (pull.headRevision !== head)
    return refused(
      `#${number} has changed since the dashboard was written: look at it and tick the box again.`,
    );
  await context.memory.addConsent(number, {
    by: event.sender,
    at: new Date(event.editedAt),
    head,
  });
  return { kind: "done" };
}

async function permitted(
  context: RepositoryContext,
  policy: Policy,
  name: string,
  login: string,
): Promise<Answered> {
  const environment = findEnvironment(policy, name);
  if (environment === undefined) return refused(`The policy has no environment ${name} any more.`);
  const promoter = await mayPromote(context, environment, login);
  return promoter.kind === "may" ? { kind: "done" } : refused(promoter.sentence);
}

function told(result: StopResult): Answered {
  return result.kind === "kept" ? { kind: "done" } : refused(result.sentence);
}

function refused(sentence: string): Answered {
  return { kind: "refused", sentence };
}

async function policyOf({ repository }: RepositoryContext): Promise<Policy | null> {
  const observed = await observePolicy(repository, (await repository.head()).revision);
  return observed.kind === "policy" ? observed.policy : null;
}
