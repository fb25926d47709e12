import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { settleMergeQueues } from "../actions/merge-queue.ts";
import { authenticate } from "../auth.ts";
import type { Identity } from "../auth.ts";
import type { FaultRule } from "../faults.ts";
import { chargeOf } from "../limits.ts";
import type { Charge } from "../limits.ts";
import { accessRepository } from "../permissions.ts";
import type { Simulation } from "../simulation.ts";
import { botOf, repositoriesOf } from "../state/find.ts";
import { ApiError } from "./answer.ts";
import type { Answer } from "./answer.ts";
import { parseBody, readBody } from "./body.ts";
import { etagOf, matches } from "./conditional.ts";
import type { Actor, Context, OutgoingEvent } from "./context.ts";
import { cutConnection, faultAnswer, refuseConnections, sleep } from "./fault-effects.ts";
import type { LoggedRequest } from "./request-log.ts";
import type { Match } from "./router.ts";

/** Larger bodies GitHub does not take either (a tree of 40 MB is refused). */
const LARGEST_BODY = 40 * 1024 * 1024;

/** One API request from its first byte to its answer, its log entry and the deliveries that it causes. */
export async function handleApiRequest(
  simulation: Simulation,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { world, faults, latency } = simulation;
  const started = performance.now();
  const url = new URL(incoming.url ?? "/", world.urls.api);
  const method = incoming.method ?? "GET";
  const match = simulation.router.match(method, url.pathname);
  const entry = simulation.log.open({
    time: new Date(world.now()).toISOString(),
    method,
    path: url.pathname,
    route: match?.route.path ?? null,
    userAgent: incoming.headers["user-agent"] ?? "",
  });
  const body = await readBody(incoming, LARGEST_BODY);
  entry.requestBytes = body.length;
  const rules = faults.forRequest(method, url.pathname, match?.route.path, body);
  const fault = (name: string) => rules.find((rule) => rule.fault === name);
  entry.fault = rules.length === 0 ? null : rules.map((rule) => rule.fault).join(",");
  const outbox: OutgoingEvent[] = [];
  const finish = (): void => {
    entry.milliseconds = Math.round((performance.now() - started) * 10) / 10;
    simulation.log.close(entry);
    simulation.deliveries.send(outbox);
  };

  const hang = async (rule: { held: number; ms?: number }): Promise<void> => {
    rule.held += 1;
    await sleep(rule.ms ?? 600_000, response);
    cutConnection(incoming);
    finish();
  };

  await simulation.intercept("received", entry);
  if (fault("refuse") !== undefined) refuseConnections(simulation, fault("refuse")?.ms ?? 1_000);
  if (fault("refuse") !== undefined || fault("reset-before") !== undefined) {
    cutConnection(incoming);
    return finish();
  }
  const hanging = fault("hang");
  if (hanging !== undefined) return hang(hanging);

  const context: Omit<Context, "identity" | "actor" | "request"> = {
    simulation,
    world,
    outbox,
    params: match?.params ?? {},
    asOf: staleTime(world.now(), fault("stale-read")),
  };
  const answer = await answerOf(simulation, {
    incoming,
    url,
    method,
    body,
    match,
    entry,
    context,
    imposed: faultAnswer(rules, world.now()),
    wait: latency.ms + (fault("delay")?.ms ?? 0),
  });
  await simulation.intercept("applied", entry);
  const held = fault("apply-then-hang");
  if (held !== undefined) return hang(held);
  if (fault("apply-then-reset") !== undefined) {
    cutConnection(incoming);
    return finish();
  }
  const sent =
    fault("apply-then-502") === undefined
      ? answer
      : { status: 502, body: { message: "Server Error" } };
  await send(response, method, sent, entry);
  finish();
}

type Exchange = {
  incoming: IncomingMessage;
  url: URL;
  method: string;
  body: Buffer;
  match: Match | undefined;
  entry: LoggedRequest;
  context: Omit<Context, "identity" | "actor" | "request">;
  imposed: Answer | undefined;
  /** Milliseconds; the caller's request counts as running meanwhile. */
  wait: number;
};

