import { afterAll, expect } from "vitest";

import { demoPolicy } from "../stage/seed.ts";
import { story } from "../stage/story.ts";
import { startTold } from "../stage/told.ts";

const place = await startTold("a secret of sixteen");
afterAll(() => place.close());

const policy = `${demoPolicy({ timeout: "30m" })}
notifications:
  - on: [on-promoted, on-blocked, on-frozen, on-rolled-back]
    environments: [prod]
    slack: { channel: releases }
    webhook: ops
`;

story(
  "each thing is told once, at Slack in one message a promotion, whoever was away or forgot",
  { policy, env: place.env },
  async (told) => {
    // What was there before Sluice is no news.
    await told.idle();
    expect(place.events).toEqual([]);
    expect(await told.stage.api("/repos/acme/platform/deployments")).toEqual([]);

    const built = await told.stage.build("feat: greet louder");
    const { pull } = await told.opened("prod", built.tag);
    place.state.away = 3;
    // The first message arrives, but nobody hears of it.
    place.state.silent = 1;
    await told.comment("mona", pull, "/hold the launch");
    const [blocked] = await events("sluice.on-blocked", 1);
    expect(blocked).toMatchObject({ subject: "prod/demo-api/all", data: { pull } });
    await told.comment("mona", pull, "/freeze prod until 2099-01-01T00:00Z the sale");
    await events("sluice.on-frozen", 1);
    await told.comment("mona", pull, "/unfreeze prod");
    await told.comment("mona", pull, "/resume");
    await told.comment("mona", pull, "/promote");
    await told.settled(["prod"], built.tag);
    const [promoted] = await events("sluice.on-promoted", 1);
    expect(promoted?.data["sentence"]).toContain("healthy");

    await told.waitFor("the promotion's message to be edited", () =>
      place.messages.some(
        ({ texts }) => texts.length > 1 && /Needs somebody.*Promoted\./s.test(texts.at(-1) ?? ""),
      ),
    );
    await told.waitFor("GitHub's Environments page to show it", async () => {
      const states = await deployments(built.tag);
      return states.length === 1 && states[0] === "success";
    });
    await told.revert("mona", pull);
    await events("sluice.on-rolled-back", 1);
    await told.idle();
    const ids = place.events.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(place.state.unsigned).toBe(0);
    const about = place.messages.map(({ metadata }) => JSON.stringify(metadata));
    expect(new Set(about).size).toBe(about.length);
    expect(place.events.every(({ subject }) => subject.startsWith("prod"))).toBe(true);

    /** The last state of each deployment of a tag. */
    async function deployments(tag: string): Promise<readonly string[]> {
      type Deployment = { id: number; description: string };
      const path = "/repos/acme/platform/deployments";
      const all = await told.stage.api<readonly Deployment[]>(`${path}?environment=prod`);
      const own = all.filter(({ description }) => description.includes(tag));
      const statuses = own.map(({ id }) =>
        told.stage.api<readonly { state: string }[]>(`${path}/${id}/statuses`),
      );
      return (await Promise.all(statuses)).map(([last]) => last?.state ?? "");
    }

    async function events(type: string, count: number) {
      await told.waitFor(`${count} of ${type}`, () => named(type).length >= count);
      expect(named(type)).toHaveLength(count);
      return named(type);
    }
  },
);

function named(type: string) {
  return place.events.filter((event) => event.type === type);
}
