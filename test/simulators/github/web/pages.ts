import type { IncomingMessage, ServerResponse } from "node:http";

import { mergeState } from "../actions/merge-state.ts";
import { pullRange } from "../actions/pull-facts.ts";
import type { FileDiff } from "../git/diff.ts";
import { diffText } from "../git/diff.ts";
import type { Simulation } from "../simulation.ts";
import { findPull, findRepository, fullName } from "../state/find.ts";
import type { CheckRun, Pull, Repository } from "../state/records.ts";
import type { World } from "../state/world.ts";
import { escapeHtml, markdown, page } from "./html.ts";

type Shown = { type: string; text: string };

/** Small pages for people: an index, repositories, pull requests, commits, check runs and files. */
export async function handlePage(
  { world }: Simulation,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(incoming.url ?? "/", world.urls.web);
  const shown = await show(world, decodeURIComponent(url.pathname));
  response.writeHead(shown === undefined ? 404 : 200, {
    "content-type": shown?.type ?? "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
  });
  response.end(shown?.text ?? page("Not found", "<h1>Not found</h1>"));
}

async function show(world: World, path: string): Promise<Shown | undefined> {
  const html = (title: string, body: string): Shown => ({
    type: "text/html; charset=utf-8",
    text: page(title, body),
  });
  const plain = (text: string): Shown => ({ type: "text/plain; charset=utf-8", text });
  if (path === "/") return html("Simulated GitHub", index(world));
  const [, owner = "", name = "", kind, ...rest] = path.split("/");
  const repository = findRepository(world, owner, name);
  if (repository === undefined) return undefined;
  const git = world.git(repository);
  const title = fullName(world, repository);
  if (kind === undefined || kind === "" || kind === "pulls") {
    return html(title, repositoryPage(world, repository));
  }
  if (kind === "pull") {
    const [, number, diff] = /^(\d+)(\.diff|\.patch)?$/u.exec(rest[0] ?? "") ?? [];
    const pull = findPull(world, repository, Number(number));
    if (pull === undefined) return undefined;
    if (diff !== undefined) {
      const { mergeBase } = await pullRange(world, repository, pull);
      return plain(await diffText(git.directory, mergeBase, pull.headSha));
    }
    return html(`#${pull.number} · ${title}`, await pullPage(world, repository, pull));
  }
  if (kind === "commit") {
    const commit = await git.commit((await git.resolveCommit(rest[0] ?? "")) ?? "");
    if (commit === undefined) return undefined;
    const files = await git.diff(commit.parents[0], commit.sha);
    const runs = runsOf(world, repository, commit.sha);
    const head = `<h1>${escapeHtml(commit.message.split("\n")[0] ?? "")}</h1><pre>${escapeHtml(commit.message)}</pre>
      <p class="muted">${escapeHtml(commit.author.name)} · ${commit.author.date} · <code>${commit.sha}</code></p>`;
    return html(commit.sha.slice(0, 7), head + checkList(world, repository, runs) + diffs(files));
  }
  if (kind === "compare") {
    const [base, head] = await Promise.all(
      rest
        .join("/")
        .split("...")
        .map((ref) => git.resolveCommit(ref)),
    );
    const from =
      base === undefined || head === undefined ? undefined : await git.mergeBase(base, head);
    if (head === undefined || from === undefined) return undefined;
    return html(
      "Compare",
      `<h1>${escapeHtml(rest.join("/"))}</h1>${diffs(await git.diff(from, head))}`,
    );
  }
  if (kind === "runs") {
    const run = world.tables.checkRuns.get(Number(rest[0]));
    if (run === undefined || run.repositoryId !== repository.id) return undefined;
    return html(run.name, runPage(world, repository, run));
  }
  if (kind === "raw" || kind === "blob") {
    const [ref = "", ...file] = rest;
    const commit = await git.resolveCommit(ref);
    const data = commit === undefined ? undefined : await git.readFile(commit, file.join("/"));
    if (data === undefined) return undefined;
    const text = data.toString("utf8");
    return kind === "raw"
      ? plain(text)
      : html(
          file.join("/"),
          `<h1>${escapeHtml(file.join("/"))}</h1><pre>${escapeHtml(text)}</pre>`,
        );
  }
  return undefined;
}

function index(world: World): string {
  const items = world.tables.repositories.all().map((repository) => {
    const name = fullName(world, repository);
    return `<li><a href="/${name}">${escapeHtml(name)}</a></li>`;
  });
  return `<h1>Repositories</h1><ul>${items.join("")}</ul>`;
}

