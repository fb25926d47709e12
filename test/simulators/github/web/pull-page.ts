import { mergeState } from "../actions/merge-state.ts";
import { pullRange } from "../actions/pull-facts.ts";
import { fullName } from "../state/find.ts";
import type { Issue, Pull, Repository } from "../state/records.ts";
import type { World } from "../state/world.ts";
import { badge, checkList } from "./check-list.ts";
import { diffList } from "./diff-list.ts";
import { escapeHtml, markdown } from "./html.ts";

const emoji = new Map([
  ["+1", "👍"],
  ["-1", "👎"],
  ["laugh", "😄"],
  ["confused", "😕"],
  ["heart", "❤️"],
  ["hooray", "🎉"],
  ["rocket", "🚀"],
  ["eyes", "👀"],
]);

export function pullState(world: World, pull: Pull): string {
  if (pull.mergedAt !== null) return "merged";
  return world.tables.issues.need(pull.issueId).state;
}

/** A pull request: what it wants, its checks and what came of the merge, what people said, what it changes. */
export async function pullPage(world: World, repository: Repository, pull: Pull): Promise<string> {
  const issue = world.tables.issues.need(pull.issueId);
  const { mergeBase } = await pullRange(world, repository, pull);
  const files = await world.git(repository).diff(mergeBase, pull.headSha);
  const labels = issue.labelIds.map(
    (id) => `<code>${escapeHtml(world.tables.labels.get(id)?.name ?? "")}</code>`,
  );
  return `<h1>${escapeHtml(issue.title)} <span class="muted">#${pull.number}</span></h1>
    <p>${badge(pullState(world, pull))} ${await sentence(world, repository, pull)} ${labels.join(" ")}</p>
    <div class="box">${markdown(issue.body ?? "")}</div>
    ${checkList(world, repository, pull.headSha)}
    ${mergeOf(world, repository, pull)}
    ${conversation(world, pull, issue)}
    ${diffList(files)}`;
}

async function sentence(world: World, repository: Repository, pull: Pull): Promise<string> {
  const { accounts, issues } = world.tables;
  const issue = issues.need(pull.issueId);
  const author = accounts.need(issue.userId).login;
  const branches = `<code>${escapeHtml(pull.headRef)}</code> into <code>${escapeHtml(pull.baseRef)}</code>`;
  if (pull.mergedAt !== null) {
    const by = pull.mergedById === null ? author : accounts.need(pull.mergedById).login;
    return `${escapeHtml(by)} merged ${branches}`;
  }
  if (issue.state === "closed") return `${escapeHtml(author)} wanted to merge ${branches}`;
  const { state } = await mergeState(world, repository, pull);
  return `${escapeHtml(author)} wants to merge ${branches} · <span class="muted">${state}</span>`;
}

/** The commit that the merge made, and what is said on it: for a promotion, how the rollout went. */
function mergeOf(world: World, repository: Repository, pull: Pull): string {
  const sha = pull.mergedAt === null ? null : pull.mergeCommitSha;
  if (sha === null) return "";
  const link = `<a href="/${fullName(world, repository)}/commit/${sha}">${sha.slice(0, 7)}</a>`;
  const list = checkList(world, repository, sha, `Merged as ${link}`);
  return list === "" ? `<h2>Merged as ${link}</h2>` : list;
}

function conversation(world: World, pull: Pull, issue: Issue): string {
  const { accounts } = world.tables;
  const comments = world.tables.comments
    .filter((row) => row.issueId === issue.id)
    .map((row) => {
      const login = accounts.need(row.userId).login;
      return `<div class="box"><p class="muted">${escapeHtml(login)} · ${row.createdAt}</p>${markdown(row.body)}${reactionsTo(world, row.id)}</div>`;
    });
  const reviews = world.tables.reviews
    .filter((row) => row.pullId === pull.id)
    .map((row) => {
      const login = accounts.need(row.userId).login;
      return `<div>${escapeHtml(login)}: ${escapeHtml(row.state.toLowerCase())}</div>`;
    });
  return `${reviews.length === 0 ? "" : `<h2>Reviews</h2>${reviews.join("")}`}
    ${comments.length === 0 ? "" : `<h2>Comments</h2>${comments.join("")}`}`;
}

function reactionsTo(world: World, comment: number): string {
  const { accounts, reactions } = world.tables;
  const shown = reactions
    .filter((row) => row.subject === "comment" && row.subjectId === comment)
    .map(
      ({ content, userId }) =>
        `${emoji.get(content) ?? escapeHtml(content)} ${escapeHtml(accounts.need(userId).login)}`,
    );
  return shown.length === 0 ? "" : `<p class="muted">${shown.join(" · ")}</p>`;
}
