import { setTimeout as pause } from "node:timers/promises";

import type { Stage } from "./stage.ts";

/** One write of the bot, and on which side of it the bot is caught. */
export type Moment = {
  readonly environment: string;
  /** `POST /repos/{owner}/{repo}/git/trees`; Argo CD's sync is `POST sync`. */
  readonly write: string;
  /** Which of those that are about the environment; the first is 1. */
  readonly nth: number;
  /** `before`: nothing was applied. `applied`: it was, and the answer is lost. */
  readonly phase: "before" | "applied";
};

const syncWrite = "POST sync";

export function nameOf({ environment, write, nth, phase }: Moment): string {
  return `${environment}: ${write} #${nth}, ${phase}`;
}

/** What happens beside the moments. */
export type Trouble = {
  readonly cutAfterMs?: number;
  /** Rules of GitHub's simulator, see its `faults.ts`. */
  readonly faults?: readonly object[];
};

/**
 * Has the simulators hold the bot at each of these moments, once. `cutAfterMs`: how long, before the connection is cut;
 * else until whoever waits there is killed.
 */
export async function layInWait(
  stage: Stage,
  moments: readonly Moment[],
  { cutAfterMs, faults = [] }: Trouble = {},
): Promise<void> {
  const cut = cutAfterMs === undefined ? {} : { ms: cutAfterMs };
  const rules = moments
    .filter((moment) => moment.write !== syncWrite)
    .map(({ environment, write, nth, phase }) => {
      const [method, route] = write.split(" ");
      const fault = phase === "before" ? "hang" : "apply-then-hang";
      return { fault, method, route, body: environment, nth, ...cut };
    });
  await stage.githubControl.post("faults", { rules: [...rules, ...faults] });
  await stage.argocdControl.post("faults", {
    rules: moments
      .filter((moment) => moment.write === syncWrite)
      .map(({ environment, nth, phase }) => ({
        kind: "http",
        method: "POST",
        path: `-${environment}/sync$`,
        ...(nth === 1 ? {} : { nth }),
        times: 1,
        afterEffect: phase === "applied",
        effect: { type: "hang" },
      })),
  });
}

/** How many requests have been caught since the bot was last waited for. */
export async function caught(stage: Stage): Promise<number> {
  const [rules, argocd] = await Promise.all([
    stage.githubControl.get<readonly { held: number }[]>("faults"),
    stage.argocdControl.get<{ held: number }>("held"),
  ]);
  return rules.reduce((sum, { held }) => sum + held, argocd.held);
}

/** Waits until the bot hangs in one more request than before; false when the story ended first. */
export async function nextCaught(
  stage: Stage,
  before: number,
  ended: () => Promise<boolean>,
): Promise<boolean> {
  for (let looks = 1; ; looks += 1) {
    if ((await caught(stage)) > before) return true;
    if (looks % 40 === 0 && (await ended())) return (await caught(stage)) > before;
    await pause(5);
  }
}

const mostEdits = 3;

type Write = { readonly method: string; readonly route: string | null; readonly caller: string };

/**
 * Every moment of one promotion, from the writes that one has made: each environment begins with its first tree.
 * Argo CD is asked for a sync where applications do not sync by themselves.
 */
export function momentsOf(
  requests: readonly Write[],
  environments: readonly string[],
  syncs: Readonly<Record<string, number>>,
): readonly Moment[] {
  const writes: Omit<Moment, "phase">[] = [];
  let place = -1;
  for (const { method, route, caller } of requests) {
    if (["GET", "HEAD"].includes(method) || !caller.startsWith("installation:")) continue;
    const write = `${method} ${route ?? ""}`;
    if (write.endsWith("/git/trees")) place += 1;
    const environment = environments[place];
    if (environment === undefined) continue;
    // A rollout's check run is edited as often as the machine is slow.
    const same = writes.filter((one) => one.environment === environment && one.write === write);
    if (same.length < mostEdits) writes.push({ environment, write, nth: same.length + 1 });
  }
  for (const [environment, count] of Object.entries(syncs))
    for (let nth = 1; nth <= count; nth += 1) writes.push({ environment, write: syncWrite, nth });
  return writes.flatMap((write) => [
    { ...write, phase: "before" as const },
    { ...write, phase: "applied" as const },
  ]);
}
