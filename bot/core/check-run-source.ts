import type { Artifact } from "./artifact.ts";
import { fitSummary, renderTable, type CheckText } from "./check-run.ts";
import { codeSpan, titleLine } from "./inert.ts";
import {
  halted,
  outcomes,
  ringColumns,
  ringRow,
  rolloutOutcome,
  type RolloutCounts,
  type RolloutOutcome,
} from "./rollout-outcome.ts";
import { describeState } from "./rollout-report.ts";
import type { Stream } from "./target.ts";
import type { Verdict } from "./verdict.ts";
import { count } from "./words.ts";

/** What one stream contributes to the run on a source commit. Plain JSON, as it is remembered. */
export type SourceReport = {
  readonly assignment: {
    readonly stream: Stream;
    readonly artifact: Artifact;
    readonly commit: string;
    /** The environment's rings that the artifact has to pass, in order. */
    readonly rings?: readonly string[] | undefined;
  };
  readonly verdict: (Omit<Verdict, "at"> & { readonly at: string }) | null;
  readonly counts: RolloutCounts;
};

/**
 * `sluice/<environment>` on the source commit: one run over all services and rings that were built from it. The worst
 * wins: what failed before what ran out of time, before what is under way, before what was superseded.
 */
export function renderSourceCheck(options: {
  readonly environment: string;
  readonly reports: readonly SourceReport[];
}): CheckText {
  const { environment, reports } = options;
  const rated = reports
    .map((report) => ({
      report,
      outcome: rolloutOutcome(report.verdict?.result ?? null, report.counts),
    }))
    .toSorted((one, other) => byPlace(one.report, other.report));
  const worst =
    worstFirst.find((outcome) => rated.some((one) => one.outcome === outcome)) ?? "under-way";
  const total = reports.reduce((sum, { counts }) => add(sum, counts), none);
  const missing = ringsAhead(reports);
  // Some rings are not all: nobody may take it for the whole environment.
  const partly = worst === "verified" && missing.length > 0;
  return {
    ...outcomes[worst],
    ...(partly ? { conclusion: "neutral" as const } : {}),
    title: titleLine(
      partly
        ? `${environment}: ${describeState(worst, total)}, ${count(missing.length, "ring")} still to come`
        : `${environment}: ${describeState(worst, total)}`,
    ),
    summary: fitSummary([
      renderTable(
        [...ringColumns, "State"],
        [
          ...rated.map(({ report: { assignment, counts }, outcome }) => [
            ...ringRow(assignment.stream, assignment.artifact, counts),
            describeState(outcome, counts),
          ]),
          ...missing.map(([service, ring]) => [
            codeSpan(service),
            codeSpan(ring),
            "",
            "",
            "",
            "",
            "not there yet",
          ]),
        ],
      ),
      partly
        ? "**Next:** the other rings follow in order, each by a pull request of its own; a new run of this check then says how they are."
        : sourceNext[worst],
    ]),
    text: "",
  };
}

/** Service and name of the rings that nothing was reported of: it has not come there yet. */
function ringsAhead(reports: readonly SourceReport[]): readonly (readonly [string, string])[] {
  const byService = Map.groupBy(reports, ({ assignment }) => assignment.stream.service);
  return [...byService].flatMap(([service, own]) => {
    const there = new Set(own.map(({ assignment }) => assignment.stream.ring));
    const rings = new Set(own.flatMap(({ assignment }) => assignment.rings ?? []));
    return [...rings].filter((ring) => !there.has(ring)).map((ring) => [service, ring] as const);
  });
}

const worstFirst = [
  "failed",
  "timed-out",
  "blocked",
  "under-way",
  "superseded",
  "verified",
] as const satisfies readonly RolloutOutcome[];

const sourceNext = {
  verified: "**Next:** nothing to do; what follows in the policy may have it now.",
  failed: halted,
  "timed-out": halted,
  superseded: "**Next:** nothing to do; another revision took its place.",
  blocked:
    "**Next:** somebody has to remove what blocks it: the run on the GitOps commit says what.",
  "under-way": "**Next:** nothing to do; Sluice is watching.",
} as const satisfies Record<RolloutOutcome, string>;

/** By service, then in the order of the rings. */
function byPlace({ assignment: one }: SourceReport, { assignment: other }: SourceReport): number {
  if (one.stream.service !== other.stream.service)
    return one.stream.service < other.stream.service ? -1 : 1;
  const rings = one.rings ?? other.rings ?? [];
  const order = rings.indexOf(one.stream.ring) - rings.indexOf(other.stream.ring);
  return order !== 0 ? order : one.stream.ring < other.stream.ring ? -1 : 1;
}

const none: RolloutCounts = { total: 0, healthy: 0, failed: 0, blocked: 0, underWay: 0 };

function add(one: RolloutCounts, other: RolloutCounts): RolloutCounts {
  return {
    total: one.total + other.total,
    healthy: one.healthy + other.healthy,
    failed: one.failed + other.failed,
    blocked: one.blocked + other.blocked,
    underWay: one.underWay + other.underWay,
  };
}
