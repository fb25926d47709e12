import { request } from "node:https";
import { setTimeout as pause } from "node:timers/promises";

/** What becomes of pods whose image contains `match`; the first that matches counts, others become ready at once. */
export type PodRule = {
  readonly match: string;
  readonly outcome: "ready" | "pullBackOff" | "crashLoop" | "slow";
  readonly ms?: number;
};

type Pod = {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly containers: readonly { readonly name: string; readonly image: string }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly containerStatuses?: readonly {
      readonly image: string;
      readonly ready: boolean;
      readonly state?: object;
    }[];
  };
};

/** Plays the nodes of a cluster that has none, until it is told to stop: pods become ready, or fail as a rule says. */
export async function playKubelet(
  cluster: { readonly url: string; readonly token: string },
  options: {
    readonly rules: () => readonly PodRule[];
    readonly readyAfterMs: number;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  while (!options.signal.aborted) {
    try {
      const { items } = await call<{ items: Pod[] }>(cluster, "GET", "/api/v1/pods");
      for (const pod of items) await play(pod);
    } catch (error) {
      if (!options.signal.aborted) process.stderr.write(`kubelet: ${String(error)}\n`);
    }
    await pause(300);
  }

  async function play(pod: Pod): Promise<void> {
    const { name, namespace, deletionTimestamp, creationTimestamp } = pod.metadata;
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    if (deletionTimestamp !== undefined) {
      await call(cluster, "DELETE", `${path}?gracePeriodSeconds=0`);
      return;
    }
    const image = pod.spec.containers[0]?.image ?? "";
    const rule = options.rules().find(({ match }) => image.includes(match));
    const outcome = rule?.outcome ?? "ready";
    const age = Date.now() - Date.parse(creationTimestamp);
    const waits = outcome === "slow" ? (rule?.ms ?? 30_000) : options.readyAfterMs;
    const ready = outcome === "ready" || outcome === "slow";
    if (ready && age < waits) return;
    const is = pod.status?.containerStatuses?.[0]?.ready;
    const wanted = statusOf(pod, outcome, ready);
    if (is === ready && pod.status?.phase === wanted.phase) return;
    await call(cluster, "PATCH", `${path}/status`, { status: wanted });
  }
}

function statusOf(pod: Pod, outcome: PodRule["outcome"], ready: boolean) {
  const now = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const waiting =
    outcome === "pullBackOff"
      ? { reason: "ImagePullBackOff", message: "Back-off pulling image" }
      : { reason: "CrashLoopBackOff", message: "back-off restarting failed container" };
  return {
    phase: outcome === "pullBackOff" ? "Pending" : "Running",
    startTime: pod.metadata.creationTimestamp,
    conditions: ["Initialized", "ContainersReady", "Ready", "PodScheduled"].map((type) => ({
      type,
      status: ready || type === "Initialized" || type === "PodScheduled" ? "True" : "False",
      lastTransitionTime: now,
    })),
    containerStatuses: pod.spec.containers.map(({ name, image }) => ({
      name,
      image,
      imageID: "",
      ready,
      started: ready,
      restartCount: outcome === "crashLoop" ? 3 : 0,
      state: ready ? { running: { startedAt: now } } : { waiting },
    })),
  };
}

function call<T>(
  cluster: { readonly url: string; readonly token: string },
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `${cluster.url}${path}`,
      {
        method,
        // Its own certificate, made for this run.
        rejectUnauthorized: false,
        headers: {
          authorization: `Bearer ${cluster.token}`,
          "content-type": "application/strategic-merge-patch+json",
        },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () => {
          const gone = response.statusCode === 404 || response.statusCode === 409;
          if ((response.statusCode ?? 500) < 300 || gone) resolve(JSON.parse(text) as T);
          else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
        });
      },
    );
    asked.on("error", reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
