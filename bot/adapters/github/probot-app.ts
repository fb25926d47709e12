import { Octokit } from "@octokit/core";
import { createProbotAuth } from "octokit-auth-probot";
import { type Options, Probot } from "probot";

import type { Log } from "#ports/log.ts";

import { handledEvents, type HandledEvent, isHandled } from "./handled-events.ts";
import { readEvent, type Received } from "./read-event.ts";

export type ProbotSettings = {
  readonly apiUrl: string;
  readonly appId: number;
  /** PEM. */
  readonly privateKey: string;
  readonly log: Log;
};

export type Delivery = {
  /** GitHub's delivery GUID. */
  readonly id: string;
  /** GitHub's event name. */
  readonly name: string;
  readonly payload: unknown;
};

/** Takes deliveries whose signature has been checked, and gives events to `onEvent`. */
export type EventSource = { receive(delivery: Delivery): Promise<void> };

/**
 * Probot without its server and without its Octokit: the edge is our own, and Probot's Octokit would retry writes. It
 * keeps the routing of events to handlers and the App's authentication.
 */
export function probotApp(
  settings: ProbotSettings,
  onEvent: (received: Received, delivery: Delivery) => Promise<void>,
): EventSource {
  const plain = Octokit.defaults({ authStrategy: createProbotAuth });
  const probot = new Probot({
    appId: settings.appId,
    privateKey: settings.privateKey,
    baseUrl: settings.apiUrl,
    // Never used here: signatures are checked at the edge. Probot only refuses to be without one.
    secret: "checked-at-the-edge",
    Octokit: plain as unknown as NonNullable<Options["Octokit"]>,
    log: probotLog(settings.log) as unknown as NonNullable<Options["log"]>,
  });
  for (const name of Object.keys(handledEvents) as HandledEvent[]) {
    probot.on(name, async ({ id, payload }) => {
      await onEvent(readEvent(name, payload, settings.appId), { id, name, payload });
    });
  }
  return {
    receive: async ({ id, name, payload }) => {
      if (!isHandled(name) || typeof payload !== "object" || payload === null) return;
      type Event = Parameters<typeof probot.receive>[0];
      try {
        await probot.receive({ id, name, payload } as Event);
      } catch (error) {
        throw onlyCause(error);
      }
    },
  };
}

/** Probot collects what its handlers threw, one handler an event, and hangs the whole delivery onto each error. */
function onlyCause(error: unknown): unknown {
  const causes: unknown[] = error instanceof AggregateError ? error.errors : [];
  for (const each of [error, ...causes]) {
    if (typeof each === "object" && each !== null) Reflect.deleteProperty(each, "event");
  }
  return causes.length === 1 ? causes[0] : error;
}

/** The part of a pino logger that Probot calls. Its lines may hold whole payloads: only the sentences go on. */
function probotLog(log: Log): object {
  const line =
    (write: (fields: object, message: string) => void) => (first: unknown, second?: unknown) =>
      write({ detail: sentenceOf(first, second) }, "Probot says");
  const quiet = (): void => undefined;
  const own = {
    level: "info",
    trace: quiet,
    debug: quiet,
    info: quiet,
    warn: line((fields, message) => log.warn(fields, message)),
    // A handler's error is thrown to the worker too, which reports it.
    error: line((fields, message) => log.debug(fields, message)),
    fatal: line((fields, message) => log.error(fields, message)),
    child: () => own,
  };
  return own;
}

function sentenceOf(...parts: readonly unknown[]): string {
  const said = parts.find((part) => typeof part === "string");
  const thrown = parts.find((part) => part instanceof Error);
  return said ?? thrown?.message ?? "";
}
