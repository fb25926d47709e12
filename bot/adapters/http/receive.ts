import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { messageOf } from "#core/error.ts";
import type { DeliveryJob } from "#ports/job-queue.ts";

import type { EdgeDeps, EdgeSettings, RotatingSecret } from "./edge-settings.ts";
import { readGithubDelivery } from "./github-delivery.ts";
import { readJsonObject } from "./json-object.ts";
import { readBody } from "./read-body.ts";
import type { BodyBudget } from "./read-body.ts";
import { readRegistryHint } from "./registry-hint.ts";
import { refusal } from "./reply.ts";
import type { Reply } from "./reply.ts";
import {
  githubSignature,
  isSigned,
  readSignature,
  registrySignature,
  sameSecret,
} from "./signature.ts";

/** Answers one POST; `event` is the bounded label of the metrics. */
export type Receiver = (request: IncomingMessage) => Promise<{ reply: Reply; event: string }>;

const defaultMaxBodyBytes = 2 * 1024 * 1024;

/**
 * The three ways in. Each goes: size, authenticity over the raw bytes, form, durable store, 202. Nothing is parsed
 * before it is authentic, and nothing is acknowledged before it is stored.
 */
export function createReceivers(
  settings: EdgeSettings,
  deps: EdgeDeps,
  budget: BodyBudget,
): { github: Receiver; registry: Receiver; argocd: Receiver } {
  const maxBytes = settings.maxBodyBytes ?? defaultMaxBodyBytes;

  /** The body of a request that is authentic, or the refusal. */
  async function authentic(
    request: IncomingMessage,
    plausible: boolean,
    verify: (bytes: Buffer) => boolean,
    howToSign: string,
  ): Promise<Buffer | Reply> {
    const body = await readBody(request, { maxBytes, keep: plausible, budget });
    switch (body.kind) {
      case "complete":
        if (plausible && verify(body.bytes)) return body.bytes;
        return refusal(401, "unauthorized", howToSign);
      case "too-large":
        return refusal(413, "too-large", `The body is larger than ${maxBytes} bytes; send less.`, {
          cut: true,
        });
      case "busy":
        return refusal(
          503,
          "unavailable",
          "Too much is being received at once; send it again later.",
          {
            cut: true,
            headers: { "retry-after": "5" },
          },
        );
      case "aborted":
        return refusal(400, "aborted", "The request ended before its body did; send it again.", {
          cut: true,
        });
    }
  }

  async function signed(
    request: IncomingMessage,
    claimed: Buffer | null,
    secret: RotatingSecret,
    howToSign: string,
  ): Promise<Buffer | Reply> {
    return authentic(
      request,
      claimed !== null,
      (bytes) => claimed !== null && isSigned(bytes, claimed, secret),
      howToSign,
    );
  }

  async function store(job: DeliveryJob): Promise<Reply> {
    try {
      await deps.tracer.span(
        `receive ${job.source}`,
        { "sluice.delivery_id": job.id, "sluice.event": job.event },
        () => {
          const traceparent = deps.tracer.traceparent();
          return deps.addDelivery(traceparent === undefined ? job : { ...job, traceparent });
        },
      );
    } catch (error) {
      deps.log.warn(
        { delivery_id: job.id, source: job.source, err: error },
        "a delivery could not be stored",
      );
      return refusal(
        503,
        "unavailable",
        `The delivery was not stored; send it again later. ${messageOf(error)}`,
        { headers: { "retry-after": "5" } },
      );
    }
    return { status: 202, result: "accepted", body: { accepted: job.id } };
  }

  return {
    github: async (request) => {
      const bytes = await signed(
        request,
        readSignature(request.headers["x-hub-signature-256"], githubSignature),
        settings.webhookSecret,
        "X-Hub-Signature-256 does not match the body; give the App's webhook and WEBHOOK_SECRET the same secret.",
      );
      if (!Buffer.isBuffer(bytes)) return { reply: bytes, event: "unverified" };
      const delivery = readGithubDelivery(request.headers, bytes);
      if ("status" in delivery) return { reply: delivery, event: "malformed" };
      const { id, event, body } = delivery;
      if (!deps.handledEvents.has(event)) {
        return {
          event: "other",
          reply: {
            status: 202,
            result: "ignored",
            body: { ignored: id, reason: `Nothing follows from ${event}.` },
          },
        };
      }
      return { event, reply: await store({ source: "github", id, event, body }) };
    },
    registry: async (request) => {
      const event = "registry";
      const secret = settings.registryWebhookSecret;
      if (secret === null) return { event, reply: switchedOff("REGISTRY_WEBHOOK_SECRET") };
      const bytes = await signed(
        request,
        readSignature(request.headers["x-sluice-signature-256"], registrySignature),
        { current: secret, previous: null },
        "X-Sluice-Signature-256 does not match the body; send the hex HMAC-SHA256 of the raw body under REGISTRY_WEBHOOK_SECRET.",
      );
      if (!Buffer.isBuffer(bytes)) return { reply: bytes, event };
      const hint = readRegistryHint(bytes);
      if ("status" in hint) return { reply: hint, event };
      return {
        event,
        reply: await store({ source: "registry", id: randomUUID(), event: "", body: hint.body }),
      };
    },
    argocd: async (request) => {
      const event = "argocd";
      const token = settings.argocdWebhookToken;
      if (token === null) return { event, reply: switchedOff("ARGOCD_WEBHOOK_TOKEN") };
      const given = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
      const bytes = await authentic(
        request,
        given !== undefined && sameSecret(given, token),
        () => true,
        "The bearer token is not ARGOCD_WEBHOOK_TOKEN; put that into argocd-notifications-secret.",
      );
      if (!Buffer.isBuffer(bytes)) return { reply: bytes, event };
      const json = readJsonObject(bytes);
      if (json.kind === "refused")
        return { event, reply: refusal(400, "malformed", json.sentence) };
      return {
        event,
        reply: await store({ source: "argocd", id: randomUUID(), event: "", body: json.text }),
      };
    },
  };
}

function switchedOff(setting: string): Reply {
  return refusal(404, "unsupported", `This way in is off; set ${setting} to open it.`, {
    cut: true,
  });
}
