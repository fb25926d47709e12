import { lastWords, type Review } from "../approval.ts";
import { gatesOf, type ApprovalsPolicy } from "../gate-policy.ts";
import type { GateResult } from "../gate.ts";
import { lookUp } from "../inquiry.ts";
import type { OpenPromotion, Question } from "../plan-types.ts";
import { requesterOf } from "../requester.ts";
import { count, listNames } from "../words.ts";
import type { Gate, GateContext, Judgement } from "./gate-context.ts";
import { unverifiedAmong } from "./unverified.ts";

/**
 * Enough people agree to this very head, by a review or by `/promote`. Never the author of the change, an App, or,
 * where `distinct` is set, whoever asked for it. Somebody's "request changes" holds it whatever its head.
 */
export const approvals: Gate = {
  name: "approvals",
  applies: ({ environment }) => gatesOf(environment, "approvals").length > 0,
  judge: judgeApprovals,
};

function judgeApprovals(context: GateContext): Judgement {
  const [policy] = gatesOf(context.environment, "approvals");
  if (policy === undefined)
    return say("skipped", "no-approvals", "The policy asks for no approval.");
  const { open } = context;
  if (open === null) return wanting(policy, [], null);
  const reviewsQuestion = { kind: "reviews", number: open.number } as const;
  const authorsQuestion = {
    kind: "authors",
    service: context.service.name,
    artifact: context.artifact,
  } as const;
  const said = lookUp(context.answers, reviewsQuestion);
  const whose = lookUp(context.answers, authorsQuestion);
  if (said === null || whose === null) return [reviewsQuestion, authorsQuestion];
  if (whose.authors.kind === "unknown") {
    return {
      ...say(
        "pending",
        "author-unknown",
        `Whose change it is is not known, and nobody approves their own: ${whose.authors.sentence}`,
      ),
      remedy: "Merge by hand if it shall go there all the same; that overrides the gate.",
    };
  }
  const voices = voicesOn(open, lastWords(said.reviews));
  const asked = voices.map((voice) => ({ voice, question: askOf(context, policy, voice.by) }));
  const unanswered = asked.filter(({ question }) => lookUp(context.answers, question) === null);
  if (unanswered.length > 0) return unanswered.map(({ question }) => question);
  const counted = asked
    .filter(({ question }) => lookUp(context.answers, question)?.standing.kind === "may")
    .map(({ voice }) => voice);
  const unverified = unverifiedAmong(
    context,
    asked.map(({ question }) => question),
  );

  const against = counted.filter(({ kind }) => kind === "against").map(({ by }) => by);
  if (against.length > 0) {
    return {
      ...say("pending", "changes-requested", `${listNames(against)} asked for changes.`),
      remedy: `${listNames(against)} can approve it instead, or somebody can dismiss that review.`,
      decision: true,
      head: open.head,
    };
  }
  const authors = whose.authors.kind === "known" ? whose.authors.logins : [];
  const requester = policy.distinct ? requesterOf(open) : null;
  const excluded = new Set(
    [...authors, ...(requester === null ? [] : [requester])].map((login) => login.toLowerCase()),
  );
  const agreed = counted.filter(({ kind }) => kind === "for").map(({ by }) => by);
  const valid = agreed.filter((by) => !excluded.has(by.toLowerCase()));
  if (valid.length < policy.count) {
    const own = agreed.filter((by) => excluded.has(by.toLowerCase()));
    return wanting(policy, valid, open, { own, unverified });
  }
  return {
    ...say("passed", "approved", `Approved by ${listNames(valid)}.`),
    head: open.head,
  };
}

type Voice = { readonly by: string; readonly kind: "for" | "against" };

/** Each person once: their last review decides, else their `/promote`. */
function voicesOn(open: OpenPromotion, reviews: readonly Review[]): readonly Voice[] {
  const voices = new Map<string, Voice>();
  for (const { by, head } of open.consents) {
    if (head === open.head) voices.set(by.toLowerCase(), { by, kind: "for" });
  }
  for (const { by, state, head } of reviews) {
    if (state === "changes-requested") voices.set(by.toLowerCase(), { by, kind: "against" });
    if (state === "approved" && head === open.head)
      voices.set(by.toLowerCase(), { by, kind: "for" });
  }
  return [...voices.values()];
}

function askOf(
  { environment }: GateContext,
  { teams, people }: ApprovalsPolicy,
  login: string,
): Extract<Question, { kind: "approver" }> {
  return { kind: "approver", environment: environment.name, approvers: { teams, people }, login };
}

/** Whose word does not count: it is their own, or what could not be verified, in sentences to append. */
type Uncounted = { readonly own: readonly string[]; readonly unverified: string };

function wanting(
  policy: ApprovalsPolicy,
  valid: readonly string[],
  open: OpenPromotion | null,
  { own, unverified }: Uncounted = { own: [], unverified: "" },
): GateResult {
  const missing = policy.count - valid.length;
  const given = valid.length === 0 ? "" : ` ${listNames(valid)} approved.`;
  const notCounted =
    own.length === 0
      ? ""
      : ` The word of ${listNames(own)} does not count: nobody approves what is their own${policy.distinct ? " or what they asked for" : ""}.`;
  const who = [...policy.people, ...policy.teams.map((team) => `team ${team}`)];
  const from = who.length === 0 ? "somebody who may promote here" : `one of ${listNames(who)}`;
  const requester = policy.distinct && open !== null ? requesterOf(open) : null;
  const besides = requester === null ? "" : ` other than ${requester}`;
  // Where nobody has asked yet, `/promote` would be the asking.
  const how =
    policy.distinct && requester === null
      ? "approve the pull request. Whoever writes /promote first asks for it, and does not count."
      : "approve the pull request, or write /promote.";
  return {
    ...say(
      "pending",
      "approvals-missing",
      `${count(missing, "approval")} of ${policy.count} missing.${given}${notCounted}${unverified}`,
    ),
    remedy: `It takes ${from}${besides}: ${how}`,
    decision: true,
    ...(open === null ? {} : { head: open.head }),
  };
}

function say(status: GateResult["status"], reason: string, sentence: string): GateResult {
  return { gate: "approvals", status, reason, sentence };
}
