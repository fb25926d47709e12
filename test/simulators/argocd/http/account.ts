import type { Action } from "./access.ts";
import { may } from "./access.ts";
import { sessionOf } from "./access.ts";
import type { Call } from "./api.ts";
import { numberField, textField } from "./api.ts";
import { ApiError } from "./reply.ts";

/** Never a 401: an unknown caller is simply not logged in (server/session/session.go:94-111). */
export function userInfo(call: Call): unknown {
  const { api, request } = call;
  try {
    const session = sessionOf(request, api.mint, api.world.scheduler.now());
    if (session === undefined) return {};
    return { loggedIn: true, username: session.account, iss: "argocd" };
  } catch {
    return {};
  }
}

export function createSession(call: Call): unknown {
  const { api, body } = call;
  const username = textField(body, "username") ?? "";
  const password = textField(body, "password") ?? "";
  const account = api.accounts[username];
  if (account?.password === undefined || account.password !== password) {
    throw new ApiError(16, "Invalid username or password");
  }
  const token = api.mint.mint(username, api.world.scheduler.now(), 86_400);
  call.response.setHeader("set-cookie", `argocd.token=${token}; path=/; SameSite=lax; httpOnly`);
  return { token };
}

export function createToken(call: Call): unknown {
  const { api, session, params, body } = call;
  const name = params["name"]!;
  if (session.account !== name && session.account !== "admin") {
    throw new ApiError(7, `permission denied: accounts, update, ${name}, sub: ${session.account}`);
  }
  if (api.accounts[name] === undefined) throw new ApiError(5, `account '${name}' does not exist`);
  const expiresIn = numberField(body, "expiresIn") ?? 0;
  return { token: api.mint.mint(name, api.world.scheduler.now(), expiresIn) };
}

export function canI(call: Call): unknown {
  const { api, session, params } = call;
  const yes =
    params["resource"] === "applications" &&
    may(api.accounts, session, params["action"] as Action, params["subresource"] ?? "");
  return { value: yes ? "yes" : "no" };
}

/** Unauthenticated callers see the version alone; keys are capitalised. */
export function version(call: Call): unknown {
  const { api, request } = call;
  const short = { Version: api.version };
  try {
    if (sessionOf(request, api.mint, api.world.scheduler.now()) === undefined) return short;
  } catch {
    return short;
  }
  return {
    ...short,
    BuildDate: "2026-10-01T09:00:00Z",
    GitCommit: "109ca7ca00000000000000000000000000000000",
    GitTreeState: "clean",
    GoVersion: "go1.25.1",
    Compiler: "gc",
    Platform: "linux/amd64",
    KustomizeVersion: "v5.7.0",
    HelmVersion: "v3.18.4",
    KubectlVersion: "v0.34.0",
    JsonnetVersion: "v0.21.0",
  };
}
