import type { FailedJob } from "#adapters/bullmq/failed-jobs.ts";

const widestAbout = 60;
const widestReason = 100;

/** Failed jobs as a table that fits a terminal, newest first. */
export function printJobs(jobs: readonly FailedJob[]): string {
  if (jobs.length === 0) return "No job has failed.\n";
  const rows = jobs.map((job) => [
    job.id,
    job.failedAt.toISOString().slice(0, 19).replace("T", " "),
    String(job.attempts),
    cut(about(job), widestAbout),
    cut(job.reason, widestReason),
  ]);
  const table = [["JOB", "FAILED (UTC)", "ATTEMPTS", "ABOUT", "REASON"], ...rows];
  const widths = table[0]?.map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

/** One job with everything that is known of it. */
export function printJob(
  job: FailedJob & { readonly stack: readonly string[]; readonly body: string | null },
): string {
  const facts = [
    ["job", job.id],
    ["failed", job.failedAt.toISOString()],
    ["attempts", String(job.attempts)],
    ...Object.entries(job.about).map(([name, value]) => [name, String(value)]),
    ["reason", job.reason],
  ];
  const lines = facts.map(([name = "", value = ""]) => `${`${name}:`.padEnd(14)}${value}`);
  const stacks = job.stack.flatMap((stack, at) => ["", `attempt ${at + 1}:`, stack]);
  const body = job.body === null ? [] : ["", "body:", job.body];
  return `${[...lines, ...stacks, ...body].join("\n").replaceAll(/[^\P{Cc}\n]/gu, " ")}\n`;
}

function about(job: FailedJob): string {
  return Object.values(job.about).join(" ");
}

/** One line of at most so many characters; control characters of foreign text do not reach the terminal. */
function cut(text: string, length: number): string {
  const line = text.replaceAll(/\p{Cc}+/gu, " ");
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}
