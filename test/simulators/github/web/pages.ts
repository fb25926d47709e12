import type { IncomingMessage, ServerResponse } from "node:http";

import { pullRange } from "../actions/pull-facts.ts";
import { diffText } from "../git/diff.ts";
import type { Simulation } from "../simulation.ts";
import { findPull, findRepository, fullName } from "../state/find.ts";
import type { World } from "../state/world.ts";
import { checkList, runPage } from "./check-list.ts";
import { diffList } from "./diff-list.ts";
import { escapeHtml, page } from "./html.ts";
import { pullPage } from "./pull-page.ts";
import { indexPage, repositoryPage } from "./repository-page.ts";

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
  if (path === "/") return htmlPage("Simulated GitHub", indexPage(world));
  const [, owner = "", name = "", kind, ...rest] = path.split("/");
  const repository = findRepository(world, owner, name);
  if (repository === undefined) return undefined;
  const git = world.git(repository);
  const title = fullName(world, repository);
  const html = (heading: string, body: string): Shown => htmlPage(heading, body, title);
  const plain = (text: string): Shown => ({ type: "text/plain; charset=utf-8", text });
  if (kind === undefined || kind === "" || kind === "pulls") {
    return html(title, await repositoryPage(world, repository));
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
    const head = `<h1>${escapeHtml(commit.message.split("\n")[0] ?? "")}</h1><pre>${escapeHtml(commit.message)}</pre>
      <p class="muted">${escapeHtml(commit.author.name)} · ${commit.author.date} · <code>${commit.sha}</code></p>`;
    return html(
      commit.sha.slice(0, 7),
      head + checkList(world, repository, commit.sha) + diffList(files),
    );
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
      `<h1>${escapeHtml(rest.join("/"))}</h1>${diffList(await git.diff(from, head))}`,
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

function htmlPage(heading: string, body: string, repository = ""): Shown {
  return { type: "text/html; charset=utf-8", text: page(heading, body, repository) };
}
