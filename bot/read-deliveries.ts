import { probotApp, type ProbotSettings } from "#adapters/github/probot-app.ts";
import { readRegistryHook } from "#adapters/registries/registry-hook.ts";
import type { SluiceEvent } from "#core/event.ts";
import type { DeliveryReaders } from "#flow/handle-jobs.ts";

/** How stored deliveries become events again: GitHub's through Probot, the hooks by their own formats. */
export function deliveryReaders(settings: ProbotSettings): DeliveryReaders {
  // One handler serves all deliveries: each run is found again by an id of its own.
  const running = new Map<string, (installation: number, event: SluiceEvent) => Promise<void>>();
  let runs = 0;
  const source = probotApp(settings, async ({ installation, event }, { id }) => {
    if (installation !== null) await running.get(id)?.(installation, event);
  });
  return {
    github: async (job, onEvent) => {
      runs += 1;
      const id = `${job.id}#${runs}`;
      running.set(id, onEvent);
      try {
        await source.receive({ id, name: job.event, payload: JSON.parse(job.body) });
      } finally {
        running.delete(id);
      }
    },
    registry: (body) => {
      const hook = readRegistryHook(body);
      return hook.kind === "event"
        ? hook.event
        : { kind: "ignored", reason: hook.problems.join("; ") };
    },
    argocd: readArgocdHook,
  };
}

/** A notification of Argo CD names an application; whatever else it says is not believed. */
function readArgocdHook(body: string): SluiceEvent {
  const payload: unknown = JSON.parse(body);
  if (typeof payload !== "object" || payload === null || !("app" in payload))
    return { kind: "ignored", reason: "the notification names no application" };
  const { app } = payload;
  const instance = "instance" in payload ? String(payload.instance) : "default";
  return typeof app === "string"
    ? { kind: "application.changed", instance, application: app }
    : { kind: "ignored", reason: "the notification names no application" };
}
