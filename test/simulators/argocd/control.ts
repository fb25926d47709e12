import type { IncomingMessage, ServerResponse } from "node:http";

import type { Admin } from "./admin.ts";
import { sendJson } from "./http/reply.ts";
import { readText } from "./listener.ts";
import type { World } from "./world.ts";

/** The control port: `/_sim/*`, JSON in and out; a refused value is a 400 with the reason. */
export function controlHandler(admin: Admin, world: World) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "http://control");
    const text = await readText(request);
    try {
      if (await proxied(world, url, request, text, response)) return;
      const result = await route(admin, `${request.method} ${url.pathname}`, url, text);
      if (result === undefined) sendJson(response, { error: "no such control" }, 404);
      else sendJson(response, result);
    } catch (error) {
      sendJson(response, { error: (error as Error).message }, 400);
    }
  };
}

function route(admin: Admin, call: string, url: URL, text: string): unknown {
  const input = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
  const { app, ...rest } = input;
  const name = String(app);
  const done = (action: () => unknown) => ({ ok: action() !== false });
  switch (call) {
    case "POST /_sim/image-rules":
      return done(() => admin.setImageRules(input["rules"] as never));
    case "POST /_sim/faults":
      return done(() => admin.setFaults(input["rules"] as never));
    case "POST /_sim/sync-windows":
      return done(() => admin.setSyncWindows(input["windows"] as never));
    case "POST /_sim/apps":
      return done(() =>
        typeof input["remove"] === "string"
          ? admin.removeApp(input["remove"])
          : admin.addApp(app as never),
      );
    case "POST /_sim/edit":
      return done(() => admin.editApp(name, rest));
    case "POST /_sim/operation":
      return done(() => admin.startOperation(name, rest));
    case "POST /_sim/drift":
      return done(() => admin.drift(name, String(input["image"])));
    case "POST /_sim/generate":
      return admin.generate().then(() => ({ ok: true }));
    case "POST /_sim/speed":
      return done(() => admin.setSpeed(Number(input["speed"])));
    case "GET /_sim/apps":
      return admin.apps();
    case "GET /_sim/timeline":
      return admin.timeline(url.searchParams.get("app") ?? undefined);
    case "GET /_sim/requests":
      return admin.requests();
    case "GET /_sim/held":
      return { held: admin.held() };
    case "DELETE /_sim/requests":
      return done(() => admin.clearRequests());
    case "GET /_sim/problems":
      return { violations: admin.violations(), errors: admin.errors() };
    default:
      return undefined;
  }
}

/** `/_sim/apps/<name>/proxy/<path>`: the Service in front of an application's pod, whose port changes with each deployment. */
async function proxied(
  world: World,
  url: URL,
  request: IncomingMessage,
  text: string,
  response: ServerResponse,
): Promise<boolean> {
  const found = /^\/_sim\/apps\/([^/]+)\/proxy(\/.*)$/.exec(url.pathname);
  if (found === null) return false;
  const [, name = "", path = "/"] = found;
  const entry = [...world.instances].find(
    ([key, item]) => key.startsWith(`${name}/`) && !item.exited,
  );
  if (entry === undefined) {
    sendJson(response, { error: `${name} has no running instance` }, 503);
    return true;
  }
  const method = request.method ?? "GET";
  const answer = await fetch(`http://127.0.0.1:${entry[1].port}${path}${url.search}`, {
    method,
    ...(method === "GET" || method === "HEAD" ? {} : { body: text }),
  }).catch(() => undefined);
  if (answer === undefined) sendJson(response, { error: "bad gateway" }, 502);
  else {
    response.writeHead(answer.status, {
      "content-type": answer.headers.get("content-type") ?? "text/plain",
    });
    response.end(Buffer.from(await answer.arrayBuffer()));
  }
  return true;
}
