import type { ApplicationAt, SyncAnswer } from "#ports/deployer.ts";

import { applicationFrom, ApplicationJson } from "./application-json.ts";
import { unexpected, type readDenials } from "./denial.ts";
import type { ArgocdInstance, Send } from "./request.ts";

/**
 * `POST …/sync` without a revision, so that Argo CD resolves the branch itself and a run of its own stays possible.
 * Sent once: of an unknown outcome the caller learns by reading the application again.
 */
export async function syncApplication(
  client: {
    readonly instance: ArgocdInstance;
    readonly send: Send;
    readonly deny: ReturnType<typeof readDenials>;
    readonly deadlineMs: number;
  },
  at: ApplicationAt,
  promotionId: string,
  signal?: AbortSignal,
): Promise<SyncAnswer> {
  const { instance, send, deny, deadlineMs } = client;
  const reply = await send({
    operation: "sync",
    path: `/api/v1/applications/${encodeURIComponent(at.name)}/sync`,
    body: {
      project: at.project,
      appNamespace: at.namespace,
      infos: [{ name: "sluice", value: promotionId }],
    },
    deadlineMs,
    signal,
  });
  if (reply.kind === "ok") {
    const json = ApplicationJson.safeParse(reply.body);
    // It was taken, whatever the answer looks like: the next GET shows what came of it.
    return json.success
      ? { kind: "started", application: applicationFrom(json.data) }
      : { kind: "adopted" };
  }
  const { status, message } = reply;
  if (status === 400) {
    if (message.includes("another operation is already in progress")) return { kind: "adopted" };
    return {
      kind: "refused",
      sentence: "Argo CD refuses to sync it.",
      detail: message,
    };
  }
  if (status === 403 && message.includes("blocked by sync window"))
    return { kind: "window", sentence: "A sync window forbids syncing it now." };
  if (status === 403 || status === 404) return deny(reply, at, "sync", signal);
  throw unexpected(instance, reply);
}
