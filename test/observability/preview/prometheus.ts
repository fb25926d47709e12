import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { stringify } from "yaml";

import { filesOf } from "../read-rules.ts";

export type Series = {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
};
export type Target = {
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
};

export type Prometheus = {
  /** Which targets are scraped from the next moment on. */
  scrape(targets: readonly Target[]): Promise<void>;
  range(query: string, from: number, to: number): Promise<readonly Series[]>;
  instant(query: string, at: number): Promise<readonly Series[]>;
  stop(): Promise<void>;
};

/** What `$__rate_interval` means here, and the five minutes of the rules. */
export const shortWindow = "15s";

/**
 * A real Prometheus on loopback that scrapes every second. Its rules are those of observability/ with one change: five
 * minutes become 15 seconds, and groups run every second, so that a run of a minute shows something.
 */
export async function startPrometheus(folder: string): Promise<Prometheus> {
  await mkdir(join(folder, "rules"), { recursive: true });
  for (const file of filesOf("rules", ".yaml"))
    await writeFile(join(folder, "rules", basename(file)), hasten(await readFile(file, "utf8")));
  const targets = join(folder, "targets.json");
  await writeFile(targets, "[]");
  const config = {
    global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
    rule_files: [join(folder, "rules/*.yaml")],
    scrape_configs: [
      {
        job_name: "preview",
        honor_labels: true,
        file_sd_configs: [{ files: [targets], refresh_interval: "1s" }],
      },
    ],
  };
  await writeFile(join(folder, "prometheus.yaml"), stringify(config));
  const port = await freePort();
  const child = spawn(
    "prometheus",
    [
      `--config.file=${join(folder, "prometheus.yaml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=warn",
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  const closed = once(child, "close");
  const url = `http://127.0.0.1:${port}`;
  await isReady(url);

  async function ask(
    path: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<readonly Series[]> {
    const response = await fetch(`${url}/api/v1/${path}`, {
      method: "POST",
      body: new URLSearchParams(parameters),
    });
    const answer = (await response.json()) as {
      status: string;
      error?: string;
      data: { result: readonly (Series & { value?: readonly [number, string] })[] };
    };
    if (answer.status !== "success")
      throw new Error(`${parameters["query"] ?? ""}: ${answer.error ?? ""}`);
    return answer.data.result.map(({ metric, values, value }) => ({
      metric,
      values: values ?? (value === undefined ? [] : [value]),
    }));
  }

  return {
    async scrape(wanted) {
      const groups = wanted.map(({ address, labels }) => ({ targets: [address], labels }));
      // Renamed, since Prometheus may look at any moment.
      await writeFile(`${targets}.new`, JSON.stringify(groups));
      await rename(`${targets}.new`, targets);
    },
    range: (query, from, to) =>
      ask("query_range", { query, start: String(from), end: String(to), step: "1" }),
    instant: (query, at) => ask("query", { query, time: String(at) }),
    async stop() {
      child.kill("SIGTERM");
      await closed;
    },
  };
}

function hasten(rules: string): string {
  return rules
    .replaceAll("[5m]", `[${shortWindow}]`)
    .replaceAll(/^( +interval: ).*$/gm, "$11s")
    .replaceAll(/\* 60$/gm, "* 1");
}

async function isReady(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const ready = await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return;
    await sleep(100);
  }
  throw new Error("Prometheus was not ready within 10 s");
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}
