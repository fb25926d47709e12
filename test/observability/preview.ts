import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

import { chromium } from "playwright-core";

import { allDashboards, sample } from "./dashboards.ts";
import { expose, exportersText, generateSluice } from "./preview/generated.ts";
import { drawDashboard, type LoggedLine } from "./preview/page.ts";
import { shortWindow, startPrometheus, type Target } from "./preview/prometheus.ts";
import { callThem, rollOut, startTenants, type Pod } from "./preview/tenants.ts";

/**
 * `node test/observability/preview.ts [folder] [seconds]`: a picture of each dashboard's data. Real instances of service/
 * are called and scraped by a real Prometheus; the panels' own queries are asked. What a cluster's exporters and Sluice
 * would say is made up, and the picture says so. Needs `prometheus`; without a Chromium it leaves the page alone.
 */
const folder = process.argv[2] ?? join(tmpdir(), "sluice-dashboards");
const seconds = Number(process.argv[3] ?? 75);
const chromiums = [process.env["CHROMIUM"] ?? "", "/usr/bin/chromium", "/usr/bin/google-chrome"];

await mkdir(folder, { recursive: true });
const work = await mkdtemp(join(tmpdir(), "sluice-preview-"));
const prometheus = await startPrometheus(work);
const pods = await startTenants();
const everyPod = new Set(pods);
const sluice = generateSluice();
const exposed = [
  await expose(() => exportersText(pods)),
  await expose(() => sluice.text()),
] as const;
const stopping = new AbortController();
const calling = callThem(pods, stopping.signal);
const ticking = setInterval(() => sluice.tick(), 1_000);
try {
  const from = Date.now() / 1_000;
  await prometheus.scrape(targets());
  await sleep(seconds * 500);
  await rollOut(pods);
  for (const pod of pods) everyPod.add(pod);
  await prometheus.scrape(targets());
  await sleep(seconds * 500);
  await draw(from + 2, Date.now() / 1_000 - 1);
} finally {
  clearInterval(ticking);
  stopping.abort();
  await calling;
  await Promise.all([
    prometheus.stop(),
    ...pods.map(({ service }) => service.stop()),
    ...exposed.map((one) => one.stop()),
  ]);
  await rm(work, { recursive: true });
}

function targets(): readonly Target[] {
  const [exporters, ofSluice] = exposed;
  return [
    ...pods.map(({ service, namespace, pod }) => ({
      address: new URL(service.url).host,
      labels: { namespace, pod, service: "tenant-service", container: "tenant-service" },
    })),
    { address: `127.0.0.1:${exporters.port}`, labels: {} },
    {
      address: `127.0.0.1:${ofSluice.port}`,
      labels: { namespace: "sluice", service: "sluice", pod: "sluice-0" },
    },
  ];
}

async function draw(from: number, to: number): Promise<void> {
  const range = Math.floor(to - from);
  const variables = {
    ...sample,
    __rate_interval: shortWindow,
    __range: `${range}s`,
    __range_s: String(range),
    __auto: "1s",
  };
  const run = { prometheus, from, to, lines: loggedLines(), variables };
  const made =
    "Requests, latencies, versions and lines are of real instances of service/; figures of nodes, pods and quotas";
  for (const dashboard of allDashboards()) {
    const note =
      dashboard.uid === "sluice"
        ? `Made-up promotions, one every two seconds, counted by Sluice's own meter; no lines, since no Sluice runs. ${range} s, five minutes shortened to ${shortWindow}.`
        : `${made} are made up. ${range} s, five minutes shortened to ${shortWindow}.`;
    const { html, empty } = await drawDashboard(dashboard, run, note);
    const page = join(folder, `${dashboard.uid}.html`);
    await writeFile(page, html);
    const picture = await photograph(page);
    process.stdout.write(
      `${picture ?? page}${empty.length === 0 ? "" : `; without data: ${empty.join(", ")}`}\n`,
    );
  }
}

function loggedLines(): readonly LoggedLine[] {
  const lines = [...everyPod].flatMap((pod) =>
    pod.service.lines.map((line) => toLogged(pod, line)),
  );
  return lines.toSorted((one, other) => one.at - other.at);
}

function toLogged({ namespace }: Pod, line: string): LoggedLine {
  const { level, time } = JSON.parse(line) as { level: string; time: number };
  return { stream: { namespace, service: "tenant-service", level }, at: time / 1_000, line };
}

async function photograph(page: string): Promise<string | null> {
  const executablePath = chromiums.find((path) => path !== "" && existsSync(path));
  if (executablePath === undefined) return null;
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const tab = await browser.newPage({ viewport: { width: 1480, height: 900 } });
    await tab.goto(pathToFileURL(page).href);
    const path = page.replace(/\.html$/, ".png");
    await tab.screenshot({ path, fullPage: true });
    return path;
  } finally {
    await browser.close();
  }
}
