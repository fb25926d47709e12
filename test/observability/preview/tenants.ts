import { runService, type RunningService } from "../run-service.ts";

/** A pod, with the target labels that its ServiceMonitor would give it. */
export type Pod = {
  readonly service: RunningService;
  readonly namespace: string;
  readonly pod: string;
  readonly image: string;
};

const releases = [
  { tenant: "tenant-a", version: "sha-0d4c1ff", fails: "0.002", pods: 2 },
  { tenant: "tenant-b", version: "sha-0d4c1ff", fails: "0", pods: 1 },
] as const;
/** What tenant-a is given half way: it fails more often. */
const next = { version: "sha-1a2b3c4", fails: "0.12" } as const;
const pauseMs = 20;

/** Real instances of service/, as pods of two tenants in prod. */
export async function startTenants(): Promise<Pod[]> {
  const pods = releases.flatMap(({ tenant, version, fails, pods: count }) =>
    Array.from({ length: count }, (_, index) => startPod(tenant, version, fails, index)),
  );
  return Promise.all(pods);
}

/** A rollout of tenant-a: the new pods are there before the old ones go. */
export async function rollOut(pods: Pod[]): Promise<void> {
  const old = pods.filter(({ namespace }) => namespace === "tenant-a-prod");
  for (const [index, one] of old.entries()) {
    pods.push(await startPod("tenant-a", next.version, next.fails, index));
    pods.splice(pods.indexOf(one), 1);
    await one.service.stop();
  }
}

/** Callers: mostly quick, some slow, some that ask for what is not there; ends when told. */
export async function callThem(pods: readonly Pod[], until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    for (const { service } of pods) {
      void fetch(service.url + path()).catch(() => undefined);
      void fetch(`${service.url}/readyz`).catch(() => undefined);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, pauseMs);
    });
  }
}

function path(): string {
  const dice = Math.random();
  if (dice < 0.5) return "/";
  if (dice < 0.52) return "/nowhere";
  const ms = Math.round(20 * Math.exp(Math.random() * 3.6));
  return `/work?ms=${ms}`;
}

async function startPod(
  tenant: string,
  version: string,
  fails: string,
  index: number,
): Promise<Pod> {
  const environment = {
    TENANT_NAME: tenant,
    ENVIRONMENT: "prod",
    VERSION: version,
    FAIL_RATE: fails,
  };
  const service = await runService({ ...environment, LOG_LEVEL: "info" });
  const hash = version.slice(-5);
  return {
    service,
    namespace: `${tenant}-prod`,
    pod: `tenant-service-6d4c${hash}-${"xk7vb"[index] ?? "z"}2x9p`,
    image: `ghcr.io/acme/tenant-service:${version}`,
  };
}
