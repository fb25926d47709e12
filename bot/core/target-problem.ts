/** A file, or two targets, that the policy's paths reach and Sluice does not touch. Listed, never silent. */
export type TargetProblem = {
  readonly file: string;
  readonly reason:
    | "not-a-file"
    | "tenant-name"
    | "environment-name"
    | "case-collision"
    | "no-ring"
    | "same-application"
    | "same-place";
  readonly sentence: string;
};

export type ReportTarget = (
  file: string,
  reason: TargetProblem["reason"],
  sentence: string,
) => void;
