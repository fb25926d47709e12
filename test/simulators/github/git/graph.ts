import type { Commit } from "./commits.ts";

/** How far these shortcuts look before git itself is asked. */
const STEPS = 50;

type Read = (sha: string) => Promise<Commit | undefined>;

/**
 * The commits after `base` up to `head`, newest first, if a single line of commits leads from one to the other.
 * Undefined says nothing: git has to be asked.
 */
export async function straightLine(
  read: Read,
  base: string,
  head: string,
): Promise<string[] | undefined> {
  const line: string[] = [];
  let at = head;
  while (at !== base) {
    if (line.length >= STEPS) return undefined;
    const commit = await read(at);
    const [parent, second] = commit?.parents ?? [];
    if (parent === undefined || second !== undefined) return undefined;
    line.push(at);
    at = parent;
  }
  return line;
}
