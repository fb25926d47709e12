import { codeSpan, cutChars } from "./inert.ts";
import { formatMoment } from "./words.ts";

/** Ours; GitHub's limit is 65,536 characters. */
const mostComment = 60_000;

/** `/hold` took effect, or would. */
export function renderHeld({
  by,
  environment,
  service,
  reason,
  dryRun,
  marker,
}: {
  readonly by: string;
  readonly environment: string;
  /** Null: everything. */
  readonly service: string | null;
  readonly reason: string;
  readonly dryRun: boolean;
  readonly marker: string;
}): string {
  const what =
    service === null
      ? `everything in ${codeSpan(environment, 63)}`
      : `${codeSpan(service, 63)} in ${codeSpan(environment, 63)}`;
  const why = reason === "" ? "." : `: ${codeSpan(reason, 200)}.`;
  return comment(marker, [
    `${codeSpan(by, 60)} ${dryRun ? "would put" : "put"} ${what} on hold${why}`,
    dryRun
      ? nothingDone
      : `Nothing is promoted there by itself, rollbacks apart, until somebody writes \`/resume ${environment}\`.`,
  ]);
}

/** `/freeze` took effect, or would: with the moment as it was understood. */
export function renderFrozen({
  by,
  environment,
  until,
  reason,
  dryRun,
  marker,
}: {
  readonly by: string;
  readonly environment: string;
  readonly until: Date | null;
  readonly reason: string;
  readonly dryRun: boolean;
  readonly marker: string;
}): string {
  const end = until === null ? "until somebody lifts it" : `until ${formatMoment(until)}`;
  return comment(marker, [
    `${codeSpan(by, 60)} ${dryRun ? "would freeze" : "froze"} ${codeSpan(environment, 63)} ${end}: ${codeSpan(reason, 200)}.`,
    dryRun
      ? nothingDone
      : `Nothing is merged into it by Sluice, rollbacks apart. \`/unfreeze ${environment}\` lifts it before that.`,
  ]);
}

/** `/unfreeze` took effect. */
export function renderUnfrozen({
  by,
  environment,
  setBy,
  marker,
}: {
  readonly by: string;
  readonly environment: string;
  /** Who had frozen it. */
  readonly setBy: string;
  readonly marker: string;
}): string {
  return comment(marker, [
    `${codeSpan(by, 60)} ended the freeze of ${codeSpan(environment, 63)} that ${codeSpan(setBy, 60)} had set. Sluice plans anew at once.`,
  ]);
}

/** `/resume` on the dashboard: for a service, or for everything in an environment. */
export function renderResumedThere({
  by,
  environment,
  service,
  marker,
}: {
  readonly by: string;
  readonly environment: string;
  readonly service: string | null;
  readonly marker: string;
}): string {
  const what = service === null ? "everything" : codeSpan(service, 63);
  return comment(marker, [
    `${codeSpan(by, 60)} resumed ${what} in ${codeSpan(environment, 63)}: what held it back until now counts no more, and closed promotions may come again. Sluice plans anew at once.`,
  ]);
}

/** An answer that is only looked at: `/status`, `/plan`. `text` is Markdown of our own. */
export function renderLook({
  text,
  marker,
}: {
  readonly text: string;
  readonly marker: string;
}): string {
  return comment(marker, [text]);
}

const nothingDone = "This was a dry run: nothing was done.";

function comment(marker: string, paragraphs: readonly string[]): string {
  return cutChars([marker, ...paragraphs].join("\n\n"), mostComment);
}
