import { fullName } from "../state/find.ts";
import type { Repository } from "../state/records.ts";
import type { World } from "../state/world.ts";
import { badge, checkBadges } from "./check-list.ts";
import { escapeHtml } from "./html.ts";
import { pullState } from "./pull-page.ts";

const mostCommits = 30;

/** All repositories. */
export function indexPage(world: World): string {
  const items = world.tables.repositories.all().map((repository) => {
    const name = fullName(world, repository);
    return `<li><a href="/${name}">${escapeHtml(name)}</a></li>`;
  });
  return `<h1>Repositories</h1><ul>${items.join("")}</ul>`;
}

/** A repository's pull requests, newest first, and the last commits of its default branch. */
export async function repositoryPage(world: World, repository: Repository): Promise<string> {
  const name = fullName(world, repository);
  const pulls = world.tables.pulls
    .filter((pull) => pull.repositoryId === repository.id)
    .toSorted((a, b) => b.number - a.number)
    .map((pull) => {
      const issue = world.tables.issues.need(pull.issueId);
      return `<tr><td>${badge(pullState(world, pull))}</td><td><a href="/${name}/pull/${pull.number}">#${pull.number} ${escapeHtml(issue.title)}</a></td></tr>`;
    });
  const none = `<tr><td class="muted">none yet</td></tr>`;
  return `<h1>${escapeHtml(name)}</h1><p><code>git clone ${world.urls.web}/${escapeHtml(name)}.git</code></p>
    <h2>Pull requests</h2><table>${pulls.join("") || none}</table>
    <h2>Commits on ${escapeHtml(repository.defaultBranch)}</h2><table>${await commitRows(world, repository)}</table>`;
}

async function commitRows(world: World, repository: Repository): Promise<string> {
  const name = fullName(world, repository);
  const git = world.git(repository);
  const head = await git.resolveCommit(repository.defaultBranch);
  if (head === undefined) return "";
  const shas = await git.history(head, [`--max-count=${mostCommits}`]);
  const rows = await Promise.all(
    shas.map(async (sha) => {
      const commit = await git.commit(sha);
      const title = commit?.message.split("\n")[0] ?? "";
      return `<tr><td><a href="/${name}/commit/${sha}"><code>${sha.slice(0, 7)}</code></a></td><td>${escapeHtml(title)} ${checkBadges(world, repository, sha)}</td></tr>`;
    }),
  );
  return rows.join("");
}
