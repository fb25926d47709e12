import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { posix } from "node:path";

import type { Application, Source } from "../application.ts";
import { PATHS_ANNOTATION, REFRESH_ANNOTATION, sourcesOf } from "../application.ts";
import type { Api } from "./api.ts";
import { sendText } from "./reply.ts";

type Push = {
  ref: string;
  repository: { html_url: string; default_branch: string };
  commits?: { added?: string[]; modified?: string[]; removed?: string[] }[];
};

/** `POST /api/webhook`: GitHub's push becomes a refresh annotation on every application it touches. */
export function receiveWebhook(
  api: Api,
  request: IncomingMessage,
  response: ServerResponse,
  text: string,
): void {
  const event = request.headers["x-github-event"];
  if (event === undefined) return sendText(response, 400, "Unknown webhook event");
  const fail = (why: string) =>
    sendText(response, request.method === "POST" ? 400 : 405, `Webhook processing failed: ${why}`);
  if (request.method !== "POST") return fail("invalid HTTP Method");
  if (event !== "push" && event !== "ping") return fail("event not defined to be parsed");
  if (api.webhookSecret !== undefined) {
    const given = request.headers["x-hub-signature-256"];
    if (typeof given !== "string") return fail("missing X-Hub-Signature-256 Header");
    if (!verify(api.webhookSecret, text, given)) return fail("HMAC verification failed");
  }
  let push: Push;
  try {
    push = JSON.parse(text) as Push;
  } catch {
    return fail(
      "The payload is either too large or corrupted. Please check the payload size (must be under 50 MB) and ensure it is valid JSON",
    );
  }
  response.writeHead(200);
  response.end();
  if (event === "push") setImmediate(() => refreshAffected(api, push));
}

function verify(secret: string, text: string, given: string): boolean {
  const wanted = Buffer.from(`sha256=${createHmac("sha256", secret).update(text).digest("hex")}`);
  const actual = Buffer.from(given);
  return wanted.length === actual.length && timingSafeEqual(wanted, actual);
}

function refreshAffected(api: Api, push: Push): void {
  const { store } = api.world;
  const url = urlPattern(push.repository.html_url);
  const branch = push.ref.replace(/^refs\/(heads|tags)\//, "");
  const touchedHead = branch === push.repository.default_branch;
  const files = (push.commits ?? []).flatMap((commit) => [
    ...(commit.added ?? []),
    ...(commit.modified ?? []),
    ...(commit.removed ?? []),
  ]);
  // The webhook lists applications from the informer's copy.
  for (const app of store.informers[0]!.apps.values()) {
    const hit = sourcesOf(app).some(
      (source) =>
        url.test(source.repoURL) &&
        followsBranch(source, branch, touchedHead) &&
        touches(app, source, files),
    );
    if (!hit) continue;
    store.patch(app.metadata.name, "refresh requested by webhook", (next) => {
      next.metadata.annotations = { ...next.metadata.annotations, [REFRESH_ANNOTATION]: "normal" };
    });
  }
}

/** Any scheme, user and port, with or without `.git` (util/webhook/webhook.go). */
function urlPattern(htmlUrl: string): RegExp {
  const parsed = new URL(htmlUrl);
  const quote = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const path = quote(parsed.pathname.slice(1));
  return new RegExp(
    `^((https?|ssh|git)://)?(\\w+@)?(${quote(parsed.hostname)}|${quote(parsed.hostname)}:\\d+)[:/]${path}(\\.git)?/?$`,
    "i",
  );
}

function followsBranch(source: Source, branch: string, touchedHead: boolean): boolean {
  const wanted = (source.targetRevision ?? "HEAD").replace(/^refs\/(heads|tags)\//, "");
  return wanted === "HEAD" || wanted === "" ? touchedHead : wanted === branch;
}

function touches(app: Application, source: Source, files: string[]): boolean {
  const setting = app.metadata.annotations?.[PATHS_ANNOTATION];
  if (setting === undefined || setting === "" || files.length === 0) return true;
  const paths = setting.split(";").map((path) => {
    if (path.startsWith("/")) return posix.normalize(path.slice(1));
    return posix.join(source.path ?? ".", path);
  });
  return files.some((file) =>
    paths.some(
      (path) => path === "." || file === path || file.startsWith(`${path.replace(/\/$/, "")}/`),
    ),
  );
}
