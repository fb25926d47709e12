import { afterEach, describe, expect, it } from "vitest";

import { renderResumed, replyMarker } from "#core/comment.ts";
import { recoverResumes } from "#flow/recover-resumes.ts";

import { aStream, aStreamState, before, noon } from "../builders.ts";
import { aPlatform } from "./a-platform.ts";

let platform: Awaited<ReturnType<typeof aPlatform>> | null = null;
afterEach(async () => platform?.close());

const stream = aStream({ environment: "prod" });
const hold = {
  reason: "moved-backwards",
  sentence: "Moved back.",
  since: before(60),
  artifact: null,
} as const;

describe("/resume after everything was forgotten", () => {
  it("is found on any of its pull requests, and searched for only where something stands", async () => {
    platform = await aPlatform();
    const { github, asked } = platform;
    const context = await platform.context();
    const numbers: number[] = [];
    for (let count = 0; count < 6; count += 1) {
      const { number } = await platform.openPull("sluice/prod/demo-api/all");
      const at = { repository: "acme/platform", number, user: "mona" };
      await github.act.close(at);
      numbers.push(number);
    }
    const [oldest = 0, , other = 0] = numbers;
    const said = { by: "mona", environment: "prod", service: "demo-api" };
    for (const [id, number, at] of [
      [1, oldest, noon],
      [2, other, before(30)],
    ] as const) {
      const marker = replyMarker(id);
      await context.conversation.reply(number, marker, renderResumed({ ...said, at, marker }));
    }
    await platform.comment("mona", numbers.at(-1) ?? 0, "Anything new?");

    asked();
    expect(await recoverResumes(context, [{ ...aStreamState(stream, []), holds: [] }], [])).toBe(
      false,
    );
    expect(asked()).toEqual([]);
    const held = { ...aStreamState(stream, []), holds: [hold] };
    expect(await recoverResumes(context, [held], [])).toBe(true);
    expect(await context.memory.resumedAt("prod", "demo-api")).toEqual(noon);
    const fresh = { ...held, holds: [{ ...hold, since: new Date(Date.now() + 60_000) }] };
    expect(await recoverResumes(context, [fresh], [])).toBe(false);
  });

  it("lifts nothing where it was said of another environment or service", async () => {
    platform = await aPlatform();
    const context = await platform.context();
    const { number } = await platform.openPull("sluice/prod/demo-api/all");
    for (const [id, place] of [
      [1, { environment: "dev", service: "demo-api" }],
      [2, { environment: "prod", service: "demo-web" }],
    ] as const) {
      const marker = replyMarker(id);
      const body = renderResumed({ by: "mona", ...place, at: noon, marker });
      await context.conversation.reply(number, marker, body);
    }
    const held = { ...aStreamState(stream, []), holds: [hold] };
    expect(await recoverResumes(context, [held], [])).toBe(false);
    expect(await context.memory.resumedAt("prod", "demo-api")).toBeNull();
  });
});