function repositoryPage(world: World, repository: Repository): string {
  const name = fullName(world, repository);
  const pulls = world.tables.pulls
    .filter((pull) => pull.repositoryId === repository.id)
    .toSorted((a, b) => b.number - a.number)
    .map((pull) => {
      const issue = world.tables.issues.need(pull.issueId);
      return `<tr><td>${badge(stateOf(world, pull))}</td><td><a href="/${name}/pull/${pull.number}">#${pull.number} ${escapeHtml(issue.title)}</a></td></tr>`;
    });
  return `<h1>${escapeHtml(name)}</h1><p><code>git clone ${world.urls.web}/${escapeHtml(name)}.git</code></p>
    <h2>Pull requests</h2><table>${pulls.join("")}</table>`;
}

function stateOf(world: World, pull: Pull): string {
  if (pull.mergedAt !== null) return "merged";
  return world.tables.issues.need(pull.issueId).state;
}

function badge(state: string): string {
  return `<span class="state ${escapeHtml(state)}">${escapeHtml(state.replaceAll("_", " "))}</span>`;
}

async function pullPage(world: World, repository: Repository, pull: Pull): Promise<string> {
  const issue = world.tables.issues.need(pull.issueId);
  const author = world.tables.accounts.need(issue.userId).login;
  const state = await mergeState(world, repository, pull);
  const { mergeBase } = await pullRange(world, repository, pull);
  const files = await world.git(repository).diff(mergeBase, pull.headSha);
  const labels = issue.labelIds.map(
    (id) => `<code>${escapeHtml(world.tables.labels.get(id)?.name ?? "")}</code>`,
  );
  const comments = world.tables.comments
    .filter((row) => row.issueId === issue.id)
    .map((row) => {
      const login = world.tables.accounts.need(row.userId).login;
      return `<div class="box"><p class="muted">${escapeHtml(login)} · ${row.createdAt}</p>${markdown(row.body)}</div>`;
    });
  const reviews = world.tables.reviews
    .filter((row) => row.pullId === pull.id)
    .map((row) => {
      const login = world.tables.accounts.need(row.userId).login;
      return `<div>${escapeHtml(login)}: ${escapeHtml(row.state.toLowerCase())}</div>`;
    });
  const open = issue.state === "open" ? ` · <span class="muted">${state.state}</span>` : "";
  return `<h1>${escapeHtml(issue.title)} <span class="muted">#${pull.number}</span></h1>
    <p>${badge(stateOf(world, pull))} ${escapeHtml(author)} wants to merge <code>${escapeHtml(pull.headRef)}</code> into <code>${escapeHtml(pull.baseRef)}</code>${open} ${labels.join(" ")}</p>
    <div class="box">${markdown(issue.body ?? "")}</div>
    ${checkList(world, repository, runsOf(world, repository, pull.headSha))}
    ${reviews.length === 0 ? "" : `<h2>Reviews</h2>${reviews.join("")}`}
    ${comments.length === 0 ? "" : `<h2>Comments</h2>${comments.join("")}`}
    ${diffs(files)}`;
}

/** The latest run of each name. */
function runsOf(world: World, repository: Repository, sha: string): CheckRun[] {
  const latest = new Map<string, CheckRun>();
  for (const run of world.tables.checkRuns.filter(
    (row) => row.repositoryId === repository.id && row.headSha === sha,
  )) {
    latest.set(`${run.appId} ${run.name}`, run);
  }
  return [...latest.values()];
}

function checkList(world: World, repository: Repository, runs: CheckRun[]): string {
  if (runs.length === 0) return "";
  const name = fullName(world, repository);
  const rows = runs.map(
    (run) =>
      `<tr><td>${badge(run.conclusion ?? run.status)}</td><td><a href="/${name}/runs/${run.id}">${escapeHtml(run.name)}</a></td><td>${escapeHtml(run.title ?? "")}</td></tr>`,
  );
  return `<h2>Checks</h2><table>${rows.join("")}</table>`;
}

function runPage(world: World, repository: Repository, run: CheckRun): string {
  const name = fullName(world, repository);
  return `<h1>${escapeHtml(run.name)} ${badge(run.conclusion ?? run.status)}</h1>
    <p class="muted">on <a href="/${name}/commit/${run.headSha}"><code>${run.headSha.slice(0, 7)}</code></a> · ${escapeHtml(run.externalId)}</p>
    <h2>${escapeHtml(run.title ?? "")}</h2>${markdown(run.summary ?? "")}${markdown(run.text ?? "")}`;
}

const MOST_SHOWN = 50;

function diffs(files: FileDiff[]): string {
  const shown = files.slice(0, MOST_SHOWN).map((file) => {
    const lines = (file.patch ?? "").split("\n").map((line) => {
      const kind = line.startsWith("+") ? "add" : line.startsWith("-") ? "del" : "";
      return `<span class="${kind}">${escapeHtml(line)}</span>`;
    });
    return `<h2>${escapeHtml(file.path)} <span class="muted">+${file.additions} −${file.deletions}</span></h2><pre>${lines.join("\n")}</pre>`;
  });
  const more = files.length - shown.length;
  return shown.join("") + (more > 0 ? `<p class="muted">and ${more} more files</p>` : "");
}
