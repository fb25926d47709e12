import { messageOf } from "./error.ts";
import { nestsRepetitions, waysToMatch } from "./tag-pattern-cost.ts";
import { readPattern, UnreadablePattern } from "./tag-pattern-reader.ts";

const maxLength = 200;
/** Powers of two: four million ways to match one tag take some 50 ms. */
const maxWays = 22;

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
    if (waysToMatch(alternatives) > maxWays) {
      return 'the pattern repeats overlapping characters too often: put a fixed character between, or anchor it with "^"';
    }
    return null;
  } catch (error) {
    if (!(error instanceof UnreadablePattern)) throw error;
    return `the pattern's cost cannot be bounded: ${error.message}`;
  }
}
