import { messageOf } from "./error.ts";
import { type Item, readPattern, UnreadablePattern } from "./tag-pattern-reader.ts";

const maxLength = 200;
/** A tag has at most 128 characters, so each step of this chain multiplies the work by no more than that. */
const maxChain = 3;
/** More repetitions than this count as endless. */
const manyTimes = 8;

/** Compiles a pattern for tags that has no problem. */
export function compileTagPattern(source: string): RegExp {
  return new RegExp(source, "u");
}

/**
 * What is wrong with a pattern for tags, with the remedy; null when nothing is. A policy comes from a repository, and
 * one pattern that takes exponential time would stop every other repository: what could is refused.
 */
export function tagPatternProblem(source: string): string | null {
  if (source.length > maxLength)
    return `the pattern has more than ${maxLength} characters: shorten it`;
  try {
    compileTagPattern(source);
  } catch (error) {
    return `not a regular expression: ${messageOf(error).replace(/^.*\/u: /s, "")}`;
  }
  if (/^[$()?:^]*latest[$)^]*$/.test(source)) {
    return '"latest" is never promoted: match the tags that each build gets of its own';
  }
  try {
    const alternatives = readPattern(source);
    if (nestsRepetitions(alternatives)) {
      return "the pattern nests one repetition in another so that a tag can be matched in countless ways: begin the inner part with a character that cannot occur in its repetitions";
    }
    if (alternatives.some((items) => longestChain(source, items) > maxChain)) {
      return 'the pattern repeats overlapping characters too often: put a fixed character between, or anchor it with "^"';
    }
    return null;
  } catch (error) {
    if (!(error instanceof UnreadablePattern)) throw error;
    return `the pattern's cost cannot be bounded: ${error.message}`;
  }
}

function nestsRepetitions(alternatives: readonly (readonly Item[])[]): boolean {
  return alternatives.flat().some((item) => {
    if (item.alternatives === null) return false;
    return (
      (item.max > manyTimes && !isDeterministic(item.alternatives)) ||
      nestsRepetitions(item.alternatives)
    );
  });
}

/** Whether a repeated group can be matched in one way only. */
function isDeterministic(alternatives: readonly (readonly Item[])[]): boolean {
  const firsts = alternatives.map((items) => items[0]);
  const apart = firsts.every((first, index) =>
    firsts
      .slice(index + 1)
      .every((other) => first !== undefined && other !== undefined && !overlap(first, other)),
  );
  return (
    (alternatives.length === 1 || (apart && firsts.every(isOne))) && alternatives.every(isSeparated)
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

/** How many repetitions in a row can take characters from one another: the degree of the matching time. */
function longestChain(source: string, items: readonly Item[]): number {
  let chain: Item[] = [];
  // Without "^" the engine tries every start, which is one repetition of anything before the pattern.
  const implicit = source.startsWith("^") ? 0 : 1;
  let longest = implicit;
  for (const { item, certain } of flatten(items, true)) {
    if (item.max <= manyTimes) {
      if (certain && item.min > 0) chain = chain.filter((earlier) => overlap(earlier, item));
      continue;
    }
    chain = [...chain.filter((earlier) => overlap(earlier, item)), item];
    longest = Math.max(longest, chain.length + implicit);
  }
  return longest;
}

/** Single characters in the order of the pattern; `certain` where each match must pass them. */
function* flatten(
  items: readonly Item[],
  certain: boolean,
): Generator<{ item: Item; certain: boolean }> {
  for (const item of items) {
    if (item.alternatives === null) {
      yield { item, certain };
      continue;
    }
    const sure = certain && item.min > 0 && item.alternatives.length === 1;
    for (const each of item.alternatives) yield* flatten(each, sure);
  }
}
