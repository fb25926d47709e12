import { codeSpan, prose } from "./inert.ts";
import type { PlannedPromotion, StreamPlan } from "./plan-types.ts";
import { count, formatMoment, listNames } from "./words.ts";

/** What would move now, stream by stream: the answer to `/plan`. */
export function renderPlan(plans: readonly StreamPlan[]): string {
  if (plans.length === 0) return "The policy has no stream there.";
  return plans.map(renderStream).join("\n");
}

function renderStream({ stream, promotion, wakeAt }: StreamPlan): string {
  const ring = stream.ring === "all" ? "" : ` ring ${codeSpan(stream.ring, 63)}`;
  const place = `**${codeSpan(stream.service, 63)}** in ${codeSpan(stream.environment, 63)}${ring}`;
  const next =
    wakeAt === null
      ? ""
      : ` It is looked at again at ${formatMoment(wakeAt)}, or when anything changes.`;
  return `- ${place}: ${renderPromotion(promotion)}${next}`;
}

function renderPromotion(promotion: PlannedPromotion): string {
  switch (promotion.kind) {
    case "none":
      return `nothing moves. ${prose(promotion.sentence, 500)}`;
    case "refused":
      return `${codeSpan(promotion.artifact.tag, 128)} is not promoted. ${prose(promotion.sentence, 500)}`;
    case "promote": {
      const { artifact, targets, gates, open, sentence } = promotion;
      const moving = targets.filter(({ outcome }) => outcome === "move");
      const names = listNames(moving.map(({ target }) => target.tenant));
      const where = open === null ? "in a new pull request" : `in #${open.number}`;
      const waiting = gates.filter(({ status }) => status === "pending" || status === "failed");
      const on = waiting.map(({ gate, status }) => `${prose(gate, 50)} (${status})`);
      const gatesText = on.length === 0 ? "every gate has passed" : `open gates: ${on.join(", ")}`;
      return `${codeSpan(artifact.tag, 128)} moves ${count(moving.length, "tenant")} (${prose(names, 200)}) ${where}; ${gatesText}. ${prose(sentence, 500)}`;
    }
  }
}
