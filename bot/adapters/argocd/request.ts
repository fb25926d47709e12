import { z } from "zod";

import { Fault, messageOf } from "#core/error.ts";
import type { Clock } from "#ports/clock.ts";
import type { Tracer } from "#ports/log.ts";
import type { Meter } from "#ports/meter.ts";

/** One Argo CD instance as the settings name it. `url` may end in a path (`--rootpath`). */
export type ArgocdInstance = {
  readonly name: string;
  readonly url: string;
  readonly token: string;
};

/** What Argo CD answered in its own words: a body, or an error with its gRPC code and message. */
export type Reply =
  | { readonly kind: "ok"; readonly body: unknown }
  | {
      readonly kind: "error";
      readonly status: number;
      readonly code: number;
      readonly message: string;
    };

export type Call = {
  /** Label of the metric and the span. */
  readonly operation: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Makes it a POST. Its outcome may stay unknown, so it is sent once. */
  readonly body?: unknown;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
};

export type Send = (call: Call) => Promise<Reply>;

const ErrorJson = z.object({ message: z.string(), code: z.number().catch(2) });

/** 1,000 applications with all their resources are some 30 MB. */
const maxBytes = 256 * 1024 * 1024;
/** Waits between the tries of a read, in milliseconds. */
export const retryPauses: readonly number[] = [200, 1_000];

/**
 * Sends requests to one instance. Reads are tried three times where nobody answered or a server behind Argo CD broke;
 * everything that is not Argo CD's own JSON is a fault that names the setting to look at.
 */
export function connectRequests(
  instance: ArgocdInstance,
  options: {
    readonly meter: Meter;
    readonly tracer: Tracer;
    readonly clock: Clock;
    readonly pauses: readonly number[];
    readonly redact: (text: string) => string;
  },
): Send {
  const { meter, tracer, clock, pauses, redact } = options;
  let quietUntil = new Date(0);

  async function once(call: Call): Promise<Reply> {
    let code = "network";
    try {
      const response = await ask(instance, call);
      code = String(response.status);
      const text = await readText(response);
      // A refusal may repeat what it refuses, and is quoted where people read.
      return readReply(instance, response, response.ok ? text : redact(text), clock);
    } catch (error) {
      if (error instanceof Fault) {
        quietUntil = error.retryAt ?? quietUntil;
        throw error;
      }
      call.signal?.throwIfAborted();
      const late = error instanceof Error && error.name === "TimeoutError";
      if (late) code = "timeout";
      throw unreachable(
        instance,
        late
          ? `did not answer within ${call.deadlineMs / 1000} s`
          : `cannot be reached: ${reasonOf(error)}`,
        error,
      );
    } finally {
      meter.count("argocd_requests_total", { operation: call.operation, code });
    }
  }

  async function send(call: Call): Promise<Reply> {
    if (clock.now() < quietUntil) throw throttled(instance, quietUntil);
    for (const pause of call.body === undefined ? pauses : []) {
      try {
        const reply = await once(call);
        if (reply.kind === "ok" || !isBroken(reply.status)) return reply;
      } catch (error) {
        const worthIt = error instanceof Fault && error.retryable && error.retryAt === null;
        if (!worthIt || error.code === "argocd.timeout") throw error;
      }
      await sleep(pause, call.signal);
    }
    const reply = await once(call);
    if (reply.kind === "error" && isBroken(reply.status))
      throw unreachable(instance, `answers ${reply.status}: ${reply.message}`);
    return reply;
  }

  return (call) =>
    tracer.span(`argocd ${call.operation}`, { "argocd.instance": instance.name }, () => send(call));
}

function ask(instance: ArgocdInstance, call: Call): Promise<Response> {
  const url = new URL(`${instance.url.replace(/\/+$/, "")}${call.path}`);
  for (const [key, value] of Object.entries(call.query ?? {})) url.searchParams.set(key, value);
  const deadline = AbortSignal.timeout(call.deadlineMs);
  return fetch(url, {
    method: call.body === undefined ? "GET" : "POST",
    headers: {
      authorization: `Bearer ${instance.token}`,
      accept: "application/json",
      // Argo CD compares the whole header: with a charset it answers 415.
      ...(call.body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    redirect: "manual",
    signal: call.signal === undefined ? deadline : AbortSignal.any([call.signal, deadline]),
  });
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    const part = chunk as Uint8Array;
    bytes += part.length;
    if (bytes > maxBytes) throw new Error(`the answer is larger than ${maxBytes} bytes`);
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}

function readReply(
  instance: ArgocdInstance,
  response: Response,
  text: string,
  clock: Clock,
): Reply {
  const { status } = response;
  if (status === 401) throw unauthorized(instance);
  if (status === 429) throw throttled(instance, retryAfter(response, clock));
  if (status >= 300 && status < 400) {
    const to = response.headers.get("location") ?? "elsewhere";
    throw garbage(instance, `redirects to ${to}`, false);
  }
  const body = parseJson(text);
  if (body === undefined) {
    const shown = response.headers.get("content-type") ?? "no content type";
    throw garbage(instance, `answers ${status} with ${shown} instead of JSON`, status >= 400);
  }
  if (response.ok) return { kind: "ok", body };
  const error = ErrorJson.safeParse(body);
  return {
    kind: "error",
    status,
    code: error.data?.code ?? 2,
    message: error.data?.message ?? `status ${status}`,
  };
}

/** A server behind Argo CD, or a proxy before it, broke: 500, 502, 503, 504. */
function isBroken(status: number): boolean {
  return status >= 500 && status !== 501;
}

function unreachable(instance: ArgocdInstance, what: string, cause?: unknown): Fault {
  const late = what.startsWith("did not answer");
  return new Fault(
    late ? "argocd.timeout" : "argocd.unavailable",
    `Argo CD instance ${instance.name} ${what}.`,
    { retryable: true, cause },
  );
}

function unauthorized(instance: ArgocdInstance): Fault {
  return new Fault(
    "argocd.unauthorized",
    `Argo CD instance ${instance.name} does not accept Sluice's token: set ${settingOf("ARGOCD_TOKEN", instance)} to a valid API key.`,
    { retryable: false },
  );
}

/** Argo CD never throttles by itself; a proxy before it does, and may say until when. */
function throttled(instance: ArgocdInstance, retryAt: Date | null): Fault {
  return new Fault("argocd.throttled", `Argo CD instance ${instance.name} is being throttled.`, {
    retryable: true,
    retryAt,
  });
}

function retryAfter(response: Response, clock: Clock): Date | null {
  const seconds = Number(response.headers.get("retry-after") ?? "");
  const known = Number.isFinite(seconds) && seconds > 0;
  return known ? new Date(clock.now().getTime() + seconds * 1000) : null;
}

function garbage(instance: ArgocdInstance, what: string, retryable: boolean): Fault {
  return new Fault(
    "argocd.garbage",
    `Argo CD instance ${instance.name} ${what}: is ${settingOf("ARGOCD_URL", instance)} the final address of its API server?`,
    { retryable },
  );
}

/** `ARGOCD_URL`, or `ARGOCD_URL__PROD_EU` for an instance that is not the default one. */
export function settingOf(name: string, instance: { readonly name: string }): string {
  if (instance.name === "default") return name;
  return `${name}__${instance.name.toUpperCase().replaceAll("-", "_")}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** fetch hides what happened in the cause: `ECONNREFUSED`, a certificate, a name that does not resolve. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return code === "" ? messageOf(cause ?? error) : code;
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
