import { sameArtifact } from "./artifact.ts";
import { renderTable } from "./check-run.ts";
import { renderTick } from "./dashboard-tick.ts";
import type { DriftCount } from "./drift.ts";
import type { Freeze } from "./freeze.ts";
import { codeSpan, prose } from "./inert.ts";
import type { Lag } from "./lag.ts";
import type { StreamPlan, StreamState } from "./plan-types.ts";
import { stopKey, type Stop } from "./stop.ts";
import { count, formatMoment, listNames } from "./words.ts";

/** One environment as the dashboard shows it. */
export type EnvironmentView = {
  readonly name: string;
  /** In the order of the policy: a service's rings one after the other. */
  readonly streams: readonly StreamView[];
  /** In force now. */
  readonly freezes: readonly Freeze[];
  readonly stops: readonly Stop[];
  /** What Argo CD runs beside what Git wants; null: not looked at, or nobody to ask. */
  readonly drift: DriftCount | null;
};

export type StreamView = {
  readonly state: StreamState;
  /** Null while the stream is not planned. */
  readonly plan: StreamPlan | null;
  readonly lag: Lag | null;
};

/** Heading, stops, one row a stream and the boxes; rows that need nobody go first when `most` characters are too few. */
export function renderEnvironment(
  view: EnvironmentView,
  most: number,
  options: { readonly ticks: boolean } = { ticks: true },
): string {
  const head = [`## ${codeSpan(view.name, 63)}`, ...renderStopped(view), ...renderDrift(view)];
  const ticks = options.ticks ? renderTicks(view) : "";
  const room = most - [...head, ticks].join("\n\n").length - 200;
  return [...head, renderStreams(view.streams, room), ticks]
    .filter((part) => part !== "")
    .join("\n\n");
}

function renderStopped({ name, freezes, stops }: EnvironmentView): readonly string[] {
  const frozen = freezes.map(({ until, by, reason }) => {
    const end = until === null ? "until somebody lifts it" : `until ${formatMoment(until)}`;
    return `**Frozen** ${end}, by ${prose(by, 60)}${reason === "" ? "" : `: ${prose(reason, 300)}`}`;
  });
  const held = stops.flatMap((stop) => {
    if (stop.kind !== "hold") return [];
    const what = stop.service === null ? codeSpan(name) : codeSpan(stop.service, 63);
    const why = stop.reason === "" ? "" : `: ${prose(stop.reason, 300)}`;
    return [`**On hold:** ${what}, by ${prose(stop.by, 60)} since ${formatMoment(stop.at)}${why}`];
  });
  return [...frozen, ...held];
}

