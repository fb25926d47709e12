/** What one installation has spent lately, as it stands in the facts. Times are milliseconds since 1970. */
export type Budget = {
  /** No call before this moment. */
  readonly blockedUntil: number;
  /** Refusals in a row for which GitHub named no end. */
  readonly strikes: number;
  /** By second: points and content-creating requests. */
  readonly seconds: readonly (readonly [second: number, points: number, content: number])[];
  /** By minute: content-creating requests. */
  readonly minutes: readonly (readonly [minute: number, content: number])[];
};

export type Cost = {
  readonly points: number;
  readonly content: boolean;
  /** A person waits for it: it may spend what is kept for that. */
  readonly urgent?: boolean;
};

/**
 * Design §8. GitHub documents 900 points a minute, 80 content-creating requests a minute and 500 an hour
 * ("Rate limits for the REST API"); users report that the last two are lower in practice.
 *
 * `kept`: of the points, so many only urgent calls may spend; enough to react to ten comments a minute. Ours.
 */
export const limits = { points: 900, kept: 60, contentMinute: 60, contentHour: 400 };

export const noBudget: Budget = { blockedUntil: 0, strikes: 0, seconds: [], minutes: [] };

/** A second counts for this long after its end: a minute, and what a request may take to arrive. */
const secondCounts = 61_000;
const minuteCounts = 3_600_000;

/** Takes the cost, or says from when on it may be asked for again. */
export function spend(
  budget: Budget,
  now: number,
  cost: Cost,
): { budget: Budget; until: number | null } {
  const kept = forget(budget, now);
  const until = allowedAt(kept, now, cost);
  return until > now ? { budget: kept, until } : { budget: add(kept, now, cost), until: null };
}

/** Adds a cost without asking: what arrived at GitHub later than it was granted. */
export function add(budget: Budget, now: number, cost: Cost): Budget {
  const content = cost.content ? 1 : 0;
  const second = Math.floor(now / 1000);
  const minute = Math.floor(now / 60_000);
  const [lastSecond, points, contentOfSecond] = budget.seconds.at(-1) ?? [-1, 0, 0];
  const [lastMinute, contentOfMinute] = budget.minutes.at(-1) ?? [-1, 0];
  return {
    ...budget,
    seconds:
      lastSecond === second
        ? [
            ...budget.seconds.slice(0, -1),
            [second, points + cost.points, contentOfSecond + content],
          ]
        : [...budget.seconds, [second, cost.points, content]],
    minutes:
      lastMinute === minute
        ? [...budget.minutes.slice(0, -1), [minute, contentOfMinute + content]]
        : [...budget.minutes, [minute, content]],
  };
}

/**
 * GitHub said stop. Without a moment: a minute, doubled at every refusal in a row, at most an hour
 * (docs "Best practices for using the REST API": "wait for at least one minute", then exponentially longer).
 */
export function block(budget: Budget, now: number, until: number | null): Budget {
  if (until !== null) {
    return { ...budget, blockedUntil: Math.max(budget.blockedUntil, until) };
  }
  // Calls that were under way together are refused together: they count once.
  if (budget.blockedUntil > now) return budget;
  const quiet = now - budget.blockedUntil > 600_000;
  const strikes = quiet ? 1 : budget.strikes + 1;
  const pause = Math.min(60_000 * 2 ** (strikes - 1), 3_600_000);
  return { ...budget, strikes, blockedUntil: now + pause };
}

function forget(budget: Budget, now: number): Budget {
  return {
    ...budget,
    seconds: budget.seconds.filter(([second]) => secondEnds(second) > now),
    minutes: budget.minutes.filter(([minute]) => minuteEnds(minute) > now),
  };
}

function secondEnds(second: number): number {
  return second * 1000 + 1000 + secondCounts;
}

function minuteEnds(minute: number): number {
  return minute * 60_000 + 60_000 + minuteCounts;
}

function allowedAt(budget: Budget, now: number, cost: Cost): number {
  const points = budget.seconds.map(([second, spent]) => [secondEnds(second), spent] as const);
  const most = cost.urgent === true ? limits.points : limits.points - limits.kept;
  const moments = [now, budget.blockedUntil, roomAt(points, most - cost.points, now)];
  if (cost.content) {
    const minute = budget.seconds.map(([second, , spent]) => [secondEnds(second), spent] as const);
    const hour = budget.minutes.map(([each, spent]) => [minuteEnds(each), spent] as const);
    moments.push(roomAt(minute, limits.contentMinute - 1, now));
    moments.push(roomAt(hour, limits.contentHour - 1, now));
  }
  return Math.max(...moments);
}

/** The first moment at which what still counts is no more than `room`. */
function roomAt(
  spent: readonly (readonly [ends: number, amount: number])[],
  room: number,
  now: number,
): number {
  let sum = spent.reduce((total, [, amount]) => total + amount, 0);
  let at = now;
  for (const [ends, amount] of [...spent].sort((one, other) => one[0] - other[0])) {
    if (sum <= room) break;
    sum -= amount;
    at = ends;
  }
  return at;
}
