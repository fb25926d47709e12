import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, expect } from "vitest";

import { demoPolicy } from "../stage/seed.ts";
import { story, type Told } from "../stage/story.ts";

/** The demo's policy with more gates in prod, where Sluice merges by itself. */
function policy(...gates: readonly string[]): string {
  const lines = ["- soak: 3s", ...gates.map((gate) => `      - ${gate}`)].join("\n");
  return demoPolicy({ prodMerge: "auto", timeout: "30m" }).replace("- soak: 3s", lines);
}

async function gates(told: Told, pull: number, title: string) {
  const { head } = await told.pull(pull);
  return told.check("acme/platform", head.sha, "sluice/gates", ({ output }) =>
    output.title.includes(title),
  );
}

story(
  "prod waits for somebody else's approval and for /approve, and both fall when the head moves",
  {
    policy: policy("approvals: 1", "manual: { name: qa, people: [alice] }"),
    // The builds are bob's: his own word must not count.
  },
  async (told) => {
    const built = await told.stage.build("feat: greet louder");
    const { pull } = await told.opened("prod", built.tag);
    const asked = await gates(told, pull, "1 approval of 1 missing");
    expect(asked.conclusion).toBe("action_required");

    await told.review("carol", pull, "approve");
    await told.review("mona", pull, "approve");
    await gates(told, pull, "Nobody has approved qa yet");
    const mine = await told.comment("mona", pull, "/approve qa");
    await told.reaction(mine.id, "-1");
    await told.answer(pull, "mona may not approve qa");

    // Somebody changes one of its files on the default branch: the promotion is rebuilt, and mona's word is gone.
    const before = await told.pull(pull);
    const path = "gitops/tenants/tenant-a/prod.yaml";
    await told.push("bob", { [path]: (await told.file(path)).replace("Count: 3", "Count: 4") });
    await told.waitFor("the promotion to be rebuilt", async () => {
      const now = await told.pull(pull);
      return now.head.sha !== before.head.sha;
    });
    await gates(told, pull, "1 approval of 1 missing");
    expect((await told.pull(pull)).merged_at).toBeNull();

    const yes = await told.comment("alice", pull, "/approve qa");
    await told.reaction(yes.id, "rocket");
    await told.review("mona", pull, "changes_requested");
    await gates(told, pull, "mona asked for changes");
    await told.review("mona", pull, "approve");
    await told.settled(["prod"], built.tag);
    expect(await told.file(path)).toContain("replicaCount: 4");
  },
);

/** A Prometheus that gives one number, which may change; whatever is asked after a merge is 0. */
async function prometheus() {
  let value: string | null = null;
  const asked = new Set<string>();
  const server = createServer((request, response) => {
    let form = "";
    request.on("data", (part: Buffer) => (form += part.toString()));
    request.on("end", () => {
      const query = new URLSearchParams(form).get("query") ?? "";
      asked.add(query);
      answer(response, query.startsWith("after") ? "0" : value);
    });
  });
  function answer(response: ServerResponse, number: string | null): void {
    const result = number === null ? [] : [{ metric: {}, value: [1, number] }];
    const body = { status: "success", data: { resultType: "vector", result } };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    url: `http://127.0.0.1:${port}`,
    set: (next: string) => {
      value = next;
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

const measured = await prometheus();
afterAll(() => measured.close());

story(
  "no data is no success, a number out of bounds holds, and within a minute of a good one it goes on",
  {
    policy: policy(
      "metric: { name: error rate, query: 'errors{env=\"$environment\"}', max: 0.05 }",
      "metric: { name: errors after, query: 'after{env=\"$environment\"}', max: 0.05, over: ring }",
    ),
    env: { PROMETHEUS_URL: measured.url },
  },
  async (told) => {
    const built = await told.stage.build("feat: greet louder");
    const { pull } = await told.opened("prod", built.tag);
    await gates(told, pull, "error rate: The query finds no data.");
    measured.set("0.2");
    const failed = await gates(told, pull, "error rate in staging is 0.2, above 0.05.");
    expect(failed.conclusion).toBe("failure");
    expect((await told.pull(pull)).merged_at).toBeNull();
    measured.set("0.01");
    await told.settled(["prod"], built.tag);
    // Before the merge about staging, and after it about prod, before that counts as verified.
    expect([...measured.asked].toSorted()).toEqual(['after{env="prod"}', 'errors{env="staging"}']);
  },
);

story(
  "a freeze ends to the second, although the bot died and everything that it knew is gone",
  { policy: frozen(new Date(Date.now() + 86_400_000)), needsRedis: true },
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: greet louder");
    const { pull } = await told.opened("prod", built.tag);
    await gates(told, pull, "Waits until");
    await told.idle();
    const end = new Date(Math.ceil(stage.pace.now().getTime() / 1000) * 1000 + 90_000);
    await told.push("bob", { ".github/sluice.yaml": frozen(end) });
    await gates(told, pull, `Waits until ${minuteAfter(end)}`);
    await stage.bot.kill();
    await told.redis.command("FLUSHALL");
    await stage.startBot();
    await told.settled(["prod"], built.tag);
    const merged = new Date((await told.pull(pull)).merged_at ?? 0);
    // GitHub gives whole seconds, and a real second of the machine is ten of the story's.
    expect(merged.getTime()).toBeGreaterThanOrEqual(end.getTime());
    expect(merged.getTime() - end.getTime()).toBeLessThan(60_000);
  },
);

function frozen(to: Date): string {
  const freeze = `{ environments: [prod], from: 2020-01-01T00:00:00Z, to: ${to.toISOString()}, reason: peak }`;
  return `${policy()}\nfreezes:\n  - ${freeze}\n`;
}

/** As people read it: rounded up to the minute. */
function minuteAfter(at: Date): string {
  const whole = new Date(Math.ceil(at.getTime() / 60_000) * 60_000);
  return `${whole.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
