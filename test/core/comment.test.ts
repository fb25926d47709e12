import * as fc from "fast-check";
import { expect, it } from "vitest";

import { commands } from "#core/command-table.ts";
import { parseCommand } from "#core/command.ts";
import {
  parseResumeMarker,
  renderClosedComment,
  renderDenied,
  renderHelp,
  renderMergedDifferently,
  renderNotUnderstood,
  renderOverrideComment,
  renderRefusal,
  renderResumed,
  renderRetried,
  replyMarker,
  stickyMarker,
} from "#core/comment.ts";

import { anArtifact, noon } from "../builders.ts";

const marker = replyMarker(12);
const resumed = { by: "dana", at: noon, environment: "prod", service: "demo-api", marker };

it("says every one of its texts in full", () => {
  const understood = parseCommand("/promote prd", { environments: ["dev", "prod"], services: [] });
  if (understood.kind !== "not-understood") throw new Error("understood");
  const texts = [
    renderClosedComment({
      sentence: "v2 moves nothing here.",
      branchKept: false,
      marker: stickyMarker,
    }),
    renderOverrideComment({
      gates: [{ gate: "soak", status: "pending", sentence: "Soaks until noon." }],
      marker: stickyMarker,
    }),
    renderRefusal({ artifact: anArtifact("v2"), sentence: "Not on main." }),
    renderNotUnderstood({ ...understood, marker }),
    renderDenied({ sentence: "You need the role `maintain` here: ask one who has it.", marker }),
    renderResumed(resumed),
    renderRetried({ by: "dana", artifact: anArtifact("v2"), environment: "prod", marker }),
    renderHelp({ marker }),
  ];
  expect(texts.join("\n\n=====\n\n")).toMatchInlineSnapshot(`
    "<!-- sluice:sticky -->

    Sluice closed this promotion: v2 moves nothing here.

    Nothing needs to be done. It is not a veto: what is newer comes by itself.

    =====

    <!-- sluice:sticky -->

    Merged by hand while these gates were open:

    - **soak** (pending): Soaks until noon.

    The rollout runs all the same, and what comes after still follows in order. To take it back, revert the merge commit.

    =====

    v2 is not promoted: Not on main.

    =====

    <!-- sluice:reply 12 -->

    The policy has no environment "prd"; it has "dev", "prod". Did you mean \`prod\`? Write it again in a new comment: edits are not read. \`/help\` lists all commands.

    =====

    <!-- sluice:reply 12 -->

    You need the role \`maintain\` here: ask one who has it.

    =====

    <!-- sluice:reply 12 -->

    \`dana\` resumed \`demo-api\` in \`prod\`: what held it back until now counts no more, and closed promotions may come again. Sluice plans anew at once.

    <!-- sluice:v1 {"kind":"resume","environment":"prod","service":"demo-api","at":"2026-03-02T12:00:00.000Z"} -->

    =====

    <!-- sluice:reply 12 -->

    \`dana\` asked to judge \`v2\` in \`prod\` once more. The check run \`sluice/prod\` on the commit that brought it tells how it goes.

    =====

    <!-- sluice:reply 12 -->

    Sluice reads the first line of a new comment:

    - \`/promote [environment] [--service name] [--to tag] [--tenants names] [--dry-run]\` agrees to merge this promotion, as it stands now, once every gate has passed; with a tag or tenants, opens one that moves just that
    - \`/approve [gate]\` says what a gate \`manual\` waits for, of this promotion as it stands now
    - \`/rollback [environment] [--service name] [--to tag] [--tenants names] [--dry-run]\` takes it back at once to what was verified there before, or to the tag that you name
    - \`/hold [environment] [--service name] [--dry-run] [reason]\` stops automatic promotion of this service, or of a whole environment, until \`/resume\`
    - \`/resume [environment] [--service name]\` lifts what holds this service back in this environment, and lets closed promotions come again
    - \`/freeze <environment> [--dry-run] [until <time>] <reason>\` stops an environment for a period; a time is written as in \`2026-12-24 18:00 Europe/Berlin\`
    - \`/unfreeze [environment]\` ends a freeze that a person set
    - \`/status [environment]\` shows what runs where, what waits and what is stopped
    - \`/plan [environment]\` shows what would move now, and what keeps it
    - \`/retry\` tries the load test or the last rollout that failed once more
    - \`/help\` shows this

    👀 accepted, 🚀 done, 😕 not understood, 👎 refused. The check run \`sluice/gates\` says what a promotion waits for."
  `);
});

it("help names every command", () => {
  for (const { usage } of commands) expect(renderHelp({ marker })).toContain(`- \`${usage}\``);
});

it("the place and the time of a /resume read back", () => {
  const told = { environment: "prod", service: "demo-api", at: noon };
  expect(parseResumeMarker(renderResumed(resumed))).toEqual(told);
  expect(parseResumeMarker(renderResumed(resumed).replaceAll("\n", "\r\n"))).toEqual(told);
  for (const other of [
    "",
    renderHelp({ marker }),
    '<!-- sluice:v1 {"kind":"resume","at":"never"} -->',
    '<!-- sluice:v1 {"kind":"resume","at":"2026-03-02T12:00:00.000Z"} -->',
  ])
    expect(parseResumeMarker(other)).toBeNull();
});

it("an answer is never a command itself, whatever it quotes, and mentions nobody", () => {
  const known = { environments: ["prod"], services: [] };
  const hostile = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("/promote prod", "\n/promote prod", "@acme/sre fixes #1", "--> x"),
  );
  fc.assert(
    fc.property(hostile, hostile, (sentence, nearest) => {
      const gates = [{ gate: sentence, status: "failed", sentence }] as const;
      for (const text of [
        renderNotUnderstood({ sentence, nearest, marker }),
        renderDenied({ sentence, marker }),
        renderClosedComment({ sentence, branchKept: true, marker }),
        renderMergedDifferently({ sentence, marker }),
        renderOverrideComment({ gates, marker }),
        renderResumed({ ...resumed, by: nearest, service: sentence }),
      ]) {
        expect(text.startsWith(marker)).toBe(true);
        expect(text.length).toBeLessThanOrEqual(60_000);
        expect(parseCommand(text, known)).toEqual({ kind: "none" });
        expect(text.replaceAll(/`[^`]*`/g, "")).not.toMatch(/@acme|fixes #1/);
      }
    }),
  );
});
