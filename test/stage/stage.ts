import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { botEvent, type BotEvent } from "./bot-event.ts";
import { startBot, type Bot } from "./bot.ts";
import { builder, type BuildOptions, type Published } from "./build.ts";
import { controlAt, type Control } from "./control.ts";
import {
  aliceToken,
  openArgocd,
  openGitHub,
  type ArgocdLine,
  type ArgocdOptions,
  type GitHubLine,
  type Place,
} from "./open-simulators.ts";
import { startPace, type Pace } from "./pace.ts";
import { demoPolicy, platform, tenantNames, valuesFiles, type PolicyOptions } from "./seed.ts";

export type { Published } from "./build.ts";

/** What is there before the first commit of the platform. */
export type Beginning = {
  readonly first: Published;
  readonly tenants: readonly string[];
  readonly build: Stage["build"];
  readonly githubControl: Control;
};

export type StageOptions = ArgocdOptions & {
  readonly tenants?: number;
  readonly policy?: PolicyOptions | string;
  /** Files of the platform beside policy and values files; what is named here wins, null leaves it out. */
  readonly files?: (
    beginning: Beginning,
  ) => Promise<Record<string, string | null>> | Record<string, string | null>;
  /** More repositories that build images. */
  readonly sources?: readonly string[];
  /** Branch protection of the platform's default branch. */
  readonly protection?: unknown;
  /** What the rulesets of the platform's default branch ask for. */
  readonly rules?: unknown;
  /** How many seconds of every program pass in one real second. */
  readonly pace?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly onBotLine?: (line: string) => void;
  readonly onEvent?: (event: BotEvent) => void;
  /** Starts the bot only when asked. */
  readonly withoutBot?: boolean;
};

/** Both simulators, seeded, and the bot between them. */
export type Stage = {
  readonly directory: string;
  readonly tenants: readonly string[];
  readonly pace: Pace;
  readonly github: GitHubLine;
  readonly argocd: ArgocdLine;
  readonly githubControl: Control;
  readonly argocdControl: Control;
  readonly first: Published;
  readonly bot: Bot;
  /** What the bot has logged since the start, over restarts; `at` is `performance.now()`. */
  readonly events: readonly (BotEvent & { readonly at: number })[];
  botLines(): readonly string[];
  startBot(): Promise<Bot>;
  /** The settings of the bot, for a second process beside it. */
  readonly botEnvironment: Readonly<Record<string, string>>;
  /** A person pushes a commit to the source repository; CI builds and publishes it. */
  build(message: string, options?: BuildOptions): Promise<Published>;
  /** Reads GitHub as a person sees it, on an account of its own: `/repos/acme/platform/pulls`. */
  api<T>(path: string): Promise<T>;
  close(): Promise<void>;
};

/** Starts everything on loopback ports that the system chooses, in a directory of its own. */
export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), "sluice-stage-"));
  const pace = startPace(options.pace ?? 1);
  const place: Place = { directory, programs: [], environment: pace.environment };
  try {
    return await raise(place, pace, options);
  } catch (error) {
    await strike(place);
    throw error;
  }
}

async function raise(place: Place, pace: Pace, options: StageOptions): Promise<Stage> {
  const tenants = tenantNames(options.tenants ?? 3);
  const github = await openGitHub(place, options);
  const githubControl = controlAt(github.control);
  const build = builder(githubControl);
  const first = await build("feat: say hello");
  await seedPlatform({ first, tenants, build, githubControl }, options);
  const argocd = await openArgocd(place, github, options);
  let bot: Bot | null = null;
  const events: (BotEvent & { at: number })[] = [];

  function hear(line: string): void {
    options.onBotLine?.(line);
    const event = botEvent(line);
    if (event === null) return;
    events.push({ ...event, at: performance.now() });
    options.onEvent?.(event);
  }

  const env = {
    ...place.environment,
    ...botEnvironment(place, github, argocd),
    ...options.env,
  };
  const stage: Stage = {
    directory: place.directory,
    tenants,
    pace,
    github,
    argocd,
    githubControl,
    argocdControl: controlAt(argocd.control),
    first,
    events,
    build,
    botLines: () => bot?.lines ?? [],
    get bot(): Bot {
      if (bot === null) throw new Error("the bot was not started yet");
      return bot;
    },
    botEnvironment: env,
    startBot: async () => {
      bot = await startBot(env, hear);
      await githubControl.post("webhook", { url: `${bot.url}/api/github/webhooks` });
      return bot;
    },
    api: (path) => readAsAlice(github, path),
    close: async () => {
      await bot?.stop();
      await strike(place);
    },
  };
  if (options.withoutBot === true) return stage;
  try {
    await stage.startBot();
    return stage;
  } catch (error) {
    await stage.close();
    throw error;
  }
}

async function strike({ programs, directory }: Place): Promise<void> {
  await Promise.all(programs.map((program) => program.stop()));
  await rm(directory, { recursive: true, force: true });
}

async function seedPlatform(beginning: Beginning, options: StageOptions): Promise<void> {
  const { first, tenants, githubControl } = beginning;
  const policy =
    typeof options.policy === "string" ? options.policy : demoPolicy(options.policy ?? {});
  const more = (await options.files?.(beginning)) ?? {};
  const files = {
    ".github/sluice.yaml": policy,
    ...valuesFiles(tenants, first.tag, first.digest),
    ...more,
  };
  await githubControl.post("push", {
    repository: platform,
    branch: "main",
    user: "alice",
    force: true,
    message: "feat: tenants and their policy",
    files: Object.fromEntries(Object.entries(files).filter(([, text]) => text !== null)),
  });
}

async function readAsAlice<T>(github: GitHubLine, path: string): Promise<T> {
  const response = await fetch(github.url + path, {
    headers: { authorization: `Bearer ${aliceToken}`, accept: "application/vnd.github+json" },
    signal: AbortSignal.timeout(20_000),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

function botEnvironment(
  { directory }: Place,
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
