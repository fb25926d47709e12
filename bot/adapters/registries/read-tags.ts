import { z } from "zod";

import { isTag } from "#core/artifact.ts";

import { ReadFailure } from "./read-failure.ts";
import { jsonOf, requireOk } from "./read-manifest.ts";
import type { RegistryClient } from "./registry-client.ts";

const largest = 8 * 1024 * 1024;
/** Pages of a thousand; a list that does not end before is no answer. */
const mostPages = 200;

const schema = z.object({ tags: z.array(z.string()).nullable() });

/** All tags, or a failure: half a list would look like a whole one. */
export async function readTags(client: RegistryClient): Promise<readonly string[]> {
  const tags = new Set<string>();
  let target: string | null = "tags/list?n=1000";
  for (let page = 0; target !== null; page += 1) {
    if (page >= mostPages) throw new ReadFailure("too-large", "The list of tags does not end.");
    const answer = await client.get(target, { limit: largest });
    requireOk(answer);
    const parsed = schema.safeParse(jsonOf(answer.body));
    if (!parsed.success) throw new ReadFailure("not-a-list", "The answer is not a list of tags.");
    for (const tag of parsed.data.tags ?? []) if (isTag(tag)) tags.add(tag);
    target = nextOf(answer.headers.get("link"));
  }
  return [...tags];
}

/** The client refuses an address that is not the registry's own. */
function nextOf(link: string | null): string | null {
  if (link === null) return null;
  const target = /<([^>]+)>\s*;\s*rel="?next"?/iu.exec(link)?.[1];
  if (target === undefined) throw new ReadFailure("not-a-list", "The list goes on, but not where.");
  return target;
}
