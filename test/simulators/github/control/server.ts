import type { IncomingMessage, ServerResponse } from "node:http";

import type { FaultRule } from "../faults.ts";
import { ApiError } from "../http/answer.ts";
import { parseBody, readBody } from "../http/body.ts";
import type { Simulation } from "../simulation.ts";
import type { ControlActions } from "./actions.ts";

const LARGEST_BODY = 100 * 1024 * 1024;

/** The control port: JSON in, JSON out; errors as `{error}` with GitHub's status. */
export async function handleControl(
  simulation: Simulation,
  actions: ControlActions,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(incoming.url ?? "/", "http://control");
  let status = 200;
  let body: unknown;
  try {
    const input = parseBody(await readBody(incoming, LARGEST_BODY));
    body =
      incoming.method === "GET"
        ? look(simulation, url)
        : await act(simulation, actions, url.pathname.replace("/_sim/", ""), input);
  } catch (error) {
    status = error instanceof ApiError ? error.status : 400;
    const errors = error instanceof ApiError ? error.errors : undefined;
    body = { error: error instanceof Error ? error.message : String(error), errors };
  }
  const data = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": String(data.length),
  });
  response.end(data);
}

function look(simulation: Simulation, url: URL): unknown {
  const since = Number(url.searchParams.get("since") ?? 0);
  switch (url.pathname) {
    case "/_sim/requests":
      return simulation.log.entries.filter((entry) => entry.number > since);
    case "/_sim/deliveries":
      return simulation.world.tables.deliveries.filter((row) => row.id > since);
    case "/_sim/violations":
      return simulation.openapi.settle();
    case "/_sim/faults":
      return simulation.faults.list();
    default:
      throw new ApiError(404, `there is no GET ${url.pathname}`);
  }
}

async function act(
  simulation: Simulation,
  actions: ControlActions,
  name: string,
  input: Record<string, unknown>,
): Promise<unknown> {
  switch (name) {
    case "faults":
      simulation.faults.set((input["rules"] ?? []) as FaultRule[]);
      return { rules: simulation.faults.list() };
    case "webhook":
      simulation.deliveries.webhookUrl = (input as { url: string | null }).url;
      return { url: simulation.deliveries.webhookUrl };
    case "latency":
      simulation.latency.ms = Number(input["ms"]);
      return { ms: simulation.latency.ms };
    default: {
      if (!Object.hasOwn(actions, name)) throw new ApiError(404, `there is no POST /_sim/${name}`);
      const action = actions[name as keyof ControlActions] as (input: unknown) => Promise<unknown>;
      return action(input);
    }
  }
}
