import { expect, it } from "vitest";

import { renderPlan } from "#core/comment-plan.ts";
import {
  renderFrozen,
  renderHeld,
  renderResumedThere,
  renderUnfrozen,
} from "#core/comment-stop.ts";
import { replyMarker } from "#core/comment.ts";
import { makePlan } from "#core/plan.ts";

import {
  anArtifact,
  anOpenPromotion,
  aPlanInput,
  aStream,
  aStreamState,
  aTarget,
  aTargetState,
  aVerdict,
  before,
} from "../builders.ts";

const marker = replyMarker(12);
const who = { by: "mona", environment: "prod", marker };

it("every answer says what is so, and what comes next", () => {
  const texts = [
    renderHeld({ ...who, service: "demo-api", reason: "see @bob, #7", dryRun: false }),
    renderHeld({ ...who, service: null, reason: "", dryRun: true }),
    renderFrozen({ ...who, until: before(-60), reason: "sale", dryRun: false }),
    renderFrozen({ ...who, until: null, reason: "sale", dryRun: true }),
    renderUnfrozen({ ...who, setBy: "rita" }),
    renderResumedThere({ ...who, service: null }),
  ].map((text) => text.replace(`${marker}\n\n`, ""));
  expect(texts.join("\n=====\n")).toMatchInlineSnapshot(`
    "\`mona\` put \`demo-api\` in \`prod\` on hold: \`see @bob, #7\`.

    Nothing is promoted there by itself, rollbacks apart, until somebody writes \`/resume prod\`.
    =====
    \`mona\` would put everything in \`prod\` on hold.

    This was a dry run: nothing was done.
    =====
    \`mona\` froze \`prod\` until 2026-03-02 13:00 UTC: \`sale\`.

    Nothing is merged into it by Sluice, rollbacks apart. \`/unfreeze prod\` lifts it before that.
    =====
    \`mona\` would freeze \`prod\` until somebody lifts it: \`sale\`.

    This was a dry run: nothing was done.
    =====
    \`mona\` ended the freeze of \`prod\` that \`rita\` had set. Sluice plans anew at once.
    =====
    \`mona\` resumed everything in \`prod\`: what held it back until now counts no more, and closed promotions may come again. Sluice plans anew at once."
  `);
});

it("the plan says stream by stream what moves, and what keeps it", () => {
  const [v1, v2] = [anArtifact("v1"), anArtifact("v2")];
  const states = (["dev", "staging", "prod"] as const).map((environment) => {
    const stream = aStream({ environment });
    const artifact = environment === "dev" ? v2 : v1;
    const targets = ["a", "b"].map((tenant) =>
      aTargetState(aTarget(tenant, { environment }), artifact),
    );
    const open = environment === "staging" ? anOpenPromotion(v2, { number: 12 }) : null;
    return aStreamState(stream, targets, { open, verdicts: [aVerdict(artifact)] });
  });
  expect(renderPlan(makePlan(aPlanInput(states)).streams)).toMatchInlineSnapshot(`
    "- **\`demo-api\`** in \`dev\`: nothing moves. Nothing that the policy's tags.match admits has been published yet.
    - **\`demo-api\`** in \`staging\`: \`v2\` moves 2 tenants (a and b) in #12; open gates: order (pending), health (pending). Sluice is still finding this out.
    - **\`demo-api\`** in \`prod\`: nothing moves. Nothing is verified in staging yet."
  `);
  expect(renderPlan([])).toBe("The policy has no stream there.");
});
