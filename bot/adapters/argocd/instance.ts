import { z } from "zod";

import type { Application } from "#core/application.ts";
import { Fault } from "#core/error.ts";
import type { Clock } from "#ports/clock.ts";
import type { ApplicationAnswer, ApplicationAt, Deployer, OwnerKind } from "#ports/deployer.ts";
import type { Log } from "#ports/log.ts";

import { applicationFrom, ApplicationJson } from "./application-json.ts";
import { liveImagesFrom, ManagedResourcesJson, TreeJson, treeFrom } from "./cluster-json.ts";
import { readDenials, unexpected } from "./denial.ts";
import { openLanes } from "./in-flight.ts";
import { inspectInstance } from "./inspect.ts";
import type { ArgocdInstance, Call, Send } from "./request.ts";
import { shareForAWhile } from "./shared.ts";
import { automatedWindow, WindowsJson } from "./sync-windows-json.ts";
import { syncApplication } from "./sync.ts";

/** How long an answer is waited for, in milliseconds. */
export type Deadlines = {
  readonly read: number;
  readonly list: number;
  /** A refresh blocks until the controller has looked, without end where it does not; the wish stays with Argo CD. */
  readonly refresh: number;
  readonly sync: number;
};

export const deadlines: Deadlines = { read: 10_000, list: 30_000, refresh: 15_000, sync: 20_000 };

const listSharedForMs = 2_000;
const ownersKeptForMs = 60_000;
/** Refreshes and reads of single applications at a time: Argo CD's controller has 20 workers for everybody. */
const lanes = 10;
const jitterMs = 100;

const ListJson = z.object({ items: z.array(z.unknown()).nullish() });
const OwnerJson = z.object({
  spec: z.object({ strategy: z.object({ type: z.string().nullish() }).nullish() }).nullish(),
});

/** One instance as a `Deployer`. */
export function openInstance(
  instance: ArgocdInstance,
  send: Send,
  options: {
    readonly clock: Clock;
    readonly log: Log;
    readonly random: () => number;
    readonly deadlines: Deadlines;
  },
): Deployer {
  const { clock, log, deadlines } = options;
  const inLane = openLanes(lanes, jitterMs, options.random);
  const deny = readDenials(instance, send);
  const syncing = { instance, send, deny, deadlineMs: deadlines.sync };
  const owners = new Map<string, { readonly at: number; readonly kind: OwnerKind }>();

  async function read<T>(call: Omit<Call, "deadlineMs">, shape: z.ZodType<T>): Promise<T> {
    const reply = await inLane(() => send({ ...call, deadlineMs: deadlines.read }), call.signal);
    if (reply.kind === "error") throw unexpected(instance, reply);
    return understand(instance, shape, reply.body);
  }

  async function look(
    at: ApplicationAt,
    call: Pick<Call, "operation" | "query" | "deadlineMs" | "signal">,
  ): Promise<ApplicationAnswer> {
    const reply = await send({
      ...call,
      path: pathOf(at),
      query: { ...scopeOf(at), ...call.query },
    });
    if (reply.kind === "error") return deny(reply, at, "get", call.signal);
    const json = understand(instance, ApplicationJson, reply.body);
    return { kind: "found", application: applicationFrom(json) };
  }

  const list = shareForAWhile(clock, listSharedForMs, async () => {
    const reply = await send({
      operation: "list",
      path: "/api/v1/applications",
      deadlineMs: deadlines.list,
    });
    if (reply.kind === "error") throw unexpected(instance, reply);
    const { items } = understand(instance, ListJson, reply.body);
    const read = (items ?? []).map((item) => ApplicationJson.safeParse(item));
    const unread = read.filter(({ success }) => !success).length;
    if (unread > 0)
      log.warn(
        { instance: instance.name, unread },
        "applications in Argo CD's list were not understood",
      );
    return read.flatMap(({ data }): Application[] => (data ? [applicationFrom(data)] : []));
  });

  return {
    name: instance.name,
    applications: list,
    application: (at, signal) =>
      inLane(() => look(at, { operation: "get", deadlineMs: deadlines.read, signal }), signal),
    refresh: (at, { hard }, signal) =>
      inLane(async () => {
        const query = { refresh: hard ? "hard" : "normal" };
        try {
          return await look(at, {
            operation: "refresh",
            query,
            deadlineMs: deadlines.refresh,
            signal,
          });
        } catch (error) {
          if (!(error instanceof Fault && error.code === "argocd.timeout")) throw error;
          return look(at, { operation: "get", deadlineMs: deadlines.read, signal });
        }
      }, signal),
    sync: (at, promotionId, signal) =>
      inLane(() => syncApplication(syncing, at, promotionId, signal), signal),
    async tree(at, signal) {
      const path = `${pathOf(at)}/resource-tree`;
      return treeFrom(
        await read({ operation: "tree", path, query: scopeOf(at), signal }, TreeJson),
      );
    },
    async manifestImages(at, signal) {
      const path = `${pathOf(at)}/managed-resources`;
      const call = { operation: "managed-resources", path, query: scopeOf(at), signal };
      return liveImagesFrom(await read(call, ManagedResourcesJson));
    },
    async syncWindow(at, signal) {
      const path = `${pathOf(at)}/syncwindows`;
      const call = { operation: "sync-windows", path, query: scopeOf(at), signal };
      return automatedWindow(await read(call, WindowsJson));
    },
    async owner(name, namespace, signal) {
      const key = `${namespace}/${name}`;
      const known = owners.get(key);
      const now = clock.now().getTime();
      if (known !== undefined && now - known.at < ownersKeptForMs) return known.kind;
      const kind = await askOwner(name, namespace, signal);
      owners.set(key, { at: now, kind });
      return kind;
    },
    inspect: (signal) => inspectInstance(instance, send, list, signal),
  };

  async function askOwner(
    name: string,
    namespace: string,
    signal: AbortSignal | undefined,
  ): Promise<OwnerKind> {
    const reply = await send({
      operation: "application-set",
      path: `/api/v1/applicationsets/${encodeURIComponent(name)}`,
      query: { appsetNamespace: namespace },
      deadlineMs: deadlines.read,
      signal,
    });
    if (reply.kind === "error") return reply.status === 404 ? "free" : "unknown";
    const { spec } = understand(instance, OwnerJson, reply.body);
    return spec?.strategy?.type === "RollingSync" ? "progressive" : "free";
  }
}

function pathOf(at: ApplicationAt): string {
  return `/api/v1/applications/${encodeURIComponent(at.name)}`;
}

/** Always sent: without the project Argo CD answers 403 for what does not exist. */
function scopeOf(at: ApplicationAt): Readonly<Record<string, string>> {
  return { project: at.project, appNamespace: at.namespace };
}

function understand<T>(instance: ArgocdInstance, shape: z.ZodType<T>, body: unknown): T {
  const read = shape.safeParse(body);
  if (read.success) return read.data;
  const where = read.error.issues[0]?.path.join(".") ?? "";
  throw new Fault(
    "argocd.garbage",
    `Argo CD instance ${instance.name} answered with JSON of an unknown shape (${where}).`,
    { retryable: true, cause: read.error },
  );
}
