import { createHmac, createPublicKey, randomUUID, timingSafeEqual, verify } from "node:crypto";

import { ApiError } from "./http/answer.ts";
import type { Access, Account, App, Installation } from "./state/records.ts";
import type { World } from "./state/world.ts";

export type Identity =
  | { kind: "anonymous" }
  | { kind: "app"; app: App }
  | {
      kind: "installation";
      app: App;
      installation: Installation;
      /** Null: every repository of the installation. */
      repositoryIds: number[] | null;
      permissions: Record<string, Access>;
      token: string;
    }
  | { kind: "user"; account: Account };

type TokenClaims = {
  installation: number;
  repositories: number[] | null;
  permissions: Record<string, Access>;
  /** Seconds. */
  exp: number;
  jti: string;
};

/** Seconds that an installation token lives. */
export const TOKEN_LIFETIME = 3600;

/** Seconds that an App's own token may reach into the future. */
const LONGEST_JWT = 600;

/** Who sends this `Authorization` header; throws 401 for whatever is not valid now. */
export function authenticate(world: World, header: string | undefined): Identity {
  if (header === undefined || header === "") return { kind: "anonymous" };
  const token = tokenIn(header);
  if (token === undefined) throw badCredentials();
  if (token.startsWith("ghs_")) return installationIdentity(world, token);
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/u.test(token)) return appIdentity(world, token);
  const account = world.tables.accounts.find((row) => row.tokens.includes(token));
  if (account === undefined) throw badCredentials();
  return { kind: "user", account };
}

function tokenIn(header: string): string | undefined {
  const [scheme = "", value = ""] = header.split(/ +/u);
  if (/^(bearer|token)$/iu.test(scheme)) return value;
  if (!/^basic$/iu.test(scheme)) return undefined;
  const [user = "", password = ""] = Buffer.from(value, "base64").toString("utf8").split(":");
  return password === "" || password === "x-oauth-basic" ? user : password;
}

export function badCredentials(): ApiError {
  return new ApiError(401, "Bad credentials");
}

/** A new token of GitHub's stateless form `ghs_<app>_<JWT>`; it is not 40 characters long. */
export function mintInstallationToken(
  world: World,
  installation: Installation,
  scope: { repositories: number[] | null; permissions: Record<string, Access> },
): { token: string; expiresAt: string } {
  const exp = Math.floor(world.now() / 1000) + TOKEN_LIFETIME;
  const claims: TokenClaims = {
    installation: installation.id,
    repositories: scope.repositories,
    permissions: scope.permissions,
    exp,
    jti: randomUUID(),
  };
  const head = encode({ alg: "HS256", typ: "JWT" });
  const body = `${head}.${encode(claims)}`;
  const token = `ghs_${installation.appId}_${body}.${sign(world, body)}`;
  return { token, expiresAt: new Date(exp * 1000).toISOString().replace(".000Z", "Z") };
}

function installationIdentity(world: World, token: string): Identity {
  const match = /^ghs_(\d+)_([\w-]+\.([\w-]+))\.([\w-]+)$/u.exec(token);
  if (match === null || world.revokedTokens.has(token)) throw badCredentials();
  const [, appId, body = "", claimsText = "", signature = ""] = match;
  const wanted = Buffer.from(sign(world, body));
  const given = Buffer.from(signature);
  if (wanted.length !== given.length || !timingSafeEqual(wanted, given)) throw badCredentials();
  const claims = decode(claimsText) as TokenClaims;
  const installation = world.tables.installations.get(claims.installation);
  const app = world.tables.apps.get(Number(appId));
  if (claims.exp * 1000 <= world.now() || installation === undefined || app === undefined) {
    throw badCredentials();
  }
  if (installation.suspendedAt !== null) {
    throw new ApiError(403, "This installation has been suspended");
  }
  return {
    kind: "installation",
    app,
    installation,
    repositoryIds: claims.repositories,
    permissions: claims.permissions,
    token,
  };
}

function appIdentity(world: World, token: string): Identity {
  const [head = "", body = "", signature = ""] = token.split(".");
  const undecodable = new ApiError(401, "A JSON web token could not be decoded");
  let header: { alg?: unknown };
  let claims: { iss?: unknown; iat?: unknown; exp?: unknown };
  try {
    header = decode(head) as typeof header;
    claims = decode(body) as typeof claims;
  } catch {
    throw undecodable;
  }
  if (header.alg !== "RS256" || claims.iss === undefined) throw undecodable;
  const issuer = JSON.stringify(claims.iss).replaceAll('"', "");
  const app = world.tables.apps.find((row) => String(row.id) === issuer || row.clientId === issuer);
  if (app === undefined) throw new ApiError(404, "Integration not found");
  const data = Buffer.from(`${head}.${body}`);
  const key = createPublicKey(app.publicKey);
  if (!verify("RSA-SHA256", data, key, Buffer.from(signature, "base64url"))) throw undecodable;
  checkTimes(world, claims);
  return { kind: "app", app };
}

function checkTimes(world: World, claims: { iat?: unknown; exp?: unknown }): void {
  const now = Math.floor(world.now() / 1000);
  const { iat, exp } = claims;
  if (!Number.isInteger(exp) || Number(exp) <= now) {
    throw new ApiError(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  }
  if (Number(exp) > now + LONGEST_JWT) {
    throw new ApiError(401, "'Expiration time' claim ('exp') is too far in the future");
  }
  if (!Number.isInteger(iat) || Number(iat) > now) {
    throw new ApiError(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    );
  }
}

function sign(world: World, text: string): string {
  return createHmac("sha256", world.tokenSecret).update(text).digest("base64url");
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decode(text: string): unknown {
  return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
}
