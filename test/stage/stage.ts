import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { botEvent, type BotEvent } from "./bot-event.ts";
import { startBot, type Bot } from "./bot.ts";
import { controlAt, type Control } from "./control.ts";
import {
  demoPolicy,
  image,
  owner,
  platform,
  source,
  tenantNames,
  valuesFiles,
  type PolicyOptions,
} from "./seed.ts";
import { jsonLine, startProgram, type Program } from "./start-process.ts";

const simulators = resolve(import.meta.dirname, "../simulators");

export type StageOptions = {
  readonly tenants?: number;
  readonly policy?: PolicyOptions | string;
  /** Real instances of `service/`, or pods that exist on paper only. */
  readonly service?: "real" | "simulated";
  /** Divides every timing of Argo CD. */
  readonly speed?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly onBotLine?: (line: string) => void;
  readonly onEvent?: (event: BotEvent) => void;
  /** Which applications sync by themselves; prod waits for Sluice. */
  readonly automated?: Readonly<Record<string, boolean>>;
  /** Starts the bot only when asked. */
  readonly withoutBot?: boolean;
};

type GitHubLine = {
  readonly url: string;
  readonly control: string;
  readonly git: string;
  readonly appId: number | string;
  readonly privateKeyPath: string;
  readonly webhookSecret: string;
  readonly installationId: number;
};
type ArgocdLine = { readonly url: string; readonly control: string; readonly token: string };
export type Published = {
  readonly tag: string;
  readonly digest: string;
  readonly revision: string;
};

/** Both simulators, seeded, and the bot between them. */
export type Stage = {
  readonly directory: string;
  readonly tenants: readonly string[];
  readonly github: GitHubLine & { readonly control: string };
  readonly argocd: ArgocdLine;
  readonly githubControl: Control;
  readonly argocdControl: Control;
  readonly first: Published;
  readonly bot: Bot;
  /** What the bot has logged since the start, over restarts; `at` is `performance.now()`. */
  readonly events: readonly (BotEvent & { readonly at: number })[];
  botLines(): readonly string[];
  startBot(): Promise<Bot>;
  /** A person pushes a commit to the source repository; CI builds and publishes it. */
  build(message: string, options?: { readonly quiet?: boolean }): Promise<Published>;
  close(): Promise<void>;
};

/** Starts everything on loopback ports that the system chooses, in a directory of its own. */
export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), "sluice-stage-"));
  const programs: Program[] = [];
  const tenants = tenantNames(options.tenants ?? 3);
  const github = await startGitHub(directory, programs);
  const githubControl = controlAt(github.control);
  const first = await build(githubControl, "feat: say hello", 0);
  await seedPlatform(githubControl, tenants, first, options);
  const argocd = await startArgocd(directory, programs, github, options);
  let bot: Bot | null = null;
  let builds = 0;
  const events: (BotEvent & { at: number })[] = [];

  function hear(line: string): void {
    options.onBotLine?.(line);
    const event = botEvent(line);
    if (event === null) return;
    events.push({ ...event, at: performance.now() });
    options.onEvent?.(event);
  }

  const stage: Stage = {
    directory,
    tenants,
    github,
    argocd,
    githubControl,
    argocdControl: controlAt(argocd.control),
    first,
    events,
    botLines: () => bot?.lines ?? [],
    get bot(): Bot {
      if (bot === null) throw new Error("the bot was not started yet");
      return bot;
    },
    startBot: async () => {
      bot = await startBot({ ...botEnvironment(directory, github, argocd), ...options.env }, hear);
      await githubControl.post("webhook", { url: `${bot.url}/api/github/webhooks` });
      return bot;
    },
    build: async (message, { quiet = false } = {}) => {
      builds += 1;
      return build(githubControl, message, builds, quiet);
    },
    close: async () => {
      await bot?.stop();
      await Promise.all(programs.map((program) => program.stop()));
      await rm(directory, { recursive: true, force: true });
    },
  };
  if (options.withoutBot !== true) await stage.startBot();
  return stage;
}

