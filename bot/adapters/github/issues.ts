import type { Issue, Issues } from "#ports/issues.ts";

import type { RepositoryContext } from "./repository/context.ts";
import { all } from "./repository/pages.ts";
import { isUnknownOutcome, refusedWith } from "./requests/errors.ts";
import { readSeal, withSeal } from "./seal.ts";

export function issues(context: RepositoryContext): Issues {
  return {
    own: async (marker, label) => readOwn(context, marker, label),
    issue: async (number) => readIssue(context, number),
    open: async (wanted) => openIssue(context, wanted),
    edit: async (number, change) => {
      const { data } = await context.request("PATCH /repos/{owner}/{repo}/issues/{issue_number}", {
        ...context.at,
        issue_number: number,
        ...change,
        ...(change.body === undefined ? {} : { body: sealed(context, change.body) }),
      });
      return toIssue(context, data, await context.login());
    },
  };
}

/** What GitHub says of an issue, as far as it is read here. */
type IssueBody = {
  readonly number: number;
  readonly title: string;
  readonly body?: string | null | undefined;
  readonly state: string;
  readonly html_url: string;
  readonly user: { readonly login: string; readonly type: string } | null;
  readonly pull_request?: object | undefined;
};

/**
 * GitHub lists pull requests as issues too, and most of those are ours: with the label one page tells everything. Only
 * where somebody took the label away is the whole list read.
 */
async function readOwn(
  context: RepositoryContext,
  marker: string,
  label: string,
): Promise<readonly Issue[]> {
  const labelled = await readList(context, marker, { labels: label });
  return labelled.length > 0 ? labelled : readList(context, marker, {});
}

async function readList(
  context: RepositoryContext,
  marker: string,
  filter: { readonly labels?: string },
): Promise<readonly Issue[]> {
  const login = await context.login();
  const bodies: readonly IssueBody[] = await all(async (page) =>
    context.request("GET /repos/{owner}/{repo}/issues", {
      ...context.at,
      creator: login,
      state: "all",
      sort: "created",
      direction: "asc",
      ...filter,
      per_page: 100,
      page,
    }),
  );
  return (
    bodies
      .filter((body) => body.pull_request === undefined)
      .map((body) => toIssue(context, body, login))
      // One of ours with the label and no right seal was changed by somebody, who may have taken the marker out.
      .filter(
        ({ ours, body, isSealed }) =>
          ours && (body.includes(marker) || (filter.labels !== undefined && !isSealed)),
      )
      .toSorted((one, other) => one.number - other.number)
  );
}

async function readIssue(context: RepositoryContext, number: number): Promise<Issue | null> {
  try {
    const { data } = await context.request("GET /repos/{owner}/{repo}/issues/{issue_number}", {
      ...context.at,
      issue_number: number,
    });
    return toIssue(context, data, await context.login());
  } catch (error) {
    // 410: deleted. 301: it was moved to another repository.
    if ([404, 410, 301].some((status) => refusedWith(error, status))) return null;
    throw error;
  }
}

async function openIssue(
  context: RepositoryContext,
  { marker, labels, ...wanted }: Parameters<Issues["open"]>[0],
): Promise<Issue> {
  try {
    const { data } = await context.request("POST /repos/{owner}/{repo}/issues", {
      ...context.at,
      ...wanted,
      body: sealed(context, wanted.body),
      labels: [...labels],
    });
    return toIssue(context, data, await context.login());
  } catch (error) {
    if (!isUnknownOutcome(error)) throw error;
    const found = (await readOwn(context, marker, labels[0] ?? ""))[0];
    if (found === undefined) throw error;
    return found;
  }
}

function sealed({ sealSecret, name }: RepositoryContext, body: string): string {
  return withSeal(sealSecret, name, body);
}

function toIssue({ sealSecret, name }: RepositoryContext, body: IssueBody, login: string): Issue {
  const { text, isSealed } = readSeal(sealSecret, name, body.body ?? "");
  return {
    number: body.number,
    title: body.title,
    body: text,
    isSealed,
    state: body.state === "closed" ? "closed" : "open",
    ours: body.user?.type === "Bot" && body.user.login === login,
    url: body.html_url,
  };
}
