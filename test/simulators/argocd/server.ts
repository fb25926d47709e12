import type { IncomingMessage, ServerResponse } from "node:http";

import type { Admin } from "./admin.ts";
import { createAdmin } from "./admin.ts";
import type { AppsInput } from "./apps-file.ts";
import { parseApps } from "./apps-file.ts";
import { controlHandler } from "./control.ts";
import type { FaultRuleInput } from "./fault-rule.ts";
import type { Accounts } from "./http/access.ts";
import { DEFAULT_ACCOUNTS, sessionOf } from "./http/access.ts";
import type { Api } from "./http/api.ts";
import { applyHttpFault, findHttpFault } from "./http/http-fault.ts";
import { answer, match } from "./http/router.ts";
import { createTokenMint } from "./http/token.ts";
import { receiveWebhook } from "./http/webhook.ts";
import { stopAllInstances } from "./instance.ts";
import { listen, readText } from "./listener.ts";
import type { NotificationOptions } from "./notifications.ts";
import { startNotifications } from "./notifications.ts";
import type { Clock } from "./scheduler.ts";
import { createScheduler, systemClock } from "./scheduler.ts";
import type { Timings } from "./timings.ts";
import { DEFAULT_TIMINGS } from "./timings.ts";
import { addAll, buildWorld } from "./world-setup.ts";

export type ArgocdSimulatorOptions = {
  /** The GitOps repository: whatever the `git` program can fetch from. */
  git: string;
  /** Its URL as it stands in the applications' spec; `git` without credentials where left out. */
  repoURL?: string;
  apps: AppsInput;
  port?: number;
  controlPort?: number;
  clock?: Clock;
  timings?: Partial<Timings>;
  /** Divides every timing. */
  speed?: number;
  random?: () => number;
  accounts?: Accounts;
  projects?: string[];
  /** Runs real instances of the service; default: simulated pods. */
  service?: "real" | "simulated";
  windows?: Parameters<Admin["setSyncWindows"]>[0];
  faults?: FaultRuleInput[];
  imageRules?: Parameters<Admin["setImageRules"]>[0];
  /** Secret of GitHub's push webhook; without it signatures are not checked, as in Argo CD. */
  webhookSecret?: string;
  notifications?: NotificationOptions;
  version?: string;
};

export type ArgocdSimulator = {
  url: string;
  control: string;
  /** API key of the account `sluice`. */
  token: string;
  tokenFor(account: string, expiresInSeconds?: number): string;
  admin: Admin;
  close(): Promise<void>;
};

export async function startArgocdSimulator(
  options: ArgocdSimulatorOptions,
): Promise<ArgocdSimulator> {
  const parsed = parseApps(options.apps);
  const scheduler = createScheduler(options.clock ?? systemClock(), options.speed ?? 1);
  const { world, closeGit } = buildWorld({
    scheduler,
    timings: { ...DEFAULT_TIMINGS, ...options.timings },
    random: options.random ?? Math.random,
    gitUrl: options.git,
    repoURL: options.repoURL,
    projects: options.projects,
    service: options.service ?? "simulated",
  });
  const accounts = options.accounts ?? DEFAULT_ACCOUNTS;
  const mint = createTokenMint("argocd-simulator-signing-key");
  const api: Api = {
    world,
    accounts,
    mint,
    version: options.version ?? "v3.5.1+109ca7c",
    webhookSecret: options.webhookSecret,
    requests: [],
  };
  const admin = createAdmin(world, api.requests);
  admin.setSyncWindows(options.windows ?? []);
  admin.setFaults(options.faults ?? []);
  admin.setImageRules(options.imageRules ?? []);

  const server = await listen(options.port ?? 0, (request, response) =>
    serve(api, request, response),
  );
  const control = await listen(options.controlPort ?? 0, controlHandler(admin, world));
  addAll(world, parsed);
  if (options.notifications !== undefined) startNotifications(world, options.notifications);

  const tokenFor = (account: string, expiresIn?: number) =>
    mint.mint(account, scheduler.now(), expiresIn);
  return {
    url: server.url,
    control: control.url,
    token: tokenFor("sluice"),
    tokenFor,
    admin,
    async close() {
      scheduler.stop();
      await Promise.all([server.close(), control.close()]);
      await stopAllInstances(world);
      await closeGit();
    },
  };
}

async function serve(api: Api, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://argocd");
  const text = await readText(request);
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const matched = match(request.method ?? "GET", url.pathname);
  const about = {
    account: accountOf(api, request),
    app: typeof matched === "number" ? undefined : matched.params["name"],
  };
  record(api, request, response, { url, matched, ...about });
  const perform = async () => {
    if (url.pathname === "/healthz") response.end("ok");
    else if (url.pathname === "/api/webhook") receiveWebhook(api, request, response, text);
    else await answer(api, request, response, { url, text, matched, gone: gone.signal });
  };
  const fault = findHttpFault(api.world, request, about);
  if (fault === undefined) await perform();
  else await applyHttpFault(api.world, fault, response, perform);
}

function accountOf(api: Api, request: IncomingMessage): string | undefined {
  try {
    return sessionOf(request, api.mint, api.world.scheduler.now())?.account;
  } catch {
    return undefined;
  }
}

const REQUEST_LIMIT = 100_000;

type Seen = {
  url: URL;
  matched: ReturnType<typeof match>;
  account: string | undefined;
  app: string | undefined;
};

function record(api: Api, request: IncomingMessage, response: ServerResponse, seen: Seen): void {
  const { url, matched, account, app } = seen;
  const begun = performance.now();
  const time = new Date().toISOString();
  response.once("close", () => {
    api.requests.push({
      time,
      method: request.method ?? "GET",
      path: `${url.pathname}${url.search}`,
      operation: operationOf(matched, url),
      app,
      account,
      // A caller that hung up before the answer is 499, as proxies log it.
      status: response.writableFinished ? response.statusCode : 499,
      milliseconds: Math.round(performance.now() - begun),
    });
    if (api.requests.length > REQUEST_LIMIT) api.requests.shift();
  });
}

function operationOf(matched: ReturnType<typeof match>, url: URL): string {
  if (url.pathname === "/api/webhook") return "webhook";
  if (typeof matched === "number") return "unknown";
  const refreshes = matched.route.operation === "get" && url.searchParams.has("refresh");
  return refreshes ? "refresh" : matched.route.operation;
}