async function startGitHub(directory: string, programs: Program[]): Promise<GitHubLine> {
  const seed = {
    owner,
    ownerType: "Organization",
    repositories: [
      {
        name: "platform",
        files: { "README.md": "# The platform\n" },
        collaborators: { alice: "admin", bob: "write", carol: "read" },
      },
      {
        name: "demo-api",
        files: { "README.md": "# demo-api\n" },
        collaborators: { alice: "admin", bob: "write" },
      },
    ],
  };
  const seedFile = join(directory, "github-seed.json");
  await writeFile(seedFile, JSON.stringify(seed));
  const { program, first } = await startProgram<GitHubLine>(
    join(simulators, "github/main.ts"),
    ["--port", "0", "--control-port", "0", "--data", join(directory, "github"), "--seed", seedFile],
    { accept: jsonLine },
  );
  programs.push(program);
  return first;
}

async function seedPlatform(
  control: Control,
  tenants: readonly string[],
  first: Published,
  options: StageOptions,
): Promise<void> {
  const policy =
    typeof options.policy === "string" ? options.policy : demoPolicy(options.policy ?? {});
  await control.post("push", {
    repository: platform,
    branch: "main",
    user: "alice",
    message: "feat: tenants and their policy",
    files: {
      ".github/sluice.yaml": policy,
      ...valuesFiles(tenants, first.tag, first.digest),
    },
  });
}

async function startArgocd(
  directory: string,
  programs: Program[],
  github: GitHubLine,
  options: StageOptions,
): Promise<ArgocdLine> {
  const git = `${github.git}/${platform}.git`;
  const apps = {
    pattern: "gitops/tenants/{tenant}/{environment}.yaml",
    name: "{tenant}-{environment}",
    project: "{environment}",
    automated: options.automated ?? { dev: true, staging: true, prod: false },
  };
  const file = join(directory, "apps.json");
  await writeFile(file, JSON.stringify(apps));
  const { program, first } = await startProgram<ArgocdLine>(
    join(simulators, "argocd/main.ts"),
    [
      "--port=0",
      "--control-port=0",
      `--git=${git}`,
      `--apps=${file}`,
      `--speed=${options.speed ?? 20}`,
      `--service=${options.service ?? "simulated"}`,
    ],
    { accept: jsonLine },
  );
  programs.push(program);
  return first;
}

function botEnvironment(
  directory: string,
  github: GitHubLine,
  argocd: ArgocdLine,
): Record<string, string> {
  return {
    APP_ID: String(github.appId),
    PRIVATE_KEY_PATH: github.privateKeyPath,
    WEBHOOK_SECRET: github.webhookSecret,
    GITHUB_API_URL: github.url,
    DATA_DIR: join(directory, "sluice"),
    ARGOCD_URL: argocd.url,
    ARGOCD_TOKEN: argocd.token,
    REGISTRY_HOSTS: "ghcr.io",
    REGISTRY_URL__GHCR_IO: github.url,
    LOG_LEVEL: "debug",
  };
}

/** Commits, runs CI and publishes: the events that a real build sends, in the order in which they happen. */
async function build(
  control: Control,
  message: string,
  number: number,
  quiet = false,
): Promise<Published> {
  const pushed = await control.post<{ sha: string }>("push", {
    repository: source,
    branch: "main",
    user: "bob",
    message,
    files: { "src/server.ts": `// build ${number}\n` },
  });
  const tag = `sha-${pushed.sha.slice(0, 7)}`;
  const published = await control.post<{ digest: string }>("publish", {
    repository: source,
    image,
    tag,
    revision: pushed.sha,
    platforms: ["linux/amd64", "linux/arm64"],
  });
  if (!quiet)
    await control.post("workflow-run", {
      repository: source,
      workflow: "ci.yml",
      headSha: pushed.sha,
      conclusion: "success",
    });
  return { tag, digest: published.digest, revision: pushed.sha };
}
