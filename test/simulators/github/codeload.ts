import { createHmac } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import type { Simulation } from "./simulation.ts";
import { findRepository } from "./state/find.ts";
import type { Repository } from "./state/records.ts";
import type { World } from "./state/world.ts";

/** Opens one private repository's archives for the current five minutes; it is no API token. */
export function archiveToken(world: World, repository: Repository): string {
  const slot = Math.floor(world.now() / 300_000);
  return createHmac("sha256", world.tokenSecret).update(`${repository.id}:${slot}`).digest("hex");
}

/** The archive host: `git archive`, so `export-ignore` and `eol` count. */
export async function handleCodeload(
  simulation: Simulation,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { world, openapi } = simulation;
  const url = new URL(incoming.url ?? "/", world.urls.codeload);
  const match = /^\/([^/]+)\/([^/]+)\/legacy\.(tar\.gz|zip)\/(.+)$/u.exec(url.pathname);
  const [, owner = "", name = "", format, ref = ""] = match ?? [];
  if (incoming.headers.authorization !== undefined) {
    // A token that is sent along to another host has leaked.
    openapi.violations.push({
      kind: "request",
      where: `codeload ${url.pathname}`,
      status: null,
      problems: [
        { path: "authorization", keyword: "leak", message: "token sent to codeload", value: "…" },
      ],
    });
  }
  const repository = findRepository(world, owner, name);
  const denied =
    repository?.private === true &&
    url.searchParams.get("token") !== archiveToken(world, repository);
  const git = repository === undefined ? undefined : world.git(repository);
  const sha = await git?.resolveCommit(decodeURIComponent(ref));
  if (match === null || git === undefined || sha === undefined || denied) {
    response.writeHead(404, { "content-type": "text/plain; charset=utf-8" });
    response.end("404: Not Found");
    return;
  }
  const prefix = `${owner}-${name}-${sha.slice(0, 7)}`;
  const data = await git.archive(sha, format === "zip" ? "zip" : "tar.gz", prefix);
  response.writeHead(200, {
    "content-type": format === "zip" ? "application/zip" : "application/x-gzip",
    "content-disposition": `attachment; filename=${prefix}.${format}`,
    "content-length": String(data.length),
    etag: `W/"${sha}"`,
  });
  response.end(data);
}
