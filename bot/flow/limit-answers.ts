import type { CommentEvent } from "./answer-command.ts";
import type { CommandDecision } from "./command-decision.ts";
import type { RepositoryContext } from "./repository-context.ts";

const hour = 60 * 60_000;
/** Far more than anybody reads; a comment costs its author nothing, and an answer costs GitHub's budget. */
const mostAnswers = 10;
/** Whoever may change the repository may ask as often as they like. */
const trusted: ReadonlySet<string> = new Set(["write", "maintain", "admin"]);

type Told = { readonly times: readonly string[] };

/** Has this person, who may not write here, got as many texts within the hour as anybody gets? */
export async function hasHeardEnough(
  { memory, installation, job, now }: RepositoryContext,
  { author }: CommentEvent,
): Promise<boolean> {
  const told = await memory.get<Told>(note(author));
  if (recent(told, now).length < mostAnswers) return false;
  return !trusted.has(await installation.permission(job.repository, author));
}

/** Remembers a text that did nothing but answer. */
export async function countAnswer(
  { memory, now }: RepositoryContext,
  { author }: CommentEvent,
): Promise<void> {
  const times = recent(await memory.get<Told>(note(author)), now);
  await memory.set(note(author), {
    times: [...times, now.toISOString()].slice(-mostAnswers),
  } satisfies Told);
}

/** What is left of an answer after that: the reaction. What somebody may do is done all the same. */
export function withoutText(decision: CommandDecision): CommandDecision {
  return decision.deed === null ? { ...decision, reply: null } : decision;
}

function recent(told: Told | null, now: Date): readonly string[] {
  return (told?.times ?? []).filter((at) => Date.parse(at) > now.getTime() - hour);
}

function note(login: string): string {
  return `answers/${login.toLowerCase()}`;
}
