import type { TestContext } from "vitest";

import { startRedis, type RedisServer } from "../queue/redis-server.ts";
import { layInWait, momentsOf, nameOf, nextCaught, type Moment, type Trouble } from "./moments.ts";
import { people } from "./people.ts";
import { problemsOf, promotionEnded } from "./promotion-end.ts";
import { environments } from "./seed.ts";
import { openStage, type Published, type Stage, type StageOptions } from "./stage.ts";
import { settled, until } from "./watch.ts";

/** A stage on which every environment merges by itself, and prod's applications wait for Sluice's sync. */
export type Siege = { readonly stage: Stage; readonly redis: RedisServer };

/** Milliseconds for the recovery from everything that is done to one promotion. */
const patienceMs = 90_000;

export async function openSiege(
  { onTestFinished }: Pick<TestContext, "onTestFinished">,
  options: StageOptions = {},
): Promise<Siege> {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const stage = await openStage({
    tenants: 2,
    pace: 10,
    speed: 100,
    policy: { prodMerge: "auto", timeout: "10m" },
    ...options,
    env: { REDIS_URL: redis.url, SLUICE_SWEEP_INTERVAL: "1m", ...options.env },
  });
  onTestFinished(() => stage.close());
  await settled({ stage, patienceMs }, environments, stage.first.tag);
  return { stage, redis };
}

/** Plays one promotion undisturbed and tells every moment at which the next can be caught. */
export async function recordMoments({ stage }: Siege): Promise<readonly Moment[]> {
  const since = (await stage.githubControl.get<readonly unknown[]>("requests")).length;
  const { problems } = await playPromotion(stage, [], () => Promise.resolve());
  if (problems.length > 0) throw new Error(`undisturbed: ${problems.join("\n")}`);
  const requests = await stage.githubControl.get<Parameters<typeof momentsOf>[0]>(
    `requests?since=${since}`,
  );
  return momentsOf(requests, environments, { prod: stage.tenants.length });
}

export type Played = {
  readonly built: Published;
  readonly problems: readonly string[];
  readonly reached: readonly string[];
  readonly unreached: readonly string[];
  /** Rules of the simulator that met no request. */
  readonly unused: readonly { readonly applied: number; readonly method?: string }[];
  /** From the last thing done to the end, milliseconds. */
  readonly recoveryMs: number;
};

let notes = 0;

/**
 * Builds one image, catches the bot at these moments (in the order of the story) and does something to it there; then
 * waits for the end. A person pushes a file of her own each time, which must not get lost.
 */
export async function playPromotion(
  stage: Stage,
  moments: readonly Moment[],
  strike: (moment: Moment) => Promise<void>,
  trouble: Trouble = {},
): Promise<Played> {
  const { push } = people(stage);
  const timelineFrom = (await stage.argocdControl.get<readonly unknown[]>("timeline")).length;
  await layInWait(stage, moments, trouble);
  const built = await stage.build("feat: greet louder");
  const files: Record<string, string> = {};
  const reached: string[] = [];
  // While GitHub is made to fail, it fails for whoever looks at it, too.
  const ended = () => promotionEnded(stage, built).catch(() => false);
  let struckAt = performance.now();
  for (const [index, moment] of moments.entries()) {
    if (!(await nextCaught(stage, index, ended))) break;
    reached.push(nameOf(moment));
    notes += 1;
    const path = `docs/note-${notes}.md`;
    files[path] = `Note ${notes}.\n`;
    await push("bob", { [path]: files[path] }, { message: "docs: a note" });
    await strike(moment);
    struckAt = performance.now();
  }
  await until({ stage, patienceMs }, `the end of ${built.tag} after ${reached.join("; ")}`, ended);
  const recoveryMs = performance.now() - struckAt;
  const rules = await stage.githubControl.get<Played["unused"]>("faults");
  await layInWait(stage, []);
  let problems = await problemsOf(stage, built, { timelineFrom, files });
  if (problems.length > 0) {
    // What comes a moment later, such as a mended check run, is no problem.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    problems = await problemsOf(stage, built, { timelineFrom, files });
  }
  const names = moments.map(nameOf);
  return {
    built,
    problems: problems.map((one) => `${names.join(" + ")}: ${one}`),
    reached,
    unreached: names.filter((name) => !reached.includes(name)),
    unused: rules.filter(({ applied }) => applied === 0),
    recoveryMs,
  };
}

/** One moment of each environment makes one promotion: as many as there are of the longest. */
export function inPromotions(moments: readonly Moment[]): readonly (readonly Moment[])[] {
  const columns = environments.map((environment) =>
    moments.filter((moment) => moment.environment === environment),
  );
  const longest = Math.max(...columns.map((column) => column.length));
  return Array.from({ length: longest }, (_, index) =>
    columns.flatMap((column) => column[index] ?? []),
  );
}

/** Each kind of write once on each side, in turn in one environment after the other. */
export function everyKind(moments: readonly Moment[]): readonly Moment[] {
  const first = moments.filter(({ write, nth }) => nth === 1 || !/^PATCH|sync$/.test(write));
  const kinds = Map.groupBy(first, ({ write, nth, phase }) => `${write} ${nth} ${phase}`);
  return [...kinds.values()].flatMap((same, index) => same[index % same.length] ?? []);
}
