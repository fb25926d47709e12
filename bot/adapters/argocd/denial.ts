import { z } from "zod";

import { Fault } from "#core/error.ts";
import type { ApplicationAt } from "#ports/deployer.ts";

import type { ArgocdInstance, Reply, Send } from "./request.ts";

const CanIJson = z.object({ value: z.string() });
type Refusal = Extract<Reply, { kind: "error" }>;

/** What a read that was refused means. */
export type Denial =
  | { readonly kind: "absent"; readonly sentence: string }
  | { readonly kind: "forbidden"; readonly sentence: string };

/**
 * Sorts Argo CD's refusals of one application. Its bare 403 `permission denied` also stands for "Kubernetes does not
 * answer" (app.go:213), so that one is a fault to be tried again unless `can-i` says that the right is missing.
 */
export function readDenials(instance: ArgocdInstance, send: Send) {
  return async (
    reply: Refusal,
    at: ApplicationAt,
    action: "get" | "sync",
    signal?: AbortSignal,
  ): Promise<Denial> => {
    const { status, message } = reply;
    if (status === 404)
      return {
        kind: "absent",
        sentence: `There is no application ${at.name} in project ${at.project} of Argo CD instance ${instance.name}.`,
      };
    if (status !== 403) throw unexpected(instance, reply);
    const right = `applications, ${action}, ${at.project}/${at.name}`;
    if (message === "permission denied" && (await mayI(send, at, action, signal)))
      throw new Fault(
        "argocd.denied",
        `Argo CD instance ${instance.name} cannot read ${at.name} just now.`,
        { retryable: true },
      );
    return {
      kind: "forbidden",
      sentence: `Argo CD instance ${instance.name} does not allow Sluice '${right}': grant it to its account or project role.`,
    };
  };
}

export function unexpected(instance: ArgocdInstance, reply: Refusal): Fault {
  const retryable = reply.status === 409 || reply.status === 408 || reply.status >= 500;
  return new Fault(
    "argocd.refused",
    `Argo CD instance ${instance.name} answers ${reply.status}: ${reply.message}`,
    { retryable },
  );
}

/** May Sluice's account do this? Anything but a clear no counts as yes: the right itself is then not the trouble. */
async function mayI(
  send: Send,
  at: ApplicationAt,
  action: "get" | "sync",
  signal?: AbortSignal,
): Promise<boolean> {
  const object = `${encodeURIComponent(at.project)}/${encodeURIComponent(at.name)}`;
  const reply = await send({
    operation: "can-i",
    path: `/api/v1/account/can-i/applications/${action}/${object}`,
    deadlineMs: 10_000,
    signal,
  });
  return reply.kind !== "ok" || CanIJson.safeParse(reply.body).data?.value !== "no";
}