async function answerOf(simulation: Simulation, exchange: Exchange): Promise<Answer> {
  const { world, limiter, openapi } = simulation;
  const { incoming, method, match, entry } = exchange;
  const common: Record<string, string> = {
    server: "github.com",
    "x-github-request-id": randomBytes(16).toString("hex").toUpperCase(),
    "x-github-media-type": "github.v3; format=json",
    "x-github-api-version-selected": "2022-11-28",
  };
  let charge: Charge | undefined;
  let release = (): void => {};
  let answer: Answer;
  try {
    if (entry.userAgent === "") {
      throw new ApiError(
        403,
        "Request forbidden by administrative rules. Please make sure your request has a User-Agent header",
      );
    }
    const identity = authenticate(world, incoming.headers.authorization);
    const graphql = match?.route.path === "/graphql";
    const writes = method !== "GET" && method !== "HEAD";
    charge = chargeOf(limiter.limits, identity, incoming.socket.remoteAddress ?? "", {
      writes: graphql ? /\bmutation\b/u.test(exchange.body.toString("utf8")) : writes,
      graphql,
      content: match?.route.content === true,
      repositories:
        identity.kind === "installation" ? repositoriesOf(world, identity.installation).length : 0,
    });
    entry.caller = charge.key;
    entry.contentCreating = charge.content;
    if (match?.route.path !== "/rate_limit") {
      release = limiter.take(charge).release;
      entry.points = charge.points;
    }
    if (exchange.wait > 0) await sleep(exchange.wait);
    answer = exchange.imposed ?? (await dispatch(simulation, exchange, identity));
  } catch (error) {
    if (!(error instanceof ApiError)) simulation.unexpected(error);
    const refusal =
      error instanceof ApiError ? error : new ApiError(500, "Server Error", { errors: [] });
    answer = refusal.toAnswer(openapi.documentationUrl(method, match?.route.path));
  } finally {
    release();
  }
  openapi.checkAnswer(method, match?.route.path, answer);
  return conditional(simulation, exchange, charge, {
    ...answer,
    headers: { ...common, ...answer.headers },
  });
}

async function dispatch(
  simulation: Simulation,
  { incoming, url, method, body, match, entry, context }: Exchange,
  identity: Identity,
): Promise<Answer> {
  const { world, openapi } = simulation;
  if (match === undefined) {
    openapi.reportUnknownRoute(method, url.pathname);
    throw new ApiError(404, "Not Found");
  }
  const { route } = match;
  const json = parseBody(body);
  const full: Context = {
    ...context,
    identity,
    actor: actorOf(simulation, identity),
    request: {
      method,
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      body: json,
      bytes: body.length,
    },
  };
  if (route.scope === "any") {
    openapi.checkRequest(method, route.path, full.request);
    if (route.path === "/graphql")
      entry.operation = JSON.stringify(json["query"] ?? "").slice(0, 200);
    return route.handle(full);
  }
  const name = { owner: match.params["owner"] ?? "", repo: match.params["repo"] ?? "" };
  const repository = accessRepository(world, identity, name, route.needs);
  openapi.checkRequest(method, route.path, full.request);
  const handle = (): Promise<Answer> =>
    route.handle({
      ...full,
      repository: world.tables.repositories.need(repository.id),
      git: world.git(repository),
    });
  if (route.method === "GET" || route.unlocked === true) return handle();
  return world.locked(repository.id, async () => {
    const answer = await handle();
    await settleMergeQueues(full, repository.id);
    return answer;
  });
}

function actorOf(simulation: Simulation, identity: Identity): Actor {
  const { world } = simulation;
  switch (identity.kind) {
    case "installation":
      return {
        account: botOf(world, identity.app),
        app: identity.app,
        installation: identity.installation,
      };
    case "app":
      return { account: botOf(world, identity.app), app: identity.app, installation: null };
    case "user":
      return { account: identity.account, app: null, installation: null };
    case "anonymous": {
      const account = world.tables.accounts.all()[0];
      if (account === undefined) throw new ApiError(404, "Not Found");
      return { account, app: null, installation: null };
    }
  }
}

function conditional(
  { limiter }: Simulation,
  { incoming, method }: Exchange,
  charge: Charge | undefined,
  answer: Answer,
): Answer {
  const reads = method === "GET" || method === "HEAD";
  let result = answer;
  if (reads && answer.status === 200) {
    const data = answer.raw?.data ?? Buffer.from(JSON.stringify(answer.body));
    const etag = etagOf(data);
    const headers = {
      ...answer.headers,
      etag,
      "cache-control": "private, max-age=60, s-maxage=60",
    };
    if (matches(incoming.headers["if-none-match"], etag)) {
      if (charge !== undefined) limiter.refund(charge);
      result = { status: 304, headers };
    } else {
      const type = answer.raw?.type ?? "application/json; charset=utf-8";
      result = { status: 200, headers, raw: { type, data } };
    }
  }
  const limits = charge === undefined ? {} : limiter.headers(charge);
  return { ...result, headers: { ...limits, ...result.headers } };
}

function staleTime(now: number, rule: FaultRule | undefined): number | undefined {
  return rule === undefined ? undefined : now - (rule.ms ?? 5_000);
}

async function send(
  response: ServerResponse,
  method: string,
  answer: Answer,
  entry: LoggedRequest,
): Promise<void> {
  const json = answer.body === undefined ? undefined : Buffer.from(JSON.stringify(answer.body));
  const data = answer.raw?.data ?? json ?? Buffer.alloc(0);
  const type = answer.raw?.type ?? "application/json; charset=utf-8";
  const headers: Record<string, string> = { ...answer.headers };
  if (data.length > 0) headers["content-type"] = type;
  if (answer.status !== 304 && answer.status !== 204) headers["content-length"] = `${data.length}`;
  entry.status = answer.status;
  entry.bytes = data.length;
  response.writeHead(answer.status, headers);
  await new Promise<void>((resolve) => {
    response.on("close", resolve);
    response.end(method === "HEAD" ? undefined : data, () => resolve());
  });
}
