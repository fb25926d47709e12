import { editPull } from "../actions/edit-pull.ts";
import { editIssue, openIssue, setIssueState } from "../actions/issues.ts";
import { findLabel, insertLabel, setLabels } from "../actions/labels.ts";
import { created, noContent, notFound, ok, validationFailed } from "../http/answer.ts";
import type { Answer } from "../http/answer.ts";
import type { RepositoryContext, Route } from "../http/context.ts";
import { paginate } from "../http/pagination.ts";
import type { Need } from "../permissions.ts";
import { labelsOf, renderIssue, renderLabel } from "../render/issue.ts";
import { findIssue } from "../state/find.ts";
import type { Issue } from "../state/records.ts";

/** Whoever may write pull requests may label and comment on them; for plain issues it takes `issues`. */
export const READ: Need[] = [
  ["issues", "read"],
  ["pull_requests", "read"],
];
export const WRITE: Need[] = [
  ["issues", "write"],
  ["pull_requests", "write"],
];

export function issueOf(context: RepositoryContext): Issue {
  const { world, repository, params, asOf } = context;
  const issue = findIssue(world, repository, Number(params["issue_number"]), asOf);
  if (issue === undefined) throw notFound();
  return issue;
}

type LabelWish = string | { name?: string };

function namesOf(labels: LabelWish[] | undefined): string[] {
  return (labels ?? []).map((label) => (typeof label === "string" ? label : (label.name ?? "")));
}

function listIssues(context: RepositoryContext): Promise<Answer> {
  const { world, repository, request, asOf } = context;
  const { query } = request;
  const state = query.get("state") ?? "open";
  const creator = query.get("creator")?.toLowerCase() ?? null;
  const labels = (query.get("labels") ?? "").split(",").filter((name) => name !== "");
  const issues = world.tables.issues
    .filter((row) => row.repositoryId === repository.id, asOf)
    .filter((row) => state === "all" || row.state === state)
    .filter(
      (row) =>
        creator === null || world.tables.accounts.need(row.userId).login.toLowerCase() === creator,
    )
    .filter((row) =>
      labels.every((name) => {
        const label = findLabel(context, repository, name);
        return label !== undefined && row.labelIds.includes(label.id);
      }),
    )
    .toSorted((a, b) => b.number - a.number);
  if (query.get("direction") === "asc") issues.reverse();
  return paginate(context, issues, (issue) => renderIssue(world, repository, issue));
}

async function createIssue(context: RepositoryContext): Promise<Answer> {
  const { world, repository, request } = context;
  const body = request.body as { title: string | number; body?: string; labels?: LabelWish[] };
  const issue = await openIssue(context, repository, {
    title: String(body.title),
    body: body.body ?? null,
    labels: namesOf(body.labels),
  });
  return created(renderIssue(world, repository, issue));
}

type IssuePatch = {
  title?: string | number | null;
  body?: string | null;
  state?: "open" | "closed";
  state_reason?: "completed" | "not_planned" | "reopened" | null;
  labels?: LabelWish[];
};

async function updateIssue(context: RepositoryContext): Promise<Answer> {
  const { world, repository, request } = context;
  const issue = issueOf(context);
  const { title: given, labels, state, ...rest } = request.body as IssuePatch;
  const title = given === undefined || given === null ? issue.title : String(given);
  const body = rest.body === undefined ? issue.body : rest.body;
  if (issue.pullId !== null) {
    const pull = world.tables.pulls.need(issue.pullId);
    const patch = state === undefined ? { title, body } : { title, body, state };
    await editPull(context, repository, pull, patch);
  } else {
    editIssue(context, repository, issue, { title, body });
    if (state !== undefined && state !== issue.state)
      setIssueState(context, repository, issue, state, rest.state_reason);
  }
  if (labels !== undefined) {
    await setLabels(context, repository, world.tables.issues.need(issue.id), namesOf(labels));
  }
  return ok(renderIssue(world, repository, world.tables.issues.need(issue.id)));
}