/** Counts and a few names, never a row a tenant. */
function renderDrift({ drift }: EnvironmentView): readonly string[] {
  if (drift === null) return [];
  const parts = [
    drift.missing.length === 0
      ? ""
      : `${count(drift.missing.length, "target")} without an application in Argo CD (${prose(listNames(drift.missing), 300)})`,
    drift.drifted.length === 0
      ? ""
      : `${count(drift.drifted.length, "target")} running another image than Git wants (${prose(listNames(drift.drifted), 300)})`,
    drift.behind.length === 0
      ? ""
      : `${count(drift.behind.length, "target")} behind the ring (${prose(listNames(drift.behind), 300)})`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? [] : [`**Drift:** ${parts.join("; ")}.`];
}

function renderStreams(streams: readonly StreamView[], room: number): string {
  if (streams.length === 0) return "No stream of the policy leads here.";
  const rows = streams.map((stream) => ({ urgent: needsSomebody(stream), cells: cellsOf(stream) }));
  const lengths = rows.map(({ cells }) => cells.join(" | ").length + 6);
  let left = room;
  const fits = new Set<number>();
  for (const urgent of [true, false])
    for (const [index, row] of rows.entries()) {
      const length = lengths[index] ?? 0;
      if (row.urgent !== urgent || length > left) continue;
      left -= length;
      fits.add(index);
    }
  const table = renderTable(
    ["Service", "Ring", "Runs", "Next", "Behind"],
    rows.filter((_, index) => fits.has(index)).map(({ cells }) => cells),
  );
  const hidden = rows.length - fits.size;
  return hidden === 0 ? table : `${table}\n\nand ${count(hidden, "stream")} more`;
}

function needsSomebody({ state, plan }: StreamView): boolean {
  if (state.holds.length > 0 || plan === null) return true;
  return plan.promotion.kind !== "none" || plan.rollouts.length > 0;
}

function cellsOf({ state, plan, lag }: StreamView): readonly string[] {
  return [
    codeSpan(state.stream.service, 63),
    codeSpan(state.stream.ring, 63),
    renderRuns(state),
    plan === null ? "" : renderNext(plan),
    lag === null ? "" : `${codeSpan(lag.tag, 60)} since ${formatMoment(lag.since)}`,
  ];
}

function renderRuns(state: StreamState): string {
  const groups = state.desired.toSorted((one, other) => other.tenants.length - one.tenants.length);
  const shown = groups.slice(0, 3).map((group) => {
    const verdict = state.verdicts.find(
      (one) => one.commit === group.commit && sameArtifact(one.artifact, group.artifact),
    );
    const how = verdict === undefined ? "rolling out" : words[verdict.result];
    const failures = verdict?.failures?.length ?? 0;
    const borne = failures === 0 ? "" : ` but for ${failures}`;
    return `${codeSpan(group.artifact.tag, 60)} (${count(group.tenants.length, "tenant")}, ${how}${borne})`;
  });
  const more = groups.length - shown.length;
  if (more > 0) shown.push(`${more} more`);
  const refused = state.targets.filter(({ desired }) => desired.kind === "refused").length;
  if (refused > 0) shown.push(`${count(refused, "values file")} cannot be read`);
  const staying = state.staying?.length ?? 0;
  if (staying > 0) shown.push(`${count(staying, "tenant")} pinned or excluded`);
  return shown.length === 0 ? "nothing" : shown.join("; ");
}

const words = {
  verified: "verified",
  failed: "failed",
  "timed-out": "out of time",
  superseded: "superseded",
} as const;

function renderNext({ promotion }: StreamPlan): string {
  switch (promotion.kind) {
    case "none":
      return promotion.reason === "up-to-date" ? "" : cell(promotion.sentence);
    case "refused":
      return `${codeSpan(promotion.artifact.tag, 60)} is not promoted: ${cell(promotion.sentence)}`;
    case "promote": {
      const number = promotion.open === null ? "" : `#${promotion.open.number} `;
      return `${number}${codeSpan(promotion.artifact.tag, 60)}: ${cell(promotion.sentence)}`;
    }
  }
}

/** Inert text that may stand between the bars of a table. */
function cell(text: string): string {
  return prose(text, 300);
}

function renderTicks({ name, streams, freezes, stops }: EnvironmentView): string {
  const promote = streams.flatMap(({ plan }) => {
    const promotion = plan?.promotion;
    if (promotion?.kind !== "promote" || promotion.open === null || promotion.merge) return [];
    const { number, head, consents, ownership } = promotion.open;
    if (ownership !== "sluice" || consents.some((consent) => consent.head === head)) return [];
    if (!/^[0-9a-f]{40}$/.test(head)) return [];
    const text = `Agree to merge #${number} (${codeSpan(promotion.artifact.tag, 60)}) once its gates have passed`;
    return [renderTick({ kind: "promote", pull: number, head }, text)];
  });
  const lift = stops.map((stop) => {
    const what =
      stop.kind === "freeze"
        ? `End the freeze of ${codeSpan(name, 63)}`
        : `Take ${stop.service === null ? codeSpan(name, 63) : codeSpan(stop.service, 63)} off hold`;
    return renderTick({ kind: "lift", key: stopKey(stop) }, what);
  });
  const held = stops.some((stop) => stop.kind === "hold" && stop.service === null);
  const set = [
    ...(held
      ? []
      : [renderTick({ kind: "hold", environment: name }, `Put ${codeSpan(name, 63)} on hold`)]),
    ...(freezes.some(({ until }) => until === null)
      ? []
      : [
          renderTick(
            { kind: "freeze", environment: name },
            `Freeze ${codeSpan(name, 63)} until somebody lifts it`,
          ),
        ]),
  ];
  return [...promote.slice(0, mostPromoteTicks), ...lift, ...set].join("\n");
}

/** A page of boxes helps nobody: what is beyond has its own pull request. */
const mostPromoteTicks = 20;
