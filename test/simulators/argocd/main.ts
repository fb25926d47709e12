import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";

import type { AppsInput } from "./apps-file.ts";
import { startArgocdSimulator } from "./server.ts";

const USAGE =
  "usage: npm run sim:argocd -- --git URL --apps FILE [--port 0] [--control-port 0] [--repo-url URL] [--speed N] [--service real|simulated] [--webhook-secret S] [--notify-url URL --notify-token T]";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    "control-port": { type: "string", default: "0" },
    git: { type: "string" },
    "repo-url": { type: "string" },
    apps: { type: "string" },
    speed: { type: "string", default: "1" },
    service: { type: "string", default: "simulated" },
    "webhook-secret": { type: "string" },
    "notify-url": { type: "string" },
    "notify-token": { type: "string" },
  },
});

if (values.git === undefined || values.apps === undefined) {
  console.error(USAGE);
  process.exit(2);
}
const simulator = await startArgocdSimulator({
  git: values.git,
  apps: JSON.parse(await readFile(values.apps, "utf8")) as AppsInput,
  port: Number(values.port),
  controlPort: Number(values["control-port"]),
  speed: Number(values.speed),
  service: values.service === "real" ? "real" : "simulated",
  ...(values["repo-url"] === undefined ? {} : { repoURL: values["repo-url"] }),
  ...(values["webhook-secret"] === undefined ? {} : { webhookSecret: values["webhook-secret"] }),
  ...(values["notify-url"] === undefined
    ? {}
    : { notifications: notifications(values["notify-url"]) }),
});
const { url, control, token } = simulator;
console.log(JSON.stringify({ url, control, token }));

function notifications(url: string) {
  const token = values["notify-token"];
  return token === undefined ? { url } : { url, token };
}

async function stop(): Promise<void> {
  await simulator.close();
  process.exit(0);
}
process.once("SIGTERM", () => void stop());
process.once("SIGINT", () => void stop());
