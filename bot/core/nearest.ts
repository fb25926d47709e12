import { distance } from "fastest-levenshtein";

/** The candidate that was probably meant, or null when none is near enough to say so. */
export function nearest(text: string, candidates: Iterable<string>): string | null {
  // A longer text is cut: the comparison is quadratic and nobody misspells by a hundred letters.
  const typed = text.slice(0, 100).toLowerCase();
  let best: string | null = null;
  let least = Infinity;
  for (const candidate of candidates) {
    const edits = distance(typed, candidate.toLowerCase());
    const allowed = Math.min(3, Math.ceil(Math.max(typed.length, candidate.length) / 2.5));
    if (edits <= allowed && edits < least) [best, least] = [candidate, edits];
  }
  return best;
}

/** The candidate that one slip makes of the text: a letter too many, too few, wrong, or two neighbours swapped. */
export function oneSlipAway(text: string, candidates: Iterable<string>): string | null {
  const typed = text.slice(0, 100).toLowerCase();
  for (const candidate of candidates)
    if (distance(typed, candidate) === 1 || swapped(typed, candidate)) return candidate;
  return null;
}

function swapped(typed: string, word: string): boolean {
  const swaps = Array.from({ length: word.length - 1 }, (_, at) =>
    [word.slice(0, at), word[at + 1], word[at], word.slice(at + 2)].join(""),
  );
  return typed !== word && swaps.includes(typed);
}

/** `: did you mean "promoters"?`, or nothing. */
export function didYouMean(text: string, candidates: Iterable<string>): string {
  const meant = nearest(text, candidates);
  return meant === null ? "" : `: did you mean "${meant}"?`;
}

/** A foreign text between double quotes: one line, at most 60 characters, no control characters. */
export function quoted(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029"]/gu, "·");
  return `"${line.length > 60 ? `${line.slice(0, 59)}…` : line}"`;
}
