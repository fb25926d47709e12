import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";

import { ApiError } from "./reply.ts";

export type Claims = { sub: string; iss: string; jti: string; iat: number; exp?: number };

export type TokenMint = {
  /** A real HS256 JWT of an account's API key; `expiresIn` in seconds, 0 for never. */
  mint(account: string, now: number, expiresIn?: number): string;
  /** Throws the 401 that the API answers. */
  read(token: string, now: number): Claims;
  revoke(jti: string): void;
};

export function createTokenMint(secret: string): TokenMint {
  const revoked = new Set<string>();
  const sign = (text: string) => createHmac("sha256", secret).update(text).digest("base64url");
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const refuse = (why: string) => new ApiError(16, `invalid session: ${why}`);

  return {
    mint(account, now, expiresIn = 0) {
      const iat = Math.floor(now / 1000);
      const claims = {
        iss: "argocd",
        sub: `${account}:apiKey`,
        nbf: iat,
        iat,
        jti: randomUUID(),
        ...(expiresIn > 0 ? { exp: iat + expiresIn } : {}),
      };
      const text = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
      return `${text}.${sign(text)}`;
    },
    read(token, now) {
      const [head = "", body = "", signature = ""] = token.split(".");
      const wanted = Buffer.from(sign(`${head}.${body}`));
      const given = Buffer.from(signature);
      let claims: Claims;
      try {
        claims = JSON.parse(Buffer.from(body, "base64url").toString()) as Claims;
      } catch {
        throw refuse("token is malformed: could not base64 decode claim");
      }
      if (wanted.length !== given.length || !timingSafeEqual(wanted, given)) {
        throw refuse("token signature is invalid: signature is invalid");
      }
      if (claims.exp !== undefined && claims.exp * 1000 <= now) {
        throw refuse("token has invalid claims: token is expired");
      }
      if (revoked.has(claims.jti)) throw refuse("token is revoked, please re-login");
      return claims;
    },
    revoke(jti) {
      revoked.add(jti);
    },
  };
}
