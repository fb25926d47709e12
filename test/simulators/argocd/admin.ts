import { z } from "zod";

import { applyFaults } from "./apply-faults.ts";
import type { AppConfigInput } from "./apps-file.ts";
import { AppInput } from "./apps-file.ts";
import { setOperation } from "./auto-sync.ts";
import type { FaultRuleInput } from "./fault-rule.ts";
import { FaultRule } from "./fault-rule.ts";
import { generate } from "./generator.ts";
import type { RequestEntry } from "./http/api.ts";
import { ImageRule } from "./image-rule.ts";
import { podImages } from "./live.ts";
import { isWorkload, imagesOf } from "./manifests.ts";
import { formatTime } from "./scheduler.ts";
import type { TimelineEntry } from "./store.ts";
import { SyncWindow } from "./sync-window.ts";
import type { World } from "./world.ts";

type AppSummary = {
  name: string;
  project: string;
  tenant: string | undefined;
  environment: string | undefined;
  desired: string[];
  live: string[];
  pods: string[];
  port: number | undefined;
  ports: Record<string, number>;
  sync: string;
  health: string | undefined;
  phase: string | undefined;
  revision: string | undefined;
};

/** What a test or the demo may do behind the API's back; the same calls are on the control port. */
export type Admin = {
  setImageRules(rules: z.input<typeof ImageRule>[]): void;
  setFaults(rules: FaultRuleInput[]): void;
  setSyncWindows(windows: z.input<typeof SyncWindow>[]): void;
  addApp(config: AppConfigInput): void;
  removeApp(name: string): void;
  /** Changes labels, annotations or the automated policy, as an editor of the Application does. */
  editApp(name: string, change: AppEdit): void;
  /** Someone else's operation; false when one is in progress. */
  startOperation(name: string, options?: OtherOperation): boolean;
  /** Changes a live object behind Git's back. */
  drift(name: string, image: string): void;
  /** Has every ApplicationSet look at Git now, as its own webhook does. */
  generate(): Promise<void>;
  setSpeed(speed: number): void;
  apps(): AppSummary[];
  timeline(app?: string): TimelineEntry[];
  requests(): RequestEntry[];
  /** Requests that hang by the plan now in force. */
  held(): number;
  clearRequests(): void;
  violations(): string[];
  errors(): string[];
};

const OtherOperation = z.strictObject({
  username: z.string().default("someone"),
  automated: z.boolean().default(false),
  revision: z.string().optional(),
  dryRun: z.boolean().default(false),
});
type OtherOperation = z.input<typeof OtherOperation>;

const AppEdit = z.strictObject({
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  automated: z.union([z.literal(false), z.record(z.string(), z.boolean())]).optional(),
  project: z.string().optional(),
  deleting: z.boolean().optional(),
});
type AppEdit = z.input<typeof AppEdit>;

export function createAdmin(world: World, requests: RequestEntry[]): Admin {
  return {
    setImageRules(rules) {
      world.imageRules = z.array(ImageRule).parse(rules);
    },
    setFaults(rules) {
      applyFaults(world, z.array(FaultRule).parse(rules));
    },
    setSyncWindows(windows) {
      world.windows = z.array(SyncWindow).parse(windows);
    },
    addApp(config) {
      world.addApp(AppInput.parse(config));
    },
    removeApp: (name) => world.removeApp(name),
    editApp: (name, change) => editApp(world, name, AppEdit.parse(change)),
    startOperation(name, options = {}) {
      const { username, automated, revision, dryRun } = OtherOperation.parse(options);
      const started = setOperation(world, name, {
        sync: { ...(revision === undefined ? {} : { revision }), ...(dryRun ? { dryRun } : {}) },
        initiatedBy: { username, ...(automated ? { automated } : {}) },
        retry: {},
      });
      return started;
    },
    drift(name, image) {
      for (const workload of world.states.get(name)?.live.workloads.values() ?? []) {
        const manifest = structuredClone(workload.manifest);
        const spec = manifest.spec as { template: { spec: { containers: { image: string }[] } } };
        spec.template.spec.containers[0]!.image = image;
        workload.manifest = manifest;
        world.states.get(name)!.live.resources.set(`${manifest.kind}/${workload.name}`, manifest);
      }
      world.requestRefresh(name, 1);
    },
    async generate() {
      for (const set of world.applicationSets) await generate(world, set);
    },
    setSpeed: (speed) => world.scheduler.setSpeed(speed),
    apps: () => world.store.names().map((name) => summary(world, name)),
    timeline: (app) =>
      world.store.timeline.filter((entry) => app === undefined || entry.app === app),
    requests: () => requests,
    held: () => world.faults.held,
    clearRequests: () => void requests.splice(0),
    violations: () => world.store.violations,
    errors: () => world.errors,
  };
}

function editApp(world: World, name: string, change: z.output<typeof AppEdit>): void {
  world.store.patch(name, "edited", (app) => {
    const { labels, annotations, automated, project } = change;
    if (labels !== undefined) app.metadata.labels = labels;
    if (annotations !== undefined) app.metadata.annotations = annotations;
    if (project !== undefined) app.spec.project = project;
    if (automated === false) delete app.spec.syncPolicy?.automated;
    else if (automated !== undefined) app.spec.syncPolicy = { ...app.spec.syncPolicy, automated };
    if (change.deleting === true)
      app.metadata.deletionTimestamp = formatTime(world.scheduler.now());
  });
  world.requestRefresh(name, 1);
}

function summary(world: World, name: string): AppSummary {
  const app = world.store.get(name)!;
  const state = world.states.get(name)!;
  const target = state.target?.ok === true ? state.target.manifests : [];
  const ports: Record<string, number> = {};
  for (const [key, instance] of world.instances) {
    const [owner = "", workload = ""] = key.split("/");
    if (owner === name && !instance.exited) ports[workload] = instance.port;
  }
  const images = (manifests: typeof target) =>
    manifests.filter(isWorkload).flatMap((manifest) => imagesOf(manifest, { init: false }));
  return {
    name,
    project: app.spec.project,
    tenant: state.config.tenant,
    environment: state.config.environment,
    desired: images(target),
    live: images([...state.live.resources.values()]),
    pods: podImages(state.live),
    port: Object.values(ports)[0],
    ports,
    sync: app.status.sync.status,
    health: app.status.health.status,
    phase: app.status.operationState?.phase,
    revision: app.status.sync.revision ?? app.status.sync.revisions?.join(","),
  };
}
