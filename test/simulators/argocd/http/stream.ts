import type { ServerResponse } from "node:http";

import type { StreamFault } from "../fault-rule.ts";
import type { WatchEvent } from "../store.ts";
import type { Call } from "./api.ts";
import { queryText } from "./api.ts";
import { withHealth, matcher } from "./applications.ts";
import type { Projection } from "./fields.ts";
import { parseFields, projectAny } from "./fields.ts";
import { ApiError } from "./reply.ts";

/** A full buffer drops events (server/broadcast/broadcaster.go:58-76). */
const BUFFER = 1000;

/**
 * `GET /api/v1/stream/applications`: an ADDED burst, then events of the informer. Nothing at all is sent
 * before the first message, the headers neither. A hint only: nothing is replayed, and events can be lost.
 */
export async function streamApplications(call: Call): Promise<undefined> {
  const { world } = call.api;
  const matches = matcher(call);
  const version = queryText(call.query, "resourceVersion");
  const oldest = version === undefined ? 0 : Number(version);
  if (Number.isNaN(oldest)) {
    throw new ApiError(2, `strconv.Atoi: parsing "${version}": invalid syntax`);
  }
  const writer = openWriter(call, parseFields(call.query));

  const buffer: WatchEvent[] = [];
  let wake = () => {};
  // The real server lists before it subscribes: what happens in between is lost.
  const initial =
    version === undefined || queryText(call.query, "name") !== undefined
      ? [...world.store.informers[0]!.apps.values()]
          .filter((app) => matches(app) && Number(app.metadata.resourceVersion) > oldest)
          .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
      : [];
  const unsubscribe = world.store.subscribe((event) => {
    if (!matches(event.application)) return;
    if (Number(event.application.metadata.resourceVersion) <= oldest) return;
    if (buffer.length < BUFFER) buffer.push(event);
    wake();
  });
  const end = new Promise<void>((resolve) => {
    call.gone.addEventListener("abort", () => resolve(), { once: true });
  });
  try {
    for (const app of initial)
      if (!writer.send({ type: "ADDED", application: app })) return undefined;
    while (!call.gone.aborted) {
      const event = buffer.shift();
      if (event === undefined) {
        await Promise.race([
          end,
          new Promise<void>((resolve) => {
            wake = resolve;
          }),
        ]);
        continue;
      }
      const { application, type } = event;
      if (!writer.send({ type, application: withHealth(world, application) })) return undefined;
    }
    return undefined;
  } finally {
    unsubscribe();
    writer.stop();
  }
}

type Writer = { send(event: WatchEvent): boolean; stop(): void };

function openWriter(call: Call, projection: Projection | undefined): Writer {
  const { response, request, api } = call;
  const sse = request.headers.accept === "text/event-stream";
  const last = new Map<string, string>();
  let started = false;
  let messages = 0;
  let stalled = false;
  let dropping = 0;
  let keepAlive: NodeJS.Timeout | undefined;

  function start(status = 200): void {
    started = true;
    response.writeHead(status, {
      "content-type": sse ? "text/event-stream" : "application/json",
      "transfer-encoding": "chunked",
      "x-content-type-options": "nosniff",
    });
    if (!sse) return;
    const period = api.world.timings.keepAlive / api.world.scheduler.speed;
    keepAlive = setInterval(() => {
      if (!stalled) response.write(":\n");
    }, period);
  }

  function frame(value: unknown): string {
    const shown = projection === undefined ? value : (projectAny(value, projection) ?? {});
    // The byte format of argoproj/pkg: a space before, three newlines after.
    return sse ? `data: ${JSON.stringify(shown)} \n\n\n` : `${JSON.stringify(shown)}\n`;
  }

  function fault(): StreamFault | undefined {
    const rule = api.world.faults.rules.find(
      (item): item is StreamFault =>
        item.kind === "stream" && (item.times ?? 1) > 0 && item.afterMessages === messages,
    );
    if (rule?.times !== undefined) rule.times -= 1;
    return rule;
  }

  return {
    send(event) {
      if (stalled) return true;
      if (dropping > 0) {
        dropping -= 1;
        return true;
      }
      const rule = fault();
      if (rule?.effect === "stall") {
        stalled = true;
        return true;
      }
      if (rule?.effect === "drop") {
        // Counted as a message, so that the rule is met once.
        messages += 1;
        dropping = rule.count - 1;
        return true;
      }
      if (rule?.effect === "reset") {
        // A reset throws away what the peer has not read: give it the time to read what was sent.
        setTimeout(() => response.socket?.resetAndDestroy(), 50);
        return false;
      }
      if (rule?.effect === "end") {
        if (!started) start();
        response.end();
        return false;
      }
      if (rule?.effect === "error") {
        sendStreamError(response, new ApiError(14, "transport is closing"), {
          sse,
          started,
          projection,
        });
        return false;
      }
      const text = frame({ result: event });
      // Equal payloads in a row of one application are suppressed; with `fields` so is all that they leave out.
      if (last.get(event.application.metadata.name) === text) return true;
      last.set(event.application.metadata.name, text);
      if (!started) start();
      response.write(text);
      messages += 1;
      if (rule?.effect === "duplicate") response.write(text);
      return true;
    },
    stop() {
      clearInterval(keepAlive);
    },
  };
}

const STATUS_TEXT: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** An error as a stream tells it: not the unary shape, and cut down to `{}` by a projection. */
export function sendStreamError(
  response: ServerResponse,
  error: ApiError,
  options: { sse: boolean; started: boolean; projection: Projection | undefined },
): void {
  const { sse, started, projection } = options;
  const chunk = {
    error: {
      grpc_code: error.code,
      http_code: error.status,
      message: error.message,
      http_status: STATUS_TEXT[error.status] ?? "Internal Server Error",
    },
  };
  const text = JSON.stringify(
    projection === undefined ? chunk : (projectAny(chunk, projection) ?? {}),
  );
  if (!started) {
    response.writeHead(error.status, {
      "content-type": sse ? "text/event-stream" : "application/json",
    });
  }
  response.end(sse ? `data: ${text}` : text);
}
