import { randomUUID } from "node:crypto";

import { startRedis } from "../../queue/redis-server.ts";
import { demoPolicy, platform, source, valuesFile } from "../../stage/seed.ts";
import { openStage } from "../../stage/stage.ts";
import { opened, type Watched } from "../../stage/watch.ts";
import type { Figure, Part } from "../figure.ts";
import { idle, publish, pushSource, settledAt } from "../requests/promote.ts";
import { latencyMs } from "../requests/scenario.ts";
import { sendBurst, sentUntilNow } from "./burst.ts";
import { reactionTimes, type Places } from "./reactions.ts";

const numbers = [3, 1_000];
const sentAtOnce = 1_000;
const mostMs = 1_000;
/** Files that a person changes at once. */
const most = 200;

/** The first reaction says that a command was heard: whoever wrote it must not wonder. */
export const commands: Part = {
  name: "commands",
  about: `from a command to its first reaction, ${latencyMs} ms a call: /promote, /status, one that is refused, one that is not understood`,
  measure: async ({ redis, progress }) => {
    if (redis === null) throw new Error("there is no redis-server here");
    const figures: Figure[] = [];
    for (const tenants of numbers) figures.push(...(await measure(tenants, progress)));
    return figures;
  },
};

async function measure(
  tenants: number,
  progress: (sentence: string) => void,
): Promise<readonly Figure[]> {
  const tell = (sentence: string) => progress(`${tenants} tenants: ${sentence}`);
  tell("starting");
  const redis = await startRedis();
  try {
    const stage = await openStage({
      tenants,
      service: "simulated",
      speed: 1_000,
      automated: { dev: true, staging: true, prod: true },
      // The promotion into staging stays open, whatever is agreed to.
      policy: demoPolicy({ soak: "12h", timeout: "10m" }),
      env: { REDIS_URL: redis.url },
    });
    const watched: Watched = { stage, progress: tell, patienceMs: 600_000 };
    try {
      const places = await prepare(watched);
      const samples = await sentUntilNow(stage);
      await stage.githubControl.post("latency", { ms: latencyMs });
      const alone = await reactionTimes(watched, places, () => idle(stage));
      const moving = await reactionTimes(watched, places, () => changeFiles(watched));
      await idle(stage);
      const left: number[] = [];
      const crowded = await reactionTimes(watched, places, async () =>
        left.push(await sendBurst(stage, samples, sentAtOnce)),
      );
      return [
        figure(tenants, "nothing else to do", alone),
        figure(tenants, "while its repository is reconciled", moving),
        figure(tenants, "behind many other deliveries", crowded),
        {
          what: `${inAll(tenants)}: deliveries that waited then, the most`,
          value: Math.max(...left),
          unit: "",
          bound: { atLeast: 1 },
        },
      ];
    } finally {
      await stage.close();
    }
  } finally {
    await redis.stop();
  }
}

function figure(tenants: number, when: string, times: readonly number[]): Figure {
  const what = `${inAll(tenants)}: command → reaction, ${when}, the longest of ${times.length}`;
  return { what, value: Math.max(...times), unit: "ms", bound: { atMost: mostMs } };
}

function inAll(tenants: number): string {
  return `${tenants.toLocaleString("en-US")} tenants`;
}

/** An open promotion into staging, and the merged pull request that it comes from. */
async function prepare(watched: Watched): Promise<Places> {
  const { stage } = watched;
  const { githubControl: control, first } = stage;
  for (const environment of ["dev", "staging", "prod"])
    await settledAt(watched, environment, first.tag);
  const at = { repository: source, user: "bob" };
  await control.post("push", {
    ...at,
    branch: "louder",
    message: "feat: louder",
    files: { a: "1" },
  });
  const pull = { ...at, head: "louder", title: "feat: louder" };
  const { number } = await control.post<{ number: number }>("pull-request", pull);
  await control.post("merge", { ...at, number });
  const pushed = await pushSource(stage, "louder");
  await publish(stage, pushed);
  const { pull: promotion } = await opened(watched, "staging", pushed.tag);
  if (promotion === undefined) throw new Error("the promotion has no number");
  await idle(stage);
  return { promotion, source: number };
}

/** Somebody changes the tenants' files: everything is read and planned anew, and the promotion rebuilt. */
async function changeFiles({ stage }: Watched): Promise<void> {
  const { tag, digest } = stage.first;
  const note = `# ${randomUUID()}\n`;
  const files = stage.tenants
    .slice(0, most)
    .map((tenant) => [
      `gitops/tenants/${tenant}/staging.yaml`,
      valuesFile(tenant, "staging", tag, digest) + note,
    ]);
  await stage.githubControl.post("push", {
    repository: platform,
    user: "bob",
    message: "chore: tune the tenants",
    files: Object.fromEntries(files),
  });
}
