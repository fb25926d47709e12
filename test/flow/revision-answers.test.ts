import { expect, it } from "vitest";

import { answerRevisions } from "#flow/revision-answers.ts";
import type { GitopsRepo } from "#ports/gitops-repo.ts";

import { anArtifact, aTarget } from "../builders.ts";

const target = aTarget("a");
const commit = "c".repeat(40);

/** Does this text hold the artifact that a rollout is about? */
async function holds(text: string, tag: string, digest: string | null = null) {
  const entry = { path: target.file, sha: "sha", mode: "100644", size: text.length };
  const repository: Pick<GitopsRepo, "files" | "contents"> = {
    files: async () => new Map([[target.file, entry]]),
    contents: async () => new Map([["sha", Buffer.from(text, "utf8")]]),
  };
  const assignment = {
    commit,
    targets: [target],
    artifact: anArtifact(tag, { digest }),
    values: { tag: "image.tag", digest: "image.digest" },
  } as unknown as Parameters<typeof answerRevisions>[1];
  const answer = await answerRevisions(repository as GitopsRepo, assignment)(target, commit);
  return [answer.holds, answer.sentence];
}

it.for([
  ["image: { tag: v1 }", "v1"],
  ['image: { tag: "1234567" }', "1234567"],
  ["image: { tag: '1234567' }", "1234567"],
  ["image: { tag: !!str 1234567 }", "1234567"],
] as const)("%s holds %s", async ([text, tag]) => {
  expect(await holds(text, tag)).toEqual(["yes", ""]);
});

it("what Helm reads as something else is not held", async () => {
  expect(await holds("image: { tag: 1234567 }", "1234567")).toEqual([
    "no",
    "At ccccccc, tenants/a/dev.yaml holds 1234567 at image.tag, which Helm reads as a number: write it in quotes.",
  ]);
});

it("another tag, and another digest, are not held", async () => {
  expect(await holds("image: { tag: v2 }", "v1")).toEqual([
    "no",
    "At ccccccc, tenants/a/dev.yaml holds something else than v1 at image.tag.",
  ]);
  const digest = `sha256:${"a".repeat(64)}`;
  expect((await holds("image: { tag: v1, digest: x }", "v1", digest))[0]).toBe("no");
  expect((await holds("image: { tag: v1 }", "v1", digest))[0]).toBe("no");
});
