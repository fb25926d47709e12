import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { createGunzip } from "node:zlib";

import { protectionProblem } from "../actions/branch-rules.ts";
import { followRefs } from "../actions/push.ts";
import { authenticate } from "../auth.ts";
import type { Identity } from "../auth.ts";
import { gitEnvironment } from "../git/process.ts";
import { ApiError } from "../http/answer.ts";
import type { Actor, Work } from "../http/context.ts";
import { accessRepository } from "../permissions.ts";
import type { Simulation } from "../simulation.ts";
import { botOf } from "../state/find.ts";
import type { Repository } from "../state/records.ts";

/** git's own hook refuses what protection refuses; the simulator names the refs. */
const UPDATE_HOOK = `#!/bin/sh
case " $SIMULATED_REFUSED_REFS " in
  *" $1 "*) echo "error: GH006: Protected branch update failed for $1." >&2; exit 1 ;;
esac
exit 0
`;

export function isGitPath(path: string): boolean {
  return /^\/[^/]+\/[^/]+\/(?:info\/refs|git-upload-pack|git-receive-pack)$/u.test(path);
}

/** Smart HTTP through git's own `http-backend`; a push is told like any other. */
export async function handleGit(
  simulation: Simulation,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { world } = simulation;
  const url = new URL(incoming.url ?? "/", world.urls.web);
  const [, owner = "", name = "", ...rest] = url.pathname.split("/");
  const writes =
    rest[0] === "git-receive-pack" || url.searchParams.get("service") === "git-receive-pack";
  let identity: Identity;
  let repository: Repository;
  try {
    identity = authenticate(world, incoming.headers.authorization);
    const where = { owner, repo: name.replace(/\.git$/u, "") };
    repository = accessRepository(world, identity, where, [
      ["contents", writes ? "write" : "read"],
    ]);
  } catch (error) {
    refuse(response, incoming, error);
    return;
  }
  const path = `/${rest.join("/")}`;
  const serve = (refused: string[], served: () => Promise<void>): Promise<void> =>
    runBackend(simulation, { incoming, response, url, repository, path, refused, served });
  if (rest[0] !== "git-receive-pack") return serve([], () => Promise.resolve());
  const work: Work = { world, actor: actorOf(simulation, identity), outbox: [] };
  await world.locked(repository.id, async () => {
    const hooks = join(world.git(repository).directory, "hooks");
    mkdirSync(hooks, { recursive: true });
    writeFileSync(join(hooks, "update"), UPDATE_HOOK, { mode: 0o755 });
    await serve(refusedRefs(work, repository), async () => {
      await followRefs(work, repository, await world.git(repository).refs.reload());
    });
  });
  simulation.deliveries.send(work.outbox);
}

/** Where nobody is named, git asks for a password; who is named and may not come in sees nothing. */
function refuse(response: ServerResponse, incoming: IncomingMessage, error: unknown): void {
  const status = error instanceof ApiError ? error.status : 500;
  const anonymous = incoming.headers.authorization === undefined;
  if (anonymous || status === 401) {
    response.writeHead(401, { "www-authenticate": 'Basic realm="GitHub"' });
    response.end("Repository not found or authentication required.");
    return;
  }
  response.writeHead(status);
  response.end(error instanceof Error ? error.message : "");
}

function actorOf({ world }: Simulation, identity: Identity): Actor {
  if (identity.kind === "installation") {
    const { app, installation } = identity;
    return { account: botOf(world, app), app, installation };
  }
  if (identity.kind === "user") return { account: identity.account, app: null, installation: null };
  throw new ApiError(401, "Requires authentication");
}

function refusedRefs(work: Work, repository: Repository): string[] {
  return Object.keys(repository.protection)
    .map((branch) => `refs/heads/${branch}`)
    .filter((ref) => {
      const wish = { ref, sha: "", forced: false, deletes: false };
      return protectionProblem(work, repository, wish) !== undefined;
    });
}

type Call = {
  incoming: IncomingMessage;
  response: ServerResponse;
  url: URL;
  repository: Repository;
  path: string;
  refused: string[];
  /** What has to be done before the caller hears the end. */
  served: () => Promise<void>;
};

async function runBackend(simulation: Simulation, call: Call): Promise<void> {
  const { incoming, response, url, repository, path, refused, served } = call;
  const { headers } = incoming;
  const { directory } = simulation.world.git(repository);
  const child = spawn("git", ["http-backend"], {
    env: {
      ...gitEnvironment,
      GIT_PROJECT_ROOT: directory,
      PATH_INFO: path,
      GIT_HTTP_EXPORT_ALL: "1",
      REQUEST_METHOD: incoming.method ?? "GET",
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: headers["content-type"] ?? "",
      REMOTE_USER: "simulated",
      REMOTE_ADDR: "127.0.0.1",
      SIMULATED_REFUSED_REFS: refused.join(" "),
      ...(typeof headers["git-protocol"] === "string"
        ? { GIT_PROTOCOL: headers["git-protocol"] }
        : {}),
    },
  });
  child.stdin.on("error", () => {});
  // git gzips larger requests; the backend would need the encoding told, so it is undone here.
  const body = headers["content-encoding"] === "gzip" ? incoming.pipe(createGunzip()) : incoming;
  body.on("error", () => child.stdin.end());
  body.pipe(child.stdin);
  let head: Buffer | undefined = Buffer.alloc(0);
  child.stdout.on("data", (chunk: Buffer) => {
    if (head === undefined) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    writeHead(response, head.subarray(0, end).toString("latin1"));
    response.write(head.subarray(end + 4));
    head = undefined;
  });
  await new Promise<void>((resolve) => {
    child.on("error", () => resolve());
    child.on("close", () => resolve());
  });
  await served();
  if (!response.headersSent) response.writeHead(500);
  response.end();
}

function writeHead(response: ServerResponse, text: string): void {
  let status = 200;
  const headers: Record<string, string> = {};
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    const key = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (key === "status") status = Number(value.split(" ")[0]);
    else headers[key] = value;
  }
  response.writeHead(status, headers);
}
