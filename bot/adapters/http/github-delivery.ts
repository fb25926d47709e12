import type { IncomingHttpHeaders } from "node:http";

import { readOwnJsonObject } from "./json-object.ts";
import { refusal } from "./reply.ts";
import type { Reply } from "./reply.ts";

/** GitHub's GUID. It becomes a job id and a log field, so nothing else is let in. */
const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const eventName = /^[A-Za-z0-9_]{1,64}$/;

export type GithubDelivery = { readonly id: string; readonly event: string; readonly body: string };

/** Headers and body of a request whose signature is good. The headers are not signed: they are hints like the rest. */
export function readGithubDelivery(
  headers: IncomingHttpHeaders,
  bytes: Buffer,
): GithubDelivery | Reply {
  if (!isJson(headers["content-type"])) {
    return refusal(
      415,
      "unsupported",
      "The content type is not application/json; choose that in the App's webhook settings.",
    );
  }
  const event = headers["x-github-event"];
  if (typeof event !== "string" || !eventName.test(event)) {
    return refusal(
      400,
      "malformed",
      "X-GitHub-Event is missing or no event name; send it as GitHub does.",
    );
  }
  const id = headers["x-github-delivery"];
  if (typeof id !== "string" || !guid.test(id)) {
    return refusal(
      400,
      "malformed",
      "X-GitHub-Delivery is missing or no GUID; send it as GitHub does.",
    );
  }
  const json = readOwnJsonObject(bytes);
  if (json.kind === "refused") return refusal(400, "malformed", json.sentence);
  return { id: id.toLowerCase(), event, body: json.text };
}

export function isJson(contentType: string | undefined): boolean {
  if (contentType === "application/json") return true;
  return /^application\/json\s*(?:;|$)/i.test(contentType ?? "");
}
