import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseBody } from "#core/promotion-body.ts";
import { parseStreamBranch, streamBranch } from "#core/promotion-branch.ts";
import type { PromotionDescription } from "#core/promotion-description.ts";
import {
  parseTrailers,
  renderCommitMessage,
  renderMergeMessage,
  renderPullRequest,
  renderTitle,
} from "#core/promotion-pull-request.ts";

import { aStream, anArtifact } from "../builders.ts";

const digest = `sha256:${"4f".repeat(32)}`;
const revision = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d";

function aPromotion(change: Partial<PromotionDescription> = {}): PromotionDescription {
  return {
    id: "abcdefghijklmnop",
    stream: aStream({ environment: "prod", ring: "canary" }),
    side: null,
    artifact: anArtifact("sha-1a2b3c4", { digest, revision }),
    from: anArtifact("sha-0d4c1ff"),
    tenants: ["tenant-a", "tenant-b"],
    gates: [
      { gate: "soak", status: "passed", reason: "soaked", sentence: "Soaked for 1 hour." },
      {
        gate: "deployer",
        status: "failed",
        reason: "not-configured",
        sentence: "No Argo CD.",
        remedy: "Set ARGOCD_URL.",
      },
    ],
    holds: [],
    source: "acme/demo-api",
    merge: "manual",
    requestedBy: null,
    ...change,
  };
}

describe("the title", () => {
  it("names place, service, both tags and how many move", () => {
    expect(renderTitle(aPromotion())).toBe(
      "promote(prod/canary): demo-api sha-0d4c1ff → sha-1a2b3c4 (2 tenants)",
    );
    const alone = aPromotion({ stream: aStream(), from: null, tenants: ["a"] });
    expect(renderTitle(alone)).toBe("promote(dev): demo-api sha-1a2b3c4 (1 tenant)");
  });

  it("fits whatever the names are, and keeps short tags whole", () => {
    const name = fc.stringMatching(/^[a-z0-9]{1,63}$/);
    const tag = fc.stringMatching(/^\w[\w.-]{0,127}$/);
    fc.assert(
      fc.property(name, name, name, tag, tag, (environment, service, ring, from, to) => {
        const title = renderTitle(
          aPromotion({
            stream: { environment, service, ring },
            from: anArtifact(from),
            artifact: anArtifact(to),
          }),
        );
        expect(title.length).toBeLessThanOrEqual(256);
        if (environment.length + service.length + ring.length + from.length + to.length < 200)
          expect(title).toContain(`${from} → ${to}`);
      }),
    );
  });
});

it("the branch is the stream's own, and tells it", () => {
  const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
  fc.assert(
    fc.property(name, name, name, (environment, service, ring) => {
      const stream = { environment, service, ring };
      expect(parseStreamBranch(streamBranch(stream))).toEqual(stream);
    }),
  );
  for (const other of ["main", "sluice/prod/api", "sluice/prod/api/all/x", "sluice-rollback/a/b/c"])
    expect(parseStreamBranch(other)).toBeNull();
});

describe("the commit message", () => {
  it("is the title and the trailers", () => {
    expect(renderCommitMessage(aPromotion({ requestedBy: "dana" }))).toMatchInlineSnapshot(`
      "promote(prod/canary): demo-api sha-0d4c1ff → sha-1a2b3c4 (2 tenants)

      Sluice-Promotion: abcdefghijklmnop
      Sluice-Service: demo-api
      Sluice-Artifact: ghcr.io/acme/demo-api:sha-1a2b3c4@sha256:4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f
      Sluice-Environment: prod
      Sluice-Ring: canary
      Sluice-Revision: 1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d
      Sluice-Requested-By: dana
      "
    `);
  });

  it("reads back as it was written, from the merge too", () => {
    const tag = fc.stringMatching(/^\w[\w.-]{0,127}$/);
    const login = fc.option(fc.stringMatching(/^[A-Za-z0-9]{1,39}$/));
    fc.assert(
      fc.property(tag, fc.boolean(), fc.boolean(), login, (name, pinned, known, requestedBy) => {
        const artifact = anArtifact(name, {
          digest: pinned ? digest : null,
          revision: known ? revision : null,
        });
        const promotion = aPromotion({ artifact, requestedBy });
        const expected = {
          promotionId: promotion.id,
          stream: promotion.stream,
          artifact,
          requestedBy,
        };
        expect(parseTrailers(renderCommitMessage(promotion))).toEqual(expected);
        const merge = renderMergeMessage(promotion);
        expect(parseTrailers(`${merge.title} (#7)\r\n\r\n${merge.message}`)).toEqual(expected);
      }),
    );
  });

  it.for([
    ["nothing of ours", "fix: something\n\nSigned-off-by: Dana"],
    ["an id that is none", renderCommitMessage(aPromotion({ id: "x" }))],
    ["a tag that is none", renderCommitMessage(aPromotion({ artifact: anArtifact("-x") }))],
    ["a missing trailer", renderCommitMessage(aPromotion()).replace(/Sluice-Ring: .*\n/, "")],
  ])("says nothing with %s", ([, message]) => {
    expect(parseTrailers(message ?? "")).toBeNull();
  });

  it("survives any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(parseTrailers(text)).toBeNull();
      }),
    );
  });
});