/** Adds, replaces or removes labels; the body may be a bare list or an object with one. */
async function changeLabels(
  context: RepositoryContext,
  change: (present: string[], given: string[]) => string[],
): Promise<Answer> {
  const { world, repository, request, params } = context;
  const issue = issueOf(context);
  const given =
    params["name"] === undefined
      ? namesOf(request.body["labels"] as LabelWish[] | undefined)
      : [params["name"]];
  const present = labelsOf(world, repository, issue).map((label) => label.name);
  const updated = await setLabels(context, repository, issue, change(present, given));
  return ok(labelsOf(world, repository, updated));
}

const BASE = "/repos/{owner}/{repo}";

export const issueRoutes: Route[] = [
  { method: "GET", path: `${BASE}/issues`, scope: "repository", needs: READ, handle: listIssues },
  {
    method: "POST",
    path: `${BASE}/issues`,
    content: true,
    scope: "repository",
    needs: [["issues", "write"]],
    handle: createIssue,
  },
  {
    method: "GET",
    path: `${BASE}/issues/{issue_number}`,
    scope: "repository",
    needs: READ,
    handle: (context) =>
      Promise.resolve(ok(renderIssue(context.world, context.repository, issueOf(context)))),
  },
  {
    method: "PATCH",
    path: `${BASE}/issues/{issue_number}`,
    scope: "repository",
    needs: WRITE,
    handle: updateIssue,
  },
  {
    method: "GET",
    path: `${BASE}/issues/{issue_number}/labels`,
    scope: "repository",
    needs: READ,
    handle: (context) =>
      paginate(
        context,
        labelsOf(context.world, context.repository, issueOf(context)),
        (label) => label,
      ),
  },
  {
    method: "POST",
    path: `${BASE}/issues/{issue_number}/labels`,
    scope: "repository",
    needs: WRITE,
    handle: (context) => changeLabels(context, (present, given) => [...present, ...given]),
  },
  {
    method: "PUT",
    path: `${BASE}/issues/{issue_number}/labels`,
    scope: "repository",
    needs: WRITE,
    handle: (context) => changeLabels(context, (_, given) => given),
  },
  {
    method: "DELETE",
    path: `${BASE}/issues/{issue_number}/labels/{name}`,
    scope: "repository",
    needs: WRITE,
    handle: (context) =>
      changeLabels(context, (present, [gone = ""]) => {
        const kept = present.filter((name) => name.toLowerCase() !== gone.toLowerCase());
        if (kept.length === present.length) throw notFound();
        return kept;
      }),
  },
  {
    method: "GET",
    path: `${BASE}/labels`,
    scope: "repository",
    needs: READ,
    handle: (context) => {
      const { world, repository, asOf } = context;
      const labels = world.tables.labels.filter((row) => row.repositoryId === repository.id, asOf);
      return paginate(context, labels, (label) => renderLabel(world, repository, label));
    },
  },
  {
    method: "GET",
    path: `${BASE}/labels/{name}`,
    scope: "repository",
    needs: READ,
    handle: (context) => {
      const label = findLabel(context, context.repository, context.params["name"] ?? "");
      if (label === undefined) throw notFound();
      return Promise.resolve(ok(renderLabel(context.world, context.repository, label)));
    },
  },
  {
    method: "POST",
    path: `${BASE}/labels`,
    scope: "repository",
    needs: WRITE,
    handle: (context) => {
      const { world, repository, request } = context;
      const body = request.body as { name: string; color?: string; description?: string };
      if (findLabel(context, repository, body.name) !== undefined) {
        throw validationFailed({ resource: "Label", code: "already_exists", field: "name" });
      }
      const label = insertLabel(context, repository, body);
      return Promise.resolve(created(renderLabel(world, repository, label)));
    },
  },
  {
    method: "DELETE",
    path: `${BASE}/labels/{name}`,
    scope: "repository",
    needs: WRITE,
    handle: (context) => {
      const label = findLabel(context, context.repository, context.params["name"] ?? "");
      if (label === undefined) throw notFound();
      context.world.tables.labels.delete(label.id);
      return Promise.resolve(noContent());
    },
  },
];
