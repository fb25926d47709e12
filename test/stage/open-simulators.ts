import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import { parse } from "yaml";

import { owner, platform } from "./seed.ts";
import { jsonLine, startProgram, type Program } from "./start-process.ts";

const simulators = resolve(import.meta.dirname, "../simulators");

const anyPort = ["--port=0", "--control-port=0"] as const;

export type GitHubLine = {
  readonly url: string;
  readonly control: string;
  readonly git: string;
  readonly appId: number | string;
  readonly privateKeyPath: string;
  readonly webhookSecret: string;
  readonly installationId: number;
};
export type ArgocdLine = { readonly url: string; readonly control: string; readonly token: string };

/** Where the programs live, and what they have in common. */
export type Place = {
  readonly directory: string;
  readonly programs: Program[];
  readonly environment: Readonly<Record<string, string>>;
};

/** With this token a test reads what people see, on an account that is not the App's. */
export const aliceToken = "ghp_alice";

/** The App may here what its manifest asks for, and not more: what needs another permission fails. */
function manifestedApp() {
  const text = readFileSync(new URL("../../app.yml", import.meta.url), "utf8");
  const manifest = parse(text) as {
    default_permissions: Readonly<Record<string, "read" | "write">>;
    default_events: readonly string[];
  };
  // GitHub's description of its own deliveries does not count this one among the events of an App.
  const events = manifest.default_events.filter((event) => event !== "package");
  return { permissions: manifest.default_permissions, events };
}

/** Starts a GitHub with the two repositories of the world and its people. */
export async function openGitHub(
  place: Place,
  options: {
    readonly protection?: unknown;
    readonly rules?: unknown;
    readonly sources?: readonly string[];
  },
): Promise<GitHubLine> {
  const people = { alice: "admin", mona: "maintain", bob: "write", carol: "read" };
  const sources = ["demo-api", ...(options.sources ?? [])];
  const seed = {
    owner,
    ownerType: "Organization",
    app: manifestedApp(),
    users: [{ login: "alice", token: aliceToken }],
    teams: [{ slug: "sre", members: ["sara"] }],
    repositories: [
      {
        name: "platform",
        files: { "README.md": "# The platform\n" },
        collaborators: people,
        ...(options.protection === undefined ? {} : { protection: options.protection }),
        ...(options.rules === undefined ? {} : { rules: options.rules }),
      },
      ...sources.map((name) => ({
        name,
        files: { "README.md": `# ${name}\n` },
        collaborators: { alice: "admin", bob: "write" },
      })),
    ],
  };
  const seedFile = join(place.directory, "github-seed.json");
  await writeFile(seedFile, JSON.stringify(seed));
  const data = join(place.directory, "github");
  const { program, first } = await startProgram<GitHubLine>(
    join(simulators, "github/main.ts"),
    [...anyPort, `--data=${data}`, `--seed=${seedFile}`],
    { accept: jsonLine, env: place.environment },
  );
  place.programs.push(program);
  return first;
}

export type ArgocdOptions = {
  readonly service?: "real" | "simulated";
  /** Divides every timing of Argo CD. */
  readonly speed?: number;
  /** Which applications sync by themselves; prod waits for Sluice. */
  readonly automated?: Readonly<Record<string, boolean>>;
  /** The whole apps file, where a story needs other applications than one a tenant and environment. */
  readonly apps?: unknown;
};

/** Starts an Argo CD that reads the platform repository. */
export async function openArgocd(
  place: Place,
  github: GitHubLine,
  options: ArgocdOptions,
  name = "apps",
): Promise<ArgocdLine> {
  const git = `${github.git}/${platform}.git`;
  const apps = options.apps ?? {
    pattern: "gitops/tenants/{tenant}/{environment}.yaml",
    name: "{tenant}-{environment}",
    project: "{environment}",
    automated: options.automated ?? { dev: true, staging: true, prod: false },
  };
  const file = join(place.directory, `${name}.json`);
  await writeFile(file, JSON.stringify(apps));
  const { program, first } = await startProgram<ArgocdLine>(
    join(simulators, "argocd/main.ts"),
    [
      ...anyPort,
      `--git=${git}`,
      `--apps=${file}`,
      `--speed=${options.speed ?? 20}`,
      `--service=${options.service ?? "simulated"}`,
    ],
    { accept: jsonLine, env: place.environment },
  );
  place.programs.push(program);
  return first;
}
