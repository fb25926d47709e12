import type { CheckReport, CodeHost, Installation } from "#ports/code-host.ts";

type Redact = (text: string) => string;

/**
 * The last gate before anybody reads: what a failing system answers may repeat a secret, and sentences of ours quote
 * it. Commits are left alone: they hold nothing but Git's own and our own words.
 */
export function redactOutgoing(host: CodeHost, redact: Redact): CodeHost {
  return {
    ...host,
    installation: (id, signal) => redactInstallation(host.installation(id, signal), redact),
  };
}

function redactInstallation(installation: Installation, redact: Redact): Installation {
  return {
    ...installation,
    repository: (name) => {
      const repository = installation.repository(name);
      return {
        ...repository,
        openPullRequest: (wanted) =>
          repository.openPullRequest({
            ...wanted,
            title: redact(wanted.title),
            body: redact(wanted.body),
          }),
        editPullRequest: (number, { title, body, ...rest }) =>
          repository.editPullRequest(number, {
            ...rest,
            ...(title === undefined ? {} : { title: redact(title) }),
            ...(body === undefined ? {} : { body: redact(body) }),
          }),
      };
    },
    checkRuns: (name) => {
      const checkRuns = installation.checkRuns(name);
      return { ...checkRuns, report: (report) => checkRuns.report(redactReport(report, redact)) };
    },
    issues: (name) => {
      const issues = installation.issues(name);
      return {
        ...issues,
        open: (wanted) => issues.open({ ...wanted, body: redact(wanted.body) }),
        edit: (number, { body, ...rest }) =>
          issues.edit(number, { ...rest, ...(body === undefined ? {} : { body: redact(body) }) }),
      };
    },
    conversation: (name) => {
      const conversation = installation.conversation(name);
      return {
        ...conversation,
        stick: (number, marker, body) => conversation.stick(number, marker, redact(body)),
        reply: (number, marker, body) => conversation.reply(number, marker, redact(body)),
      };
    },
  };
}

function redactReport(report: CheckReport, redact: Redact): CheckReport {
  const { title, summary, text, annotations } = report;
  return {
    ...report,
    title: redact(title),
    summary: redact(summary),
    text: redact(text),
    ...(annotations === undefined
      ? {}
      : { annotations: annotations.map((one) => ({ ...one, message: redact(one.message) })) }),
  };
}
