import { mintInstallationToken } from "../auth.ts";
import type { Identity } from "../auth.ts";
import { ApiError, noContent, notFound, ok } from "../http/answer.ts";
import type { Answer } from "../http/answer.ts";
import type { Context, Route } from "../http/context.ts";
import { paginate } from "../http/pagination.ts";
import { chargeOf } from "../limits.ts";
import { renderApp, renderInstallation } from "../render/account.ts";
import { renderRepository } from "../render/repository.ts";
import { covers, findAccount, findRepository, repositoriesOf } from "../state/find.ts";
import type { Access, App, Installation, Repository } from "../state/records.ts";

/** The App whose own token this is; an installation token opens nothing here. */
export function appOf({ identity }: Context): App {
  if (identity.kind !== "app") {
    throw new ApiError(401, "A JSON web token could not be decoded");
  }
  return identity.app;
}

function installationOf(context: Context): Installation {
  const app = appOf(context);
  const id = Number(context.params["installation_id"]);
  const installation = context.world.tables.installations.get(id, context.asOf);
  if (installation === undefined || installation.appId !== app.id) throw notFound();
  return installation;
}

type TokenBody = {
  repositories?: string[];
  repository_ids?: number[];
  permissions?: Record<string, Access>;
};

const LEVELS: Access[] = ["read", "write", "admin"];

function createToken(context: Context): Promise<Answer> {
  const { world, request } = context;
  const installation = installationOf(context);
  if (installation.suspendedAt !== null) {
    throw new ApiError(403, "This installation has been suspended");
  }
  const body = request.body as TokenBody;
  const repositories = scopeOf(context, installation, body);
  const permissions = body.permissions ?? installation.permissions;
  for (const [name, access] of Object.entries(permissions)) {
    const granted = installation.permissions[name];
    if (granted === undefined || LEVELS.indexOf(access) > LEVELS.indexOf(granted)) {
      throw new ApiError(422, "The permissions requested are not granted to this installation.");
    }
  }
  const { token, expiresAt } = mintInstallationToken(world, installation, {
    repositories: repositories?.map((repository) => repository.id) ?? null,
    permissions: { metadata: "read", ...permissions },
  });
  return Promise.resolve({
    status: 201,
    body: {
      token,
      expires_at: expiresAt,
      permissions: { metadata: "read", ...permissions },
      repository_selection:
        repositories === undefined ? installation.selection : ("selected" as const),
      ...(repositories === undefined
        ? {}
        : { repositories: repositories.map((row) => renderRepository(world, row)) }),
    },
  });
}

/** The repositories that a token is narrowed to; undefined: all of the installation. */
function scopeOf(
  { world }: Context,
  installation: Installation,
  body: TokenBody,
): Repository[] | undefined {
  const account = world.tables.accounts.need(installation.accountId);
  const named = (body.repositories ?? []).map((name) => findRepository(world, account.login, name));
  const numbered = (body.repository_ids ?? []).map((id) => world.tables.repositories.get(id));
  const wanted = [...named, ...numbered];
  if (wanted.length === 0) return undefined;
  const found = wanted.filter(
    (repository) => repository !== undefined && covers(installation, repository),
  );
  if (found.length !== wanted.length) {
    throw new ApiError(
      422,
      "There is at least one repository that does not exist or is not accessible to the parent installation.",
    );
  }
  return found.filter((repository) => repository !== undefined);
}

function installationIdentity({ identity }: Context): Identity & { kind: "installation" } {
  if (identity.kind === "installation") return identity;
  if (identity.kind === "anonymous") throw new ApiError(401, "Requires authentication");
  throw new ApiError(
    403,
    "You must authenticate with an installation access token in order to list repositories for an installation.",
  );
}

function listRepositories(context: Context): Promise<Answer> {
  const { world } = context;
  const { installation, repositoryIds } = installationIdentity(context);
  const rows = repositoriesOf(world, installation).filter(
    (repository) => repositoryIds === null || repositoryIds.includes(repository.id),
  );
  const repository_selection = repositoryIds === null ? installation.selection : "selected";
  return paginate(
    context,
    rows,
    (row) => renderRepository(world, row),
    (repositories, total_count) => ({ total_count, repository_selection, repositories }),
  );
}

function installationOfAccount(context: Context, login: string): Answer {
  const app = appOf(context);
  const account = findAccount(context.world, login);
  const found = context.world.tables.installations.find(
    (row) => row.appId === app.id && row.accountId === account?.id,
  );
  if (found === undefined) throw notFound();
  return ok(renderInstallation(context.world, found));
}

/** Uses the App's own token, so it does not go the way of the other repository routes. */
function installationOfRepository(context: Context): Answer {
  const { world, params } = context;
  const app = appOf(context);
  const repository = findRepository(world, params["owner"] ?? "", params["repo"] ?? "");
  const found = world.tables.installations.find(
    (row) => row.appId === app.id && repository !== undefined && covers(row, repository),
  );
  if (found === undefined) throw notFound();
  return ok(renderInstallation(world, found));
}

function rateLimit({ simulation, identity, world }: Context): Answer {
  const { limiter } = simulation;
  const repositories =
    identity.kind === "installation" ? repositoriesOf(world, identity.installation).length : 0;
  const charge = (graphql: boolean) =>
    limiter.status(
      chargeOf(limiter.limits, identity, "", {
        writes: false,
        graphql,
        content: false,
        repositories,
      }),
    );
  const core = charge(false);
  const search = { limit: 30, used: 0, remaining: 30, reset: core.reset };
  return ok({ resources: { core, graphql: charge(true), search }, rate: core });
}

export const appRoutes: Route[] = [
  {
    method: "GET",
    path: "/app",
    scope: "any",
    handle: (context) => Promise.resolve(ok(renderApp(context.world, appOf(context)))),
  },
  {
    method: "GET",
    path: "/app/installations",
    scope: "any",
    handle: (context) => {
      const app = appOf(context);
      const rows = context.world.tables.installations.filter((row) => row.appId === app.id);
      return paginate(context, rows, (row) => renderInstallation(context.world, row));
    },
  },
  {
    method: "GET",
    path: "/app/installations/{installation_id}",
    scope: "any",
    handle: (context) =>
      Promise.resolve(ok(renderInstallation(context.world, installationOf(context)))),
  },
  {
    method: "POST",
    path: "/app/installations/{installation_id}/access_tokens",
    scope: "any",
    handle: createToken,
  },
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/installation",
    scope: "any",
    handle: (context) => Promise.resolve(installationOfRepository(context)),
  },
  {
    method: "GET",
    path: "/orgs/{org}/installation",
    scope: "any",
    handle: (context) =>
      Promise.resolve(installationOfAccount(context, context.params["org"] ?? "")),
  },
  {
    method: "GET",
    path: "/users/{username}/installation",
    scope: "any",
    handle: (context) =>
      Promise.resolve(installationOfAccount(context, context.params["username"] ?? "")),
  },
  { method: "GET", path: "/installation/repositories", scope: "any", handle: listRepositories },
  {
    method: "DELETE",
    path: "/installation/token",
    scope: "any",
    handle: (context) => {
      context.world.revoke(installationIdentity(context).token);
      return Promise.resolve(noContent());
    },
  },
  {
    method: "GET",
    path: "/rate_limit",
    scope: "any",
    handle: (context) => Promise.resolve(rateLimit(context)),
  },
];
