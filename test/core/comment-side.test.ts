import { expect, it } from "vitest";

import { renderNoWayBack, renderRolledBack, rollbackMarker } from "#core/comment-rollback.ts";
import {
  renderAgreed,
  renderConsentDryRun,
  renderDryRun,
  renderOpened,
} from "#core/comment-side.ts";

import { anArtifact, aStream } from "../builders.ts";

const marker = rollbackMarker;
const artifact = { ...anArtifact("v3"), digest: `sha256:${"a".repeat(64)}` };
const pull = {
  repository: "acme/platform",
  number: 7,
  url: "https://github.example/acme/platform/pull/7",
  head: "0123456789abcdef",
  artifact,
};
const stream = aStream({ environment: "prod", ring: "canary" });

it("says what is taken back, what is not, and what would be", () => {
  const texts = [
    renderRolledBack({
      failed: anArtifact("v2"),
      artifact: anArtifact("v1"),
      environment: "prod",
      number: 12,
      marker,
    }),
    renderNoWayBack({
      failed: anArtifact("v2"),
      sentence: "There is nothing to go back to in prod.",
      marker,
    }),
    renderDryRun({
      command: "rollback",
      moves: [{ stream, artifact: anArtifact("v1"), tenants: ["a", "b", "c", "d"] }],
      marker,
    }),
    renderDryRun({
      command: "promote",
      moves: [{ stream, artifact: anArtifact("v3"), tenants: ["a"] }],
      marker,
    }),
    renderConsentDryRun({ ...pull, marker }),
    renderOpened({
      by: "dana",
      moves: [
        { ...pull, stream, tenants: ["a"], back: false },
        { ...pull, number: 8, stream, tenants: ["b"], back: true },
      ],
      marker,
    }),
    renderAgreed({ ...pull, artifact: null, by: "dana", marker }),
  ];
  expect(texts.join("\n\n=====\n\n")).toMatchInlineSnapshot(`
    "<!-- sluice:rollback -->

    The rollout of \`v2\` failed, and the policy says \`onFailure: rollback\`: #12 takes \`prod\` back to \`v1\`.

    That happens once. Nothing is promoted into \`prod\` by itself after it, until somebody writes \`/resume\` on one of its pull requests.

    =====

    <!-- sluice:rollback -->

    The rollout of \`v2\` failed, and it is not rolled back: There is nothing to go back to in prod.

    So the line halts: nothing else gets this artifact. Publish a newer one; or remove the cause and write \`/retry\` here.

    =====

    <!-- sluice:rollback -->

    Nothing was done. This would move:

    - \`prod/canary\`: \`a, b and 2 more\` back to \`v1\`

    Without \`--dry-run\` Sluice opens these pull requests and merges them at once.

    =====

    <!-- sluice:rollback -->

    Nothing was done. This would move:

    - \`prod/canary\`: \`a\` to \`v3\`

    Without \`--dry-run\` Sluice opens these pull requests, and merges each once every gate has passed.

    =====

    <!-- sluice:rollback -->

    Nothing was done. This would agree to merge [acme/platform#7](https://github.example/acme/platform/pull/7) at \`0123456\`, which brings \`v3\` (\`sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\`), once every gate has passed; \`sluice/gates\` says which are open.

    =====

    <!-- sluice:rollback -->

    \`dana\` moves:

    - \`prod/canary\`: \`a\` to \`v3\` (\`sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\`) by [acme/platform#7](https://github.example/acme/platform/pull/7) at \`0123456\`
    - \`prod/canary\`: \`b\` back to \`v3\` (\`sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\`) by [acme/platform#8](https://github.example/acme/platform/pull/7) at \`0123456\`

    Sluice merges it once every gate has passed; \`sluice/gates\` there says which are open.

    =====

    <!-- sluice:rollback -->

    \`dana\` agreed to merge [acme/platform#7](https://github.example/acme/platform/pull/7) at \`0123456\` once every gate has passed; \`sluice/gates\` there says which are open."
  `);
});
