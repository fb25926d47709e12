import { expect } from "vitest";

import { parseBody } from "#core/promotion-body.ts";

import type { Pull } from "./people.ts";
import type { Stage } from "./stage.ts";

/** What must hold at the end of every story, whatever happened in it. */
export async function expectCleanEnding(
  stage: Stage,
  pulls: readonly Pull[],
  options: { readonly reopened?: readonly string[] } = {},
): Promise<void> {
  expect(await stage.githubControl.get("violations")).toEqual([]);
  expect(await stage.argocdControl.get("problems")).toEqual({ violations: [], errors: [] });
  expect(stage.botLines().filter(isTrouble)).toEqual([]);
  expect(repeated(pulls).filter((id) => options.reopened?.includes(id) !== true)).toEqual([]);
}

/** An `error` line is a bug of ours, and whatever is no log line at all was never meant to be written. */
function isTrouble(line: string): boolean {
  if (!line.startsWith("{")) return true;
  return ["error", "fatal"].includes((JSON.parse(line) as { level: string }).level);
}

/** Promotions that more than one pull request carries. */
function repeated(pulls: readonly Pull[]): readonly string[] {
  const seen = pulls
    .filter(({ head }) => head.ref.startsWith("sluice/"))
    .flatMap(({ body }) => parseBody(body)?.id ?? []);
  return seen.filter((id, index) => seen.indexOf(id) !== index);
}
