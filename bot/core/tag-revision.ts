/**
 * The source revision that a tag names: the longest run of 7 to 40 lower-case hexadecimal digits (`sha-1a2b3c4`,
 * `1.4.0-1a2b3c4d`, `v1.2.0-5-g1a2b3c4`). Null where there is none, or where two are equally long. Digits alone may be
 * a date, so a run with a letter wins over them. A run is a hint: the source repository must know it, and only one.
 */
export function revisionInTag(tag: string): string | null {
  const runs = tag.match(runPattern) ?? [];
  const lettered = runs.filter((run) => /[a-f]/.test(run));
  const likely = lettered.length > 0 ? lettered : runs;
  const length = Math.max(0, ...likely.map((run) => run.length));
  const longest = new Set(likely.filter((run) => run.length === length));
  const [first] = longest;
  return longest.size === 1 && first !== undefined ? first : null;
}

/** A run stands by itself, or behind the word that builds put there: `feedback` is no revision. */
const runPattern = /(?<=(?:^|[^A-Za-z0-9])(?:g|git|sha|commit)?)[0-9a-f]{7,40}(?![A-Za-z0-9])/g;

/**
 * Tags under which a build of this revision is usually published, as far as the policy's `tags.match` admits them; the
 * likeliest first. `revision` is a full SHA.
 */
export function tagsForRevision(match: RegExp, revision: string): readonly string[] {
  return candidates(revision).filter((tag) => match.test(tag));
}

/** The lengths that builds use: Git's short SHA, its neighbours in larger repositories, and the whole. */
const lengths = [7, 40, 8, 9, 10, 11, 12, 16, 20];
const prefixes = ["sha-", "", "git-", "sha", "g", "commit-", "main-"];

function candidates(revision: string): readonly string[] {
  return prefixes.flatMap((prefix) => lengths.map((length) => prefix + revision.slice(0, length)));
}
