import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { githubSchema } from "./graphql/schema.ts";
import type { Seed } from "./seed.ts";
import { startGitHubSimulator } from "./server.ts";

/**
 * `npm run sim:github -- --port 0 --control-port 0 --data DIR [--seed FILE] [--webhook-url URL]`
 *
 * Prints one JSON line when it listens. `seed.ts` describes the seed file; a restart on the same data goes on where
 * it stopped and reads no seed.
 */
const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    "control-port": { type: "string", default: "0" },
    data: { type: "string" },
    seed: { type: "string" },
    "webhook-url": { type: "string" },
  },
});

const dataDirectory = resolve(values.data ?? ".simulated-github");
mkdirSync(dataDirectory, { recursive: true });
const seed =
  values.seed === undefined
    ? { owner: "acme", repositories: [{ name: "gitops", files: { "README.md": "# gitops\n" } }] }
    : (JSON.parse(readFileSync(values.seed, "utf8")) as Seed);
const simulator = await startGitHubSimulator({
  seed,
  dataDirectory,
  port: Number(values.port),
  controlPort: Number(values["control-port"]),
  ...(values["webhook-url"] === undefined ? {} : { webhookUrl: values["webhook-url"] }),
});
const privateKeyPath = join(dataDirectory, "app.pem");
writeFileSync(privateKeyPath, simulator.privateKey, { mode: 0o600 });

await githubSchema();
const { url, control, git, appId, webhookSecret, installationId } = simulator;
console.log(
  JSON.stringify({ url, control, git, appId, privateKeyPath, webhookSecret, installationId }),
);

function stop(): void {
  void simulator.close().then(() => process.exit(0));
}

process.on("SIGTERM", stop);
process.on("SIGINT", stop);
