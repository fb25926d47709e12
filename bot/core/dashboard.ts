import { renderEnvironment, type EnvironmentView } from "./dashboard-environment.ts";
import { dashboardMarker } from "./dashboard-text.ts";
import { renderUnheard, type Tick } from "./dashboard-tick.ts";
import { cutChars, codeSpan, prose } from "./inert.ts";
import { renderStops, type StopRecord } from "./stop.ts";
import { formatMoment } from "./words.ts";

/** Everything that the dashboard shows. Nothing in it changes with time alone. */
export type DashboardView = {
  readonly environments: readonly EnvironmentView[];
  /** Newest first. */
  readonly promotions: readonly LastPromotion[];
  /** The policy on the default branch is broken: promotions wait. */
  readonly paused: boolean;
  readonly record: StopRecord;
};

export type LastPromotion = {
  readonly number: number;
  readonly title: string;
  readonly mergedAt: Date;
};

/** Ours; GitHub's limit is 65,536 characters. */
const mostBody = 60_000;
/** Promotions that are listed. */
const mostPromotions = 10;

/**
 * The body of the dashboard issue. The machine block is the last line, and is never cut.
 *
 * @param unheard boxes that somebody ticked and that Sluice was not told of.
 */
export function renderDashboard(view: DashboardView, unheard: readonly Tick[] = []): string {
  const block = renderStops(view.record);
  const head = [
    dashboardMarker,
    introduction,
    renderUnheard(unheard),
    view.paused ? pausedNotice : "",
  ];
  const tail = renderPromotions(view.promotions);
  const room = mostBody - block.length - [...head, tail].join("\n\n").length - 10;
  const each = Math.floor(room / Math.max(1, view.environments.length)) - 2;
  const environments = view.environments.map((environment) =>
    cutLines(renderEnvironment(environment, each), each),
  );
  const text = [...head, ...environments, tail].filter((part) => part !== "").join("\n\n");
  return `${text}\n\n${block}`;
}

/** The same for an answer to `/status`: without boxes, promotions and the record. */
export function renderStatus({
  environments,
  paused,
}: Pick<DashboardView, "environments" | "paused">): string {
  const each = Math.floor((mostBody - 1000) / Math.max(1, environments.length));
  const parts = environments.map((environment) =>
    cutLines(renderEnvironment(environment, each, { ticks: false }), each),
  );
  return [paused ? pausedNotice : "", ...parts].filter((part) => part !== "").join("\n\n");
}

const introduction =
  "What runs where, what waits for what, and what is stopped. **Tick a box to act**: Sluice checks whether you may, does it, and writes this page anew. Commands in comments work here as well; `/help` lists them.";

/** Said wherever a plan is shown that is not carried out. */
export const pausedNotice =
  "**Paused:** the policy on the default branch cannot be used, so nothing is promoted until it is mended. The check run `sluice/policy` names every mistake with its line.";

function renderPromotions(promotions: readonly LastPromotion[]): string {
  if (promotions.length === 0) return "";
  const lines = promotions
    .slice(0, mostPromotions)
    .map(
      ({ number, title, mergedAt }) =>
        `- #${number} ${codeSpan(title, 200)}, merged ${formatMoment(mergedAt)}`,
    );
  return ["## Last promotions", "", ...lines].join("\n");
}

/** Whole lines only: half a row would tear the table. */
function cutLines(text: string, most: number): string {
  if (text.length <= most) return text;
  const note = prose("More does not fit here: /status on a promotion tells the rest.");
  const kept = cutChars(text, Math.max(0, most - note.length - 2));
  return `${kept.slice(0, Math.max(0, kept.lastIndexOf("\n")))}\n\n${note}`;
}
