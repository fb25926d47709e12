import type { Application, HealthStatus } from "#core/application.ts";
import type { GateQuestion } from "#core/gate-question.ts";
import type { TreeNode } from "#core/rollout-images.ts";
import { askForLoad } from "#flow/ask-for-load.ts";
import { remember } from "#flow/remember.ts";
import { runLoad } from "#flow/run-load.ts";
import type { Deployer } from "#ports/deployer.ts";
import type { LoadDriver } from "#ports/load-driver.ts";

import { loadFigures } from "../core/load-figures.ts";
import { image, platform as repository, valuesFiles } from "../stage/seed.ts";
import { aPlatform, jobContext } from "./a-platform.ts";

const stream = { environment: "prod", service: "demo-api", ring: "all" };
export const file = "gitops/tenants/tenant-a/staging.yaml";
const application = "tenant-a-staging";
const target = { ...stream, environment: "staging", tenant: "tenant-a", file, application };
export const artifact = { repository: image, tag: "sha-0000000", digest: null, revision: null };
export const order = { durationMs: 1000, warmUpMs: 0, connections: 2, paths: ["/"] };
const bounds = { max: {}, min: {} };
const { cpu: _cpu, memory: _memory, network: _network, pods: _pods, ...rest } = loadFigures;
/** What driving comes to. */
export const driven = rest;

type LoadQuestion = Extract<GateQuestion, { kind: "load" }>;

export function question(change: Partial<LoadQuestion> = {}): LoadQuestion {
  const pull = { number: 7, head: "head-1" };
  return { kind: "load", stream, artifact, ...pull, target, order, bounds, ...change };
}

/** What Argo CD shows of whoever is driven. */
type Live = { images: string[]; pods: TreeNode[]; manifests: string[]; health: HealthStatus };

/** A platform whose services are driven by `drive`; `live` is what Argo CD shows of the one that is. */
export async function aDrivenPlatform(drive: LoadDriver["drive"] = async () => driven) {
  const platform = await aPlatform();
  const live: Live = {
    images: [`${image}:sha-0000000`],
    pods: [],
    manifests: [],
    health: "Healthy",
  };
  const shown = (): Application =>
    ({
      name: application,
      deleting: false,
      images: live.images,
      health: { status: live.health, message: "", since: null },
    }) as Partial<Application> as Application;
  const deployer = {
    applications: async () => [shown()],
    application: async () => ({ kind: "found", application: shown() }),
    tree: async () => live.pods,
    manifestImages: async () => live.manifests,
  } as Partial<Deployer> as Deployer;
  const prometheus: { value: number | null } = { value: 2 };
  const drives: string[] = [];
  const deps = {
    ...platform.deps,
    deployers: { names: () => ["default"], instance: (): Deployer | null => deployer },
    load: {
      configured: true,
      drive: (...args: Parameters<LoadDriver["drive"]>) => {
        drives.push(args[0].tenant);
        return drive(...args);
      },
    },
    measurements: {
      measure: async () =>
        prometheus.value === null
          ? ({ kind: "nothing", reason: "unavailable", sentence: "", remedy: "" } as const)
          : ({ kind: "value", value: prometheus.value } as const),
    },
  };
  const context = async () => ({ ...(await platform.context()), deps });
  const memory = remember(deps.facts, platform.job.repository);
  return {
    ...platform,
    deps,
    live,
    prometheus,
    /** Who was driven, in order. */
    drives,
    record: (head = "head-1") => memory.load(head, order),
    ask: async (change: Partial<LoadQuestion> = {}) =>
      askForLoad(await context(), question(change)),
    run: () => runLoad(deps, { ...platform.job, ...stream }, jobContext),
    /** Somebody pushes another tag into the file of whoever is driven. */
    push: async (tag: string) => {
      const files = { [file]: valuesFiles(["tenant-a"], tag, "")[file] ?? "" };
      await platform.github.act.push({ repository, branch: "main", user: "bob", files });
    },
  };
}

export type Driven = Awaited<ReturnType<typeof aDrivenPlatform>>;
