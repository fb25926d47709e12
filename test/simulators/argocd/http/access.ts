import type { IncomingMessage } from "node:http";

import type { Application } from "../application.ts";
import { globToRegExp } from "../sync-window.ts";
import type { World } from "../world.ts";
import { ApiError, permissionDenied } from "./reply.ts";
import type { Claims, TokenMint } from "./token.ts";

export type Action = "get" | "sync" | "override" | "create" | "update" | "delete";

type Rule = { action: Action | "*"; object: string; effect?: "allow" | "deny" };

/** Accounts and what each may do to applications; nothing said means no. */
export type Accounts = Record<string, { rules: Rule[]; password?: string }>;

export type Session = { account: string; claims: Claims };

export const DEFAULT_ACCOUNTS: Accounts = {
  admin: { rules: [{ action: "*", object: "*" }], password: "password" },
  sluice: {
    rules: [
      { action: "get", object: "*" },
      { action: "sync", object: "*" },
    ],
  },
};

/**
 * The bearer counts only with three dot-separated parts; anything else is ignored (server/server.go:1643-1673),
 * so that an opaque token reads as "no session information".
 */
export function sessionOf(
  request: IncomingMessage,
  mint: TokenMint,
  now: number,
): Session | undefined {
  const cookie = /(?:^|;\s*)argocd\.token=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
  const metadata = request.headers["grpc-metadata-token"];
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
  const candidates = [typeof metadata === "string" ? metadata : undefined, bearer, cookie];
  const token = candidates.find((item) => item !== undefined && item.split(".").length >= 3);
  if (token === undefined) return undefined;
  const claims = mint.read(token, now);
  return { account: claims.sub.split(":")[0]!, claims };
}

export function may(accounts: Accounts, session: Session, action: Action, object: string): boolean {
  const rules = (accounts[session.account]?.rules ?? []).filter(
    (rule) =>
      (rule.action === "*" || rule.action === action) && globToRegExp(rule.object).test(object),
  );
  return rules.length > 0 && rules.every((rule) => rule.effect !== "deny");
}

export function objectOf(app: Application): string {
  return `${app.spec.project}/${app.metadata.name}`;
}

/**
 * server/application/application.go:170-245: a live read whose every failure is a 403 without `project`,
 * and whose "not there" is a 404 only for someone who named a project where they have the right.
 */
export function getApp(
  world: World,
  accounts: Accounts,
  session: Session,
  request: { action: Action; project: string | undefined; name: string; namespace?: string },
): Application {
  const { action, project, name, namespace } = request;
  if (project && !may(accounts, session, action, `${project}/${name}`)) throw permissionDenied();
  if (world.faults.backend.k8sDown) throw permissionDenied();
  const stored = world.store.get(name);
  const app = namespace && stored?.metadata.namespace !== namespace ? undefined : stored;
  const notFound = new ApiError(5, `applications.argoproj.io "${name}" not found`);
  if (app === undefined) throw project ? notFound : permissionDenied();
  if (!may(accounts, session, action, objectOf(app))) throw project ? notFound : permissionDenied();
  if (project && app.spec.project !== project) throw notFound;
  if (world.projects !== undefined && !world.projects.has(app.spec.project)) {
    throw new ApiError(
      3,
      `app is not allowed in project "${app.spec.project}", or the project does not exist`,
    );
  }
  return app;
}
