import { byteLength, cutBytes } from "./inert.ts";

/** What a check run says: everything of it that people read. */
export type CheckText = {
  readonly status: "in_progress" | "completed";
  /** Stated exactly when completed. */
  readonly conclusion:
    | "success"
    | "failure"
    | "neutral"
    | "cancelled"
    | "timed_out"
    | "action_required"
    | null;
  /** One line, plain text. */
  readonly title: string;
  readonly summary: string;
  readonly text: string;
  readonly annotations?: readonly Annotation[];
  /** Buttons below it, at most three. */
  readonly actions?: readonly CheckAction[];
};

/** A button: GitHub takes 20 characters of label and identifier, and 40 of description. */
export type CheckAction = {
  readonly label: string;
  readonly description: string;
  readonly identifier: CheckActionName;
};

export type CheckActionName = "retry" | "hold" | "rollback";

export type Annotation = {
  readonly path: string;
  /** Counts from 1. */
  readonly line: number;
  readonly level: "notice" | "warning" | "failure";
  readonly message: string;
};

/** GitHub refuses a summary or a text beyond this many bytes of UTF-8. */
const mostBytes = 65_535;

/** The summary as far as it fits. */
export function fitSummary(parts: readonly string[]): string {
  return cutBytes(join(parts), mostBytes, note);
}

/** The text as far as it fits, with the machine block behind it: that is never cut. */
export function fitText(parts: readonly string[], block: string): string {
  const room = mostBytes - byteLength(block) - 2;
  const text = cutBytes(join(parts), room, note);
  return text === "" ? block : `${text}\n\n${block}`;
}

/** A table with a row a line; the cells are Markdown already. */
export function renderTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}

const note = "*Cut here: GitHub takes no longer text.*";

function join(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}
