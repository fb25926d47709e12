import { Worker } from "node:worker_threads";

import { Fault } from "#core/error.ts";
import type { DrivenFigures, LoadDriver, LoadPlace } from "#ports/load-driver.ts";

import type { DriveWish } from "./drive-service.ts";

const program = new URL("./drive-service.ts", import.meta.url);

/**
 * Drives services with autocannon, in a thread of its own: it takes all the time it gets, and would hold up everything
 * else. It sends nothing secret and checks no certificate. `template` is the setting LOAD_URL_TEMPLATE; null: none is set.
 */
export function connectAutocannon({ template }: { readonly template: string | null }): LoadDriver {
  return {
    configured: template !== null,
    drive: async (place, { durationMs, warmUpMs, connections, paths }, signal) => {
      if (template === null)
        throw new Fault("load.not-configured", "LOAD_URL_TEMPLATE is not set.", {
          retryable: false,
        });
      const url = fillTemplate(template, place);
      return driveInThread({ url, durationMs, warmUpMs, connections, paths }, signal);
    },
  };
}

/** Names are RFC 1123 labels: they change neither the host beside them nor the path. */
export function fillTemplate(template: string, place: LoadPlace): string {
  return template.replaceAll(
    /\{(tenant|environment|service)\}/g,
    (_whole, name: keyof LoadPlace) => place[name],
  );
}

async function driveInThread(wish: DriveWish, signal: AbortSignal): Promise<DrivenFigures> {
  signal.throwIfAborted();
  // Nothing that this process was started with is loaded there again.
  const worker = new Worker(program, { workerData: wish, execArgv: [], stdin: true });
  const { promise, resolve, reject } = Promise.withResolvers<DrivenFigures>();
  const stop = (): void => reject(new Error("the load test was stopped"));
  signal.addEventListener("abort", stop, { once: true });
  worker.once("message", resolve);
  worker.once("error", reject);
  worker.once("exit", (code) =>
    reject(new Error(`the load test ended with ${code} before it was over`)),
  );
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", stop);
    await worker.terminate();
  }
}
