import type { IncomingMessage, ServerResponse } from "node:http";

import type { FaultRule } from "../faults.ts";
import type { Simulation } from "../simulation.ts";
import type { Answer } from "./answer.ts";

/** A TCP reset, as a client sees it when a proxy in between dies. */
export function cutConnection(incoming: IncomingMessage): void {
  incoming.socket.resetAndDestroy();
}

/** The API port refuses new connections and drops the open ones for a while. */
export function refuseConnections(simulation: Simulation, milliseconds: number): void {
  simulation.pauseListening(milliseconds);
}

/** Waits; given a response, no longer than its client does. */
export function sleep(milliseconds: number, response?: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    if (response === undefined) return;
    timer.unref();
    response.on("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const TEXTS: Record<string, string> = {
  "401": "Bad credentials",
  "403":
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
  "404": "Not Found",
  "405": "Base branch was modified. Review and try the merge again.",
  "409": "Conflict",
  "422": "Validation Failed",
  "429":
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
  "500": "Server Error",
  "502": "Server Error",
  "503": "Service unavailable",
};

/** The answer that a rule puts in place of the real one; nothing is applied then. */
export function faultAnswer(rules: FaultRule[], now: number): Answer | undefined {
  const rule = rules.find(({ fault }) => TEXTS[fault] !== undefined);
  if (rule === undefined) return undefined;
  const headers: Record<string, string> = {};
  if (rule.retryAfter !== undefined) headers["retry-after"] = String(rule.retryAfter);
  if (rule.reset !== undefined) {
    headers["x-ratelimit-remaining"] = "0";
    headers["x-ratelimit-reset"] = String(Math.ceil(now / 1000) + rule.reset);
  }
  const body = {
    message: rule.message ?? TEXTS[rule.fault],
    documentation_url: "https://docs.github.com/rest",
    status: rule.fault,
  };
  return { status: Number(rule.fault), body, headers };
}
