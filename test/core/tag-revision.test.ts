import * as fc from "fast-check";
import { expect, it } from "vitest";

import { revisionInTag, tagsForRevision } from "#core/tag-revision.ts";

const revision = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d";

it.for([
  ["sha-1a2b3c4", "1a2b3c4"],
  ["1a2b3c4", "1a2b3c4"],
  ["git-1a2b3c4d", "1a2b3c4d"],
  ["sha1a2b3c4", "1a2b3c4"],
  ["v1.2.0-5-g1a2b3c4", "1a2b3c4"],
  ["1.4.0-1a2b3c4d", "1a2b3c4d"],
  ["20240101-1a2b3c4", "1a2b3c4"],
  ["20240101.1a2b3c4_main", "1a2b3c4"],
  [`main-${revision}`, revision],
  ["1234567", "1234567"],
  ["1a2b3c", null],
  ["1A2B3C4", null],
  ["feedback", null],
  ["latest", null],
  ["1.2.3", null],
  ["cafe123-dead456", null],
  [`${revision}0`, null],
] as const)("%s names %s", ([tag, named]) => {
  expect(revisionInTag(tag)).toBe(named);
});

it("gives the tags that the policy admits, the likeliest first", () => {
  expect(tagsForRevision(/^sha-[0-9a-f]{7,40}$/, revision).slice(0, 2)).toEqual([
    "sha-1a2b3c4",
    `sha-${revision}`,
  ]);
  expect(tagsForRevision(/^[0-9a-f]{40}$/, revision)).toEqual([revision]);
  expect(tagsForRevision(/^v\d/, revision)).toEqual([]);
});

it("finds the revision again in every tag that it would look for", () => {
  const letters = fc
    .stringMatching(/^[0-9a-f]{40}$/)
    .filter((text) => /[a-f]/.test(text.slice(0, 7)));
  fc.assert(
    fc.property(letters, (full) => {
      const tags = tagsForRevision(/./, full);
      expect(new Set(tags).size).toBe(tags.length);
      for (const tag of tags) expect(full.startsWith(revisionInTag(tag) ?? "none")).toBe(true);
    }),
  );
});
