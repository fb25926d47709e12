import type { Item } from "./tag-pattern-reader.ts";

type Alternatives = readonly (readonly Item[])[];

/** A group that is repeated more often than this must be matched in one way only. */
const maxRounds = 8;
/** Characters of the longest tag. */
const longestTag = 128;

/** Whether a repeated group can be matched in countless ways. */
export function nestsRepetitions(alternatives: Alternatives): boolean {
  return alternatives.flat().some((item) => {
    if (item.alternatives === null) return false;
    return (
      (item.max > maxRounds && !isDeterministic(item.alternatives)) ||
      nestsRepetitions(item.alternatives)
    );
  });
}

/** Whether a repeated group can be matched in one way only. */
function isDeterministic(alternatives: Alternatives): boolean {
  const told =
    alternatives.length === 1 ||
    (areApart(alternatives) && alternatives.every(([first]) => isOne(first)));
  return told && alternatives.every(isSeparated);
}

/** Whether the first character tells which alternative it is. */
function areApart(alternatives: Alternatives): boolean {
  return alternatives.every(([first], index) =>
    alternatives
      .slice(index + 1)
      .every(
        ([other]) =>
          first !== undefined &&
          other !== undefined &&
          first.min > 0 &&
          other.min > 0 &&
          !overlap(first, other),
      ),
  );
}

/** Of fixed length, or its parts of varying length are told from the next round by its first or last character. */
function isSeparated(items: readonly Item[]): boolean {
  const varying = items.filter(varies);
  if (varying.length === 0) return items.length > 0;
  return [items[0], items.at(-1)].some(
    (edge) => edge !== undefined && isOne(edge) && varying.every((item) => !overlap(edge, item)),
  );
}

function varies(item: Item): boolean {
  return (
    item.min !== item.max ||
    (item.alternatives?.length ?? 0) > 1 ||
    (item.alternatives?.flat().some(varies) ?? false)
  );
}

function isOne(item: Item | undefined): boolean {
  return item !== undefined && item.alternatives === null && item.min === 1 && item.max === 1;
}

function overlap(one: Item, other: Item): boolean {
  return !one.characters.isDisjointFrom(other.characters);
}

/** Ways that lead here, in powers of two: settled ones, and those of repetitions that can still trade characters. */
type Ways = { readonly settled: number; readonly open: readonly Weighed[] };
type Weighed = { readonly item: Item; readonly weight: number };

/**
 * An upper estimate of the number of ways in which one tag can be tried, as a power of two: the matching time.
 *
 * Neighbouring repetitions trade characters unless something between them cannot stand in them; alternatives and
 * options multiply where their beginnings do not tell them apart.
 */
export function waysToMatch(alternatives: Alternatives): number {
  let most = 0;
  const note = (ways: Ways): Ways => {
    most = Math.max(most, totalOf(ways));
    return ways;
  };
  // The engine tries every start, until "^" says otherwise.
  const anything = {
    characters: everything(alternatives),
    alternatives: null,
    min: 0,
    max: Infinity,
  };
  note(afterGroup(alternatives, after(anything, { settled: 0, open: [] }, note), note));
  return most;
}

function after(item: Item, before: Ways, note: (ways: Ways) => Ways): Ways {
  const { alternatives } = item;
  if (alternatives === null) {
    const { settled, open } = item.min > 0 ? separate(before, item) : before;
    const weight = Math.log2(Math.min(item.max, longestTag) - item.min + 1);
    return note({ settled, open: weight > 0 ? [...open, { item, weight }] : open });
  }
  const rounds = isDeterministic(alternatives) ? 1 : Math.min(item.max, maxRounds);
  let ways = before;
  for (let round = 0; round < rounds; round++) {
    const entered = afterGroup(alternatives, ways, note);
    ways = round < item.min ? entered : heaviest([ways, entered]);
    if (round >= item.min) ways = note({ ...ways, settled: ways.settled + 1 });
  }
  return ways;
}

function afterGroup(alternatives: Alternatives, before: Ways, note: (ways: Ways) => Ways): Ways {
  const ends = alternatives.map((items) =>
    items.reduce((ways, item) => after(item, ways, note), before),
  );
  const { settled, open } = heaviest(ends);
  return { settled: settled + (areApart(alternatives) ? 0 : Math.log2(alternatives.length)), open };
}

/** What cannot stand in a repetition ends it: of such a section all ways but the last choice are settled. */
function separate({ settled, open }: Ways, by: Item): Ways {
  const kept = open.filter(({ item }) => overlap(item, by));
  const ended = open.filter(({ item }) => !overlap(item, by)).map(({ weight }) => weight);
  const last = kept.length === 0 ? Math.max(0, ...ended) : 0;
  return { settled: settled + ended.reduce((sum, weight) => sum + weight, 0) - last, open: kept };
}

function totalOf({ settled, open }: Ways): number {
  return open.reduce((sum, { weight }) => sum + weight, settled);
}

function heaviest(all: readonly Ways[]): Ways {
  return all.reduce((one, other) => (totalOf(other) > totalOf(one) ? other : one));
}

function everything(alternatives: Alternatives): ReadonlySet<string> {
  return new Set(alternatives.flat().flatMap(({ characters }) => [...characters]));
}
