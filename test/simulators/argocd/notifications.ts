import type { Application } from "./application.ts";
import { isCompleted } from "./application.ts";
import { parseSelector } from "./http/selector.ts";
import { hash } from "./rollout.ts";
import type { World } from "./world.ts";
import { background } from "./world.ts";

export type NotificationOptions = {
  url: string;
  /** Sent as a bearer; there is no signature, no delivery id and no timestamp. */
  token?: string;
  instance?: string;
  /** Label selector of the subscription. */
  selector?: string;
  /** As the catalog's triggers: `oncePer: app.status.operationState.syncResult.revision`; loses failed deliveries. */
  oncePer?: boolean;
};

type Trigger = { name: string; when(app: Application): boolean };

const phaseOf = (app: Application) => app.status.operationState?.phase;

const TRIGGERS: Trigger[] = [
  { name: "on-sync-running", when: (app) => phaseOf(app) === "Running" },
  {
    name: "on-sync-failed",
    when: (app) => phaseOf(app) === "Error" || phaseOf(app) === "Failed",
  },
  {
    name: "on-deployed",
    when: (app) => phaseOf(app) === "Succeeded" && app.status.health.status === "Healthy",
  },
  { name: "on-health-degraded", when: (app) => app.status.health.status === "Degraded" },
];

const NOTIFIED = "notified.notifications.argoproj.io";
const RETRIES = 3;

/** The notifications controller: one worker, so that a receiver which hangs holds up every application. */
export function startNotifications(world: World, options: NotificationOptions): void {
  const selects = parseSelector(options.selector ?? null);
  const waiting = new Set<string>();
  let working = false;

  function enqueue(name: string): void {
    waiting.add(name);
    if (!working) background(world, "notifications", work());
  }

  async function work(): Promise<void> {
    working = true;
    for (const name of waiting) {
      waiting.delete(name);
      const app = world.store.informers[0]!.apps.get(name);
      if (app !== undefined && selects(app.metadata.labels) && isRefreshed(app)) {
        await evaluate(world, options, app);
      }
      if (world.scheduler.stopped) return;
    }
    working = false;
  }

  world.store.subscribe((event) => {
    if (event.type !== "DELETED") enqueue(event.application.metadata.name);
  });
  const resync = () => {
    for (const name of world.store.names()) enqueue(name);
    world.scheduler.after(world.timings.notificationResync, resync);
  };
  world.scheduler.after(world.timings.notificationResync, resync);
}

/** Skipped until the status has been refreshed after the operation; with ≥, so an equal second passes. */
function isRefreshed(app: Application): boolean {
  const { operationState, reconciledAt } = app.status;
  if (operationState === undefined || !isCompleted(operationState.phase)) return true;
  return (
    operationState.finishedAt === undefined ||
    (reconciledAt !== undefined && operationState.finishedAt <= reconciledAt)
  );
}

type Notified = Record<string, number>;

async function evaluate(
  world: World,
  options: NotificationOptions,
  app: Application,
): Promise<void> {
  // The controller puts its own patch into its informer at once, so its memory is never stale.
  const before = world.store.get(app.metadata.name)?.metadata.annotations?.[NOTIFIED];
  const notified: Notified = before === undefined ? {} : (JSON.parse(before) as Notified);
  for (const trigger of TRIGGERS) {
    const key = keyFor(trigger, options, app);
    if (!trigger.when(app)) {
      // An entry made with oncePer stays for ever.
      if (options.oncePer !== true) delete notified[key];
      continue;
    }
    if (notified[key] !== undefined) continue;
    notified[key] = Math.floor(world.scheduler.now() / 1_000);
    const delivered = await deliver(world, options, app);
    if (!delivered && options.oncePer !== true) delete notified[key];
  }
  const after = Object.keys(notified).length === 0 ? undefined : JSON.stringify(notified);
  if (after === before) return;
  world.store.patch(app.metadata.name, "notified", (next) => {
    const { [NOTIFIED]: _gone, ...rest } = next.metadata.annotations ?? {};
    const annotations = after === undefined ? rest : { ...rest, [NOTIFIED]: after };
    if (Object.keys(annotations).length > 0) next.metadata.annotations = annotations;
    else delete next.metadata.annotations;
  });
}

function keyFor(trigger: Trigger, options: NotificationOptions, app: Application): string {
  const once =
    options.oncePer === true ? `${app.status.operationState?.syncResult?.revision ?? ""}:` : "";
  return `${once}${trigger.name}:[0].${hash(trigger.name)}:sluice:`;
}

async function deliver(
  world: World,
  options: NotificationOptions,
  app: Application,
): Promise<boolean> {
  const { notificationRetryMin, notificationRetryMax } = world.timings;
  const body = JSON.stringify({
    v: 1,
    instance: options.instance ?? "default",
    app: app.metadata.name,
    ns: app.metadata.namespace,
    project: app.spec.project,
    resourceVersion: app.metadata.resourceVersion,
    phase: phaseOf(app) ?? null,
  });
  for (let attempt = 0; ; attempt += 1) {
    const answer = await post(options, body);
    const again =
      answer === undefined ||
      answer.status === 429 ||
      (answer.status >= 500 && answer.status !== 501);
    if (!again) return answer.status >= 200 && answer.status < 300;
    if (attempt >= RETRIES || world.scheduler.stopped) return false;
    const told = Number(answer?.headers.get("retry-after") ?? Number.NaN) * 1_000;
    const wait = Math.min(notificationRetryMin * 2 ** attempt, notificationRetryMax);
    await world.scheduler.sleep(Number.isNaN(told) ? wait : told);
  }
}

/** No time-out at all, as the real client has none. */
async function post(options: NotificationOptions, body: string): Promise<Response | undefined> {
  try {
    const answer = await fetch(options.url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      },
      body,
    });
    await answer.arrayBuffer();
    return answer;
  } catch {
    return undefined;
  }
}
