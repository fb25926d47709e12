import { createSign } from "node:crypto";

import type { GitHubSimulator } from "./server.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- contract tests look at answers as they come
export type Reply<Body = any> = { status: number; body: Body; headers: Headers; text: string };

/** A bare HTTP client for contract tests: no retries, no conveniences, every answer as it came. */
export type Client = {
  token: string;
  request: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<Reply>;
  get: (path: string, headers?: Record<string, string>) => Promise<Reply>;
  post: (path: string, body?: unknown) => Promise<Reply>;
  patch: (path: string, body?: unknown) => Promise<Reply>;
  put: (path: string, body?: unknown) => Promise<Reply>;
  delete: (path: string) => Promise<Reply>;
};

export function clientOf(url: string, token: string): Client {
  const request: Client["request"] = async (method, path, body, headers = {}) => {
    const response = await fetch(path.startsWith("http") ? path : url + path, {
      method,
      redirect: "manual",
      headers: {
        accept: "application/vnd.github+json",
        "user-agent": "contract-test",
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get("content-type")?.includes("json") === true && text !== "";
    return {
      status: response.status,
      body: json ? JSON.parse(text) : undefined,
      headers: response.headers,
      text,
    };
  };
  return {
    token,
    request,
    get: (path, headers) => request("GET", path, undefined, headers),
    post: (path, body) => request("POST", path, body),
    patch: (path, body) => request("PATCH", path, body),
    put: (path, body) => request("PUT", path, body),
    delete: (path) => request("DELETE", path),
  };
}

type JwtOptions = { appId?: number | string; now?: number; lifetime?: number; iat?: number };

/** An App's own token. Times in seconds. */
export function appJwt(
  github: Pick<GitHubSimulator, "appId" | "privateKey">,
  options: JwtOptions = {},
): string {
  const now = options.now ?? Math.floor(Date.now() / 1000);
  const claims = {
    iss: options.appId ?? github.appId,
    iat: options.iat ?? now - 30,
    exp: now + (options.lifetime ?? 540),
  };
  const encode = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString("base64url");
  const body = `${encode({ alg: "RS256", typ: "JWT" })}.${encode(claims)}`;
  const signature = createSign("RSA-SHA256").update(body).sign(github.privateKey, "base64url");
  return `${body}.${signature}`;
}

export function asApp(github: GitHubSimulator): Client {
  return clientOf(github.url, appJwt(github));
}

/** A client with a fresh token of an installation, narrowed if asked. */
export async function asInstallation(
  github: GitHubSimulator,
  scope: { installationId?: number; repositories?: string[]; permissions?: object } = {},
): Promise<Client> {
  const { installationId, ...body } = scope;
  const id = installationId ?? github.installationId;
  const reply = await asApp(github).post(`/app/installations/${id}/access_tokens`, body);
  if (reply.status !== 201) throw new Error(`no token: ${reply.status} ${reply.text}`);
  return clientOf(github.url, (reply.body as { token: string }).token);
}

/** Ends a simulator; throws if anything did not fit GitHub's description on the way. */
export async function closeClean(github: GitHubSimulator): Promise<void> {
  const violations = github.violations();
  await github.close();
  if (violations.length > 0) throw new Error(JSON.stringify(violations, null, 2));
}
