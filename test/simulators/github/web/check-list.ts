import { fullName } from "../state/find.ts";
import type { CheckRun, Repository } from "../state/records.ts";
import type { World } from "../state/world.ts";
import { escapeHtml, markdown } from "./html.ts";

export function badge(state: string): string {
  return `<span class="state ${escapeHtml(state)}">${escapeHtml(state.replaceAll("_", " "))}</span>`;
}

/** The latest check run of each name on a commit. */
function runsOf(world: World, repository: Repository, sha: string): readonly CheckRun[] {
  const latest = new Map<string, CheckRun>();
  for (const run of world.tables.checkRuns.filter(
    (row) => row.repositoryId === repository.id && row.headSha === sha,
  )) {
    latest.set(`${run.appId} ${run.name}`, run);
  }
  return [...latest.values()];
}

/** The check runs of a commit under a heading; nothing where there are none. */
export function checkList(
  world: World,
  repository: Repository,
  sha: string,
  heading = "Checks",
): string {
  const runs = runsOf(world, repository, sha);
  if (runs.length === 0) return "";
  const name = fullName(world, repository);
  const rows = runs.map(
    (run) =>
      `<tr><td>${badge(run.conclusion ?? run.status)}</td><td><a href="/${name}/runs/${run.id}">${escapeHtml(run.name)}</a></td><td>${escapeHtml(run.title ?? "")}</td></tr>`,
  );
  return `<h2>${heading}</h2><table>${rows.join("")}</table>`;
}

/** The same in one line, for lists of commits. */
export function checkBadges(world: World, repository: Repository, sha: string): string {
  const name = fullName(world, repository);
  return runsOf(world, repository, sha)
    .map(
      (run) =>
        `<a class="state ${escapeHtml(run.conclusion ?? run.status)}" href="/${name}/runs/${run.id}">${escapeHtml(run.name)}</a>`,
    )
    .join(" ");
}

export function runPage(world: World, repository: Repository, run: CheckRun): string {
  const name = fullName(world, repository);
  return `<h1>${escapeHtml(run.name)} ${badge(run.conclusion ?? run.status)}</h1>
    <p class="muted">on <a href="/${name}/commit/${run.headSha}"><code>${run.headSha.slice(0, 7)}</code></a> · ${escapeHtml(run.externalId)}</p>
    <h2>${escapeHtml(run.title ?? "")}</h2>${markdown(run.summary ?? "")}${markdown(run.text ?? "")}`;
}
