import { validationFailed } from "../http/answer.ts";
import type { Work } from "../http/context.ts";
import { renderIssue } from "../render/issue.ts";
import type { Issue, Repository } from "../state/records.ts";
import { emit } from "./emit.ts";
import { setLabels } from "./labels.ts";
import { insertIssue, tooLong } from "./pulls.ts";

export async function openIssue(
  work: Work,
  repository: Repository,
  { title, body, labels }: { title: string; body: string | null; labels: string[] },
): Promise<Issue> {
  const problems = tooLong("Issue", { title, ...(body === null ? {} : { body }) });
  if (title.trim() === "")
    problems.push({ resource: "Issue", code: "missing_field", field: "title" });
  if (problems.length > 0) throw validationFailed(...problems);
  const issue = insertIssue(work, repository, { title, body });
  emit(work, { event: "issues", action: "opened" }, repository, {
    issue: renderIssue(work.world, repository, issue),
  });
  return setLabels(work, repository, issue, labels);
}

/** An edit that changes nothing tells nothing. */
export function editIssue(
  work: Work,
  repository: Repository,
  issue: Issue,
  { title, body }: { title: string; body: string | null },
): void {
  const { world } = work;
  const problems = tooLong("Issue", { title, body });
  if (problems.length > 0) throw validationFailed(...problems);
  const updated = world.tables.issues.update(issue.id, { title, body, updatedAt: world.date() });
  const changes = {
    ...(title === issue.title ? {} : { title: { from: issue.title } }),
    ...(body === issue.body ? {} : { body: { from: issue.body ?? "" } }),
  };
  if (Object.keys(changes).length === 0) return;
  emit(work, { event: "issues", action: "edited" }, repository, {
    issue: renderIssue(world, repository, updated),
    changes,
  });
}

export function setIssueState(
  work: Work,
  repository: Repository,
  issue: Issue,
  state: "open" | "closed",
  reason: Issue["stateReason"] | undefined,
): void {
  const { world, actor } = work;
  const closed = state === "closed";
  const updated = world.tables.issues.update(issue.id, {
    state,
    stateReason: reason ?? (closed ? "completed" : "reopened"),
    closedAt: closed ? world.date() : null,
    closedById: closed ? actor.account.id : null,
  });
  emit(work, { event: "issues", action: closed ? "closed" : "reopened" }, repository, {
    issue: renderIssue(world, repository, updated),
  });
}
