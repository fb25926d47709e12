import { standingTicks, tickId, type Tick } from "#core/dashboard-tick.ts";

import { rememberStops } from "./remember-stops.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** So long the dashboard says that a tick was not heard. Ours. */
const saidForMs = 24 * 60 * 60_000;

/** Somebody's ticks were answered: they were heard, however late. */
export async function noteHeard(context: RepositoryContext, ticks: readonly Tick[]): Promise<void> {
  if (ticks.length === 0) return;
  const ids = ticks.map(tickId);
  await rememberStops(context).changeTicks(({ heard, unheard }) => ({
    heard: [...heard, ...ids],
    unheard: unheard.filter(({ tick }) => !ids.includes(tickId(tick))),
  }));
}

/** The ticks of which the dashboard has to say that they were not heard. */
export async function recallUnheard(context: RepositoryContext): Promise<readonly Tick[]> {
  const known = await rememberStops(context).ticks();
  return known === null ? [] : stillSaid(context, known.unheard).map(({ tick }) => tick);
}

/**
 * The dashboard is about to be written anew, without any tick. What is ticked there and was not answered is remembered:
 * nobody has told who it was, so nothing can be done, and it must not vanish in silence.
 *
 * @param body what stands there.
 * @returns to be called once it is written.
 */
export async function noteUnheard(
  context: RepositoryContext,
  body: string,
): Promise<() => Promise<void>> {
  const memory = rememberStops(context);
  const standing = standingTicks(body);
  const known = await memory.ticks();
  if (known === null && standing.length === 0) return async () => undefined;
  const at = context.now.toISOString();
  await memory.changeTicks(({ heard, unheard }) => {
    const found = standing.filter((tick) => !heard.includes(tickId(tick)));
    const ids = found.map(tickId);
    const before = stillSaid(context, unheard).filter(({ tick }) => !ids.includes(tickId(tick)));
    return { heard, unheard: [...before, ...found.map((tick) => ({ tick, at }))] };
  });
  // What is heard from now on may be about what is ticked there by then.
  const seen = known?.heard.length ?? 0;
  return async () =>
    memory.changeTicks(({ heard, unheard }) => ({ heard: heard.slice(seen), unheard }));
}

function stillSaid<T extends { readonly at: string }>(
  { now }: RepositoryContext,
  said: readonly T[],
): readonly T[] {
  return said.filter(({ at }) => Date.parse(at) > now.getTime() - saidForMs);
}