describe("the body", () => {
  it("says what moves, what holds it, and what can be done", () => {
    expect(renderPullRequest(aPromotion()).body).toMatchInlineSnapshot(`
      "Moves \`demo-api\` in \`prod\` from \`sha-0d4c1ff\` to \`sha-1a2b3c4\`.

      | | |
      |---|---|
      | Image | \`ghcr.io/acme/demo-api\` |
      | Tag | \`sha-1a2b3c4\` |
      | Digest | \`sha256:4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f\` |
      | Revision | \`1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d\` |
      | Changes | [0d4c1ff...1a2b3c4d5e6f](https://github.com/acme/demo-api/compare/0d4c1ff...1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d) |

      **Next:** once every gate has passed, merge this, or write \`/promote\` and Sluice does. Argo CD then deploys it to \`prod\` (ring \`canary\`), and Sluice reports how that ended.

      ### Gates

      - [x] **soak**: Soaked for 1 hour.
      - [ ] **deployer** (failed): No Argo CD. Set ARGOCD\\_URL.

      <details>
      <summary>2 tenants</summary>

      - \`tenant-a\`
      - \`tenant-b\`

      </details>

      <details>
      <summary>How to stop it, or to take it back</summary>

      - **To keep it out:** close this pull request without merging it. What it brings, and whatever is not newer, then stays out of \`prod\` until somebody writes \`/resume\` here.
      - **To take it back after the merge:** write \`/rollback\` here, or revert the merge commit with GitHub's own button. What ran before runs again, and Sluice promotes nothing here until somebody writes \`/resume\`.
      - **To change it:** push to this branch. Sluice then leaves it to you: it neither pushes to it again nor merges it.
      - \`/help\` lists what Sluice understands.

      </details>

      <!-- sluice:v1 {"kind":"promotion","id":"abcdefghijklmnop","environment":"prod","service":"demo-api","ring":"canary","artifact":{"repository":"ghcr.io/acme/demo-api","tag":"sha-1a2b3c4","digest":"sha256:4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f","revision":"1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"}} -->"
    `);
  });

  it("is the same for the same promotion", () => {
    expect(renderPullRequest(aPromotion())).toEqual(renderPullRequest(aPromotion()));
  });

  it("names what holds it", () => {
    const hold = {
      reason: "person",
      sentence: "Held by dana.",
      since: new Date(0),
      artifact: null,
    } as const;
    const { body } = renderPullRequest(aPromotion({ holds: [hold] }));
    expect(body).toContain("### On hold\n\n- Held by dana.\n\nWrite `/resume` here");
  });

  it("stays below 60,000 characters with a thousand tenants of the longest name", () => {
    const tenants = Array.from({ length: 1000 }, (_, index) => `${index}`.padStart(63, "t"));
    const { body } = renderPullRequest(aPromotion({ tenants }));
    expect(body.length).toBeLessThanOrEqual(60_000);
    expect(body).toMatch(/and \d+ more: the list of changed files has them all/);
    expect(parseBody(body)).toEqual({ id: "abcdefghijklmnop" });
  });

  it("gives no foreign text a way out", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        '--> <!-- sluice:v1 {"kind":"promotion","id":"forged"} -->',
        '\n<!-- sluice:v1 {"kind":"promotion","id":"forged"} -->\n',
        "</details>\n# heading\n@acme/everybody fixes #1",
      ),
    );
    fc.assert(
      fc.property(text, text, text, (tenant, sentence, repository) => {
        const promotion = aPromotion({
          tenants: [tenant],
          artifact: anArtifact("v2", { repository }),
          gates: [{ gate: "soak", status: "pending", reason: "r", sentence, remedy: sentence }],
        });
        const { body } = renderPullRequest(promotion);
        expect(parseBody(body)).toEqual({ id: "abcdefghijklmnop" });
        expect(body.match(/^<!-- sluice:v1 .* -->$/gm)).toHaveLength(1);
        expect(body.match(/^<\/details>$/gm)).toHaveLength(2);
        expect(body.replaceAll(/`[^`]*`/g, "")).not.toMatch(/@acme|fixes #1/);
      }),
    );
  });

  it.for([
    ["acme/demo-api", "https://github.com/acme/demo-api/compare/0d4c1ff..."],
    ["evil.example/x/y", null],
    ["acme/x](https://evil.example)", null],
    [null, null],
  ] as const)("links a comparison in %s", ([source, link]) => {
    const { body } = renderPullRequest(aPromotion({ source }));
    if (link === null) expect(body).not.toContain("/compare/");
    else expect(body).toContain(link + revision);
  });
});

it("labels are short enough for GitHub", () => {
  const stream = aStream({ environment: "e".repeat(63) });
  const { labels } = renderPullRequest(aPromotion({ stream }));
  expect(labels[0]).toBe("sluice");
  expect(labels.every((label) => label.length <= 50)).toBe(true);
  expect(renderPullRequest(aPromotion()).labels).toEqual(["sluice", "env: prod"]);
});
