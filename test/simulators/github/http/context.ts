import type { IncomingHttpHeaders } from "node:http";

import type { Identity } from "../auth.ts";
import type { GitRepository } from "../git/repository.ts";
import type { Need } from "../permissions.ts";
import type { Simulation } from "../simulation.ts";
import type { Account, App, Installation, Repository } from "../state/records.ts";
import type { World } from "../state/world.ts";
import type { Answer } from "./answer.ts";

/** Who does something: a person, or an App under its bot's name. */
export type Actor = { account: Account; app: App | null; installation: Installation | null };

/** An event to be told to the Apps that listen, once the answer is out. */
export type OutgoingEvent = {
  event: string;
  action: string | null;
  repository: Repository | null;
  payload: Record<string, unknown>;
  /** An event of an installation itself: it goes to this one's App. */
  installation?: Installation;
  /** Only this App hears of it. */
  onlyApp?: number;
};

/** One piece of work on the world: what it does is told to `outbox`. */
export type Work = { world: World; actor: Actor; outbox: OutgoingEvent[] };

export type ApiRequest = {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
  bytes: number;
};

export type Context = Work & {
  simulation: Simulation;
  identity: Identity;
  request: ApiRequest;
  params: Record<string, string>;
  /** Milliseconds: reads answer what was true then (a stale read). */
  asOf: number | undefined;
};

export type RepositoryContext = Context & { repository: Repository; git: GitRepository };

type RouteBase = {
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** GitHub's own template of the path, as the OpenAPI description writes it. */
  path: string;
  /** Counts as creating content for the secondary limits. */
  content?: true;
  /** Does not wait for other writes on the repository. */
  unlocked?: true;
};

export type Route =
  | (RouteBase & { scope: "any"; handle: (context: Context) => Promise<Answer> })
  | (RouteBase & {
      scope: "repository";
      /** What the caller needs; one of them suffices. Empty: whoever sees the repository. */
      needs: Need[];
      handle: (context: RepositoryContext) => Promise<Answer>;
    });
