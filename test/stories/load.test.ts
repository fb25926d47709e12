import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, expect } from "vitest";

import { demoPolicy } from "../stage/seed.ts";
import { story } from "../stage/story.ts";

/** In front of the services that run, whose addresses nobody knows before they do. */
async function router() {
  let behind = "";
  let mended = false;
  const asked = new Set<string>();
  const server = createServer((request, response) => {
    asked.add(request.url ?? "");
    if (mended) {
      response.writeHead(200).end("ok");
      return;
    }
    fetch(behind + (request.url ?? ""), { signal: AbortSignal.timeout(5_000) })
      .then(async (answer) => response.writeHead(answer.status).end(await answer.text()))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    url: `http://127.0.0.1:${port}`,
    lead: (to: string) => {
      behind = to;
    },
    /** From here on every request is answered well. */
    mend: () => {
      mended = true;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const services = await router();
afterAll(() => services.close());

const load =
  "load: { duration: 1s, warmUp: 1s, connections: 2, paths: [/, /work], max: { p99: 9 }, min: { successRate: 0.9 } }";

story(
  "what runs in staging is driven before prod, and what breaks under load stays out",
  {
    tenants: 1,
    needsRedis: true,
    service: "real",
    policy: demoPolicy({ prodMerge: "auto", timeout: "30m" }).replace(
      "- soak: 3s",
      `- soak: 3s\n      - ${load}`,
    ),
    env: {
      LOAD_URL_TEMPLATE: `${services.url}/_sim/apps/{tenant}-{environment}/proxy`,
    },
  },
  async (told) => {
    const { stage } = told;
    services.lead(stage.argocd.control);
    const good = await stage.build("feat: greet louder");
    const first = await told.opened("prod", good.tag);
    await told.settled(["prod"], good.tag);
    const { head } = await told.pull(first.pull);
    const [said] = await told.checks("acme/platform", head.sha, "sluice/gates");
    expect(said?.output.summary).toContain("demo-api in staging bears the load");
    const table = said?.output.text ?? "";
    expect(table).toContain("Load on `tenant-a` in `staging`");
    expect(table).toMatch(/\| success rate \| 100% \|/);
    expect(table).toContain("| CPU cores | not measured |");
    const paths = [...services.asked].map((path) => path.replace("/_sim/apps/", ""));
    expect(paths.toSorted()).toEqual(["tenant-a-staging/proxy/", "tenant-a-staging/proxy/work"]);

    await stage.argocdControl.post("image-rules", {
      rules: [{ match: ".", outcome: "errors", failRate: 0.5, app: "staging" }],
    });
    const bad = await stage.build("feat: greet everybody at once");
    const { pull } = await told.opened("prod", bad.tag);
    const failed = async () =>
      told.check(
        "acme/platform",
        (await told.pull(pull)).head.sha,
        "sluice/gates",
        ({ conclusion }) => conclusion === "failure",
      );
    const { output } = await failed();
    expect(output.title).toContain("Under load, demo-api in staging: success rate is");
    await told.idle();

    // Everything that it knew is gone, but what the run says: nobody is driven for the same again.
    services.asked.clear();
    await stage.bot.kill();
    await told.redis.command("FLUSHALL");
    await stage.startBot();
    await told.idle();
    expect((await failed()).output.text).toBe(output.text);
    expect([...services.asked]).toEqual([]);
    expect((await told.pull(pull)).merged_at).toBeNull();

    // Whoever has mended it need not publish anything new.
    services.mend();
    const { id } = await told.comment("mona", pull, "/retry");
    await told.reaction(id, "rocket");
    await told.answer(pull, "asked to drive `demo-api` once more");
    await told.settled(["prod"], bad.tag);
    expect([...services.asked]).not.toEqual([]);
  },
);
