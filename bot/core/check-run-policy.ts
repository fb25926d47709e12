import { fitSummary, type Annotation, type CheckText } from "./check-run.ts";
import { codeSpan, prose, titleLine } from "./inert.ts";
import { policyPath } from "./policy-parse.ts";
import type { PolicyProblem } from "./policy.ts";
import { count } from "./words.ts";

/** GitHub takes this many annotations a request. */
const mostAnnotations = 50;
/** Files of one service: a thousand tenants may well do without it. */
const mostListed = 20;

/** `sluice/policy`: what is wrong in the policy, each with its line, or that it is valid. */
export function renderPolicyCheck(options: {
  readonly problems: readonly PolicyProblem[];
}): CheckText {
  const { problems } = options;
  const [first] = problems;
  if (first === undefined) {
    return {
      status: "completed",
      conclusion: "success",
      title: "The policy is valid",
      summary: `${codeSpan(policyPath)} is valid. Nothing needs to be done.`,
      text: "",
    };
  }
  const lines = problems.map(
    ({ line, column, path, sentence }) =>
      `- Line ${line}, column ${column}${path === "" ? "" : `, ${codeSpan(path, 120)}`}: ${prose(sentence, 600)}`,
  );
  return {
    status: "completed",
    conclusion: "failure",
    title: titleLine(
      `${count(problems.length, "problem")} in the policy, first in line ${first.line}`,
    ),
    summary: fitSummary([
      "Sluice promotes nothing while the policy is broken. Rollouts that are under way go on.",
      lines.join("\n"),
      `**Next:** mend ${codeSpan(policyPath)}; Sluice goes on as soon as it is valid on the default branch.`,
    ]),
    text: "",
    annotations: problems.slice(0, mostAnnotations).map(({ line, sentence }): Annotation => ({
      path: policyPath,
      line,
      level: "failure",
      message: titleLine(sentence, 1000),
    })),
  };
}

type TargetProblems = {
  readonly problems: readonly { readonly file: string; readonly sentence: string }[];
  /** By service: files that do not hold its path, none where no file is reached. `anywhere`: another file does. */
  readonly absent: readonly {
    readonly service: string;
    readonly values: { readonly file: string; readonly tag: string };
    readonly files: readonly string[];
    readonly anywhere: boolean;
  }[];
};

/** The same run for values files that the policy reaches and Sluice does not touch. */
export function renderTargetProblemsCheck({ problems, absent }: TargetProblems): CheckText {
  if (problems.length === 0) return renderAbsent(absent);
  const lines = problems.map(
    ({ file, sentence }) => `- ${codeSpan(file)}: ${prose(sentence, 600)}`,
  );
  return {
    status: "completed",
    conclusion: "action_required",
    title: titleLine(`${count(problems.length, "values file")} that Sluice does not touch`),
    summary: fitSummary([
      "These tenants stay where they are, and their rings are not verified without them. All others go on.",
      lines.join("\n"),
      "**Next:** mend these files on the default branch.",
      ...absent.map(describeAbsent),
    ]),
    text: "",
    annotations: problems.slice(0, mostAnnotations).map(({ file, sentence }): Annotation => ({
      path: file,
      line: 1,
      level: "warning",
      message: titleLine(sentence, 1000),
    })),
  };
}

/** Nothing to mend, unless a service is in no file at all: then its path is most likely wrong. */
function renderAbsent(absent: TargetProblems["absent"]): CheckText {
  const [nowhere] = absent.filter(({ anywhere }) => !anywhere);
  return {
    status: "completed",
    conclusion: nowhere === undefined ? "success" : "neutral",
    title:
      nowhere === undefined
        ? "Every values file can be edited"
        : titleLine(`No tenant has ${nowhere.service}`),
    summary: fitSummary([
      "Every values file that the policy reaches can be edited.",
      ...absent.map(describeAbsent),
      nowhere === undefined
        ? "Nothing needs to be done."
        : `**Next:** where that is not meant, correct ${codeSpan("values")} of the service in ${codeSpan(policyPath)}, or add it to the tenants' files.`,
    ]),
    text: "",
  };
}

function describeAbsent({ service, values, files }: TargetProblems["absent"][number]): string {
  if (files.length === 0)
    return `No targets of ${codeSpan(service)}: no file matches ${codeSpan(values.file, 400)}.`;
  const shown = files.slice(0, mostListed).map((file) => codeSpan(file));
  const more = files.length - shown.length;
  const rest = more > 0 ? ` and ${more} more` : "";
  return `No targets of ${codeSpan(service)}, without ${codeSpan(values.tag)}: ${shown.join(", ")}${rest}.`;
}

/** A job that was given up: our fault, or something that nobody foresaw. Nothing was decided, so it is no success. */
export function renderFailedJobCheck(options: {
  readonly reason: string;
  readonly jobId: string;
}): CheckText {
  return {
    status: "completed",
    conclusion: "action_required",
    title: titleLine(`Sluice gave up: ${options.reason}`),
    summary: fitSummary([
      `A job failed three times and was put aside: ${prose(options.reason, 1000)}`,
      `**Next:** whoever runs Sluice looks at it with ${codeSpan(`npm run jobs -- show ${options.jobId}`, 200)} and starts it again with ${codeSpan(`npm run jobs -- replay ${options.jobId}`, 200)}. It is tried again by itself with the next event or sweep.`,
    ]),
    text: "",
  };
}

/** The same run once such a job has ended well. */
export function renderRecoveredJobCheck(): CheckText {
  return {
    status: "completed",
    conclusion: "success",
    title: "Sluice goes on",
    summary: "A job that had been given up has ended well since. Nothing needs to be done.",
    text: "",
  };
}
