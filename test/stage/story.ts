import { it, onTestFinished } from "vitest";

import { hasRedisServer, startRedis, type RedisServer } from "../queue/redis-server.ts";
import type { BotEvent } from "./bot-event.ts";
import { expectCleanEnding } from "./ending.ts";
import { people } from "./people.ts";
import type { PolicyOptions } from "./seed.ts";
import { openStage, type Stage, type StageOptions } from "./stage.ts";
import { isAbout, opened, running, settled, until, type Watched } from "./watch.ts";

export type StoryOptions = StageOptions & {
  /** Acts on a world that Sluice sees for the first time; otherwise its first rollouts are over. */
  readonly fromTheStart?: boolean;
  /** Ids of promotions that somebody let come again. */
  readonly reopened?: string[];
  /** Does something to its Redis: left out where there is none. */
  readonly needsRedis?: boolean;
  /** How long the whole may take on a busy machine, milliseconds; missing: what every story may. */
  readonly longestMs?: number;
};

type Line = Readonly<Record<string, unknown>> & { readonly message: string };

/** One story as it is being played. */
export type Told = ReturnType<typeof tell>;

/** A story takes seconds; a machine that does ten other things is waited for. Milliseconds. */
const usualMs = 300_000;
/** The longest wait for one thing within it. */
const patienceMs = 240_000;

/**
 * A test that plays the whole bot, as a process, against both simulators, on a clock that runs ten times as fast. Every
 * story ends with the same questions (`ending.ts`). A failure shows the bot's last lines.
 */
export function story(
  name: string,
  options: StoryOptions,
  play: (told: Told) => Promise<void>,
): void {
  const skipped = options.needsRedis === true && !hasRedisServer();
  it.skipIf(skipped)(name, { timeout: options.longestMs ?? usualMs }, async () => {
    const redis = hasRedisServer() ? await startRedis() : null;
    onTestFinished(async () => redis?.stop());
    const stage = await openStage({
      tenants: 2,
      pace: 10,
      speed: 60,
      ...options,
      policy: typeof options.policy === "string" ? options.policy : storyPolicy(options.policy),
      env: {
        SLUICE_SWEEP_INTERVAL: "1h",
        ...(redis === null ? {} : { REDIS_URL: redis.url }),
        ...options.env,
      },
    });
    onTestFinished(() => stage.close());
    const told = tell(stage, redis);
    try {
      if (options.fromTheStart !== true && options.withoutBot !== true)
        await told.settled(["dev", "staging", "prod"], stage.first.tag);
      await play(told);
      await expectCleanEnding(stage, await told.pulls(), options);
    } catch (error) {
      const last = stage.botLines().slice(-60).join("\n");
      if (error instanceof Error && !error.message.includes("last lines"))
        error.message += `\n\nthe bot's last lines:\n${last}`;
      throw error;
    }
  });
}

/** On this clock a minute of a busy machine is ten: only a story about time sets a timeout that it may reach. */
function storyPolicy(options: PolicyOptions = {}): PolicyOptions {
  return { timeout: "30m", ...options };
}

function tell(stage: Stage, redis: RedisServer | null) {
  const watched: Watched = { stage, patienceMs, pauseMs: 25 };
  const seen = people(stage);

  function waitFor<T>(
    what: string,
    look: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  ): Promise<T> {
    return until(watched, what, async () => (await look()) ?? undefined);
  }

  function lines(message: string): readonly Line[] {
    return stage
      .botLines()
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Line)
      .filter((line) => line.message === message);
  }

  return {
    stage,
    get redis(): RedisServer {
      if (redis === null) throw new Error("this story needs a Redis: say so in its options");
      return redis;
    },
    ...seen,
    waitFor,
    lines,
    settled: (environments: readonly string[], tag: string, from = 0) =>
      settled(watched, environments, tag, from),
    opened: async (environment: string, tag: string) => {
      const event = await opened(watched, environment, tag);
      return { ...event, pull: event.pull ?? 0 };
    },
    running: (environment: string, tag: string) => running(watched, environment, tag),
    /** The verdict on a tag in an environment, whatever it is. */
    verdict: (environment: string, tag: string, from = 0): Promise<BotEvent> =>
      waitFor(`a verdict on ${tag} in ${environment}`, () =>
        stage.events
          .slice(from)
          .find((event) => event.message === "rollout settled" && isAbout(event, environment, tag)),
      ),
    /** Pull requests of one stream's branch, newest first. */
    promotions: async (environment: string, service = "demo-api", ring = "all") =>
      (await seen.pulls()).filter(
        ({ head }) => head.ref === `sluice/${environment}/${service}/${ring}`,
      ),
    /** Waits until a check run of this name on a commit is as wanted, and returns it. */
    check: (
      repository: string,
      sha: string,
      name: string,
      wanted: (run: Awaited<ReturnType<typeof seen.checks>>[number]) => boolean = () => true,
    ) =>
      waitFor(`${name} on ${sha.slice(0, 7)}`, async () =>
        (await seen.checks(repository, sha, name)).find(wanted),
      ),
    /** Waits until a new answer of the App stands under a comment's pull request. */
    answer: (number: number, including: string) =>
      waitFor(`an answer on #${number} with "${including}"`, async () =>
        (await seen.comments(number)).find(
          ({ user, body }) => user.login === "sluice[bot]" && body.includes(including),
        ),
      ),
    reaction: (comment: number, content: string) =>
      waitFor(`${content} on comment ${comment}`, async () =>
        (await seen.reactions(comment)).includes(content),
      ),
    /**
     * Waits until the bot has nothing to do: no delivery on its way, nothing waiting or running in its queues, no
     * rollout between two looks. What has not happened by then does not happen by itself, except where time passes.
     */
    idle: async () => {
      let quiet = 0;
      await waitFor("the bot to have nothing to do", async () => {
        quiet = (await busy(stage)) ? 0 : quiet + 1;
        return quiet >= 4;
      });
    },
    /** API requests of the App since a moment, without the minting of tokens. */
    requests: async (since = 0) =>
      (await stage.githubControl.get<readonly LoggedRequest[]>(`requests?since=${since}`)).filter(
        ({ caller }) => caller.startsWith("installation:"),
      ),
    lastRequest: async () =>
      (await stage.githubControl.get<readonly LoggedRequest[]>("requests")).at(-1)?.number ?? 0,
  };
}

export type LoggedRequest = {
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly route: string | null;
  readonly operation: string | null;
  readonly status: number;
  readonly caller: string;
};

async function busy(stage: Stage): Promise<boolean> {
  const text = await (await fetch(`${stage.bot.url}/metrics`)).text();
  const jobs = text.split("\n").flatMap((line) => {
    const [, queue = "", state = "", count = "0"] =
      /^sluice_queue_jobs\{queue="(\w+)",state="(\w+)"\} (\d+)/.exec(line) ?? [];
    return queue === "" ? [] : [{ queue, state, count: Number(count) }];
  });
  return jobs.some(
    ({ queue, state, count }) =>
      count > 0 &&
      (["waiting", "active"].includes(state) || (state === "delayed" && queue !== "wakes")),
  );
}
