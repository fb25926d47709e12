import { startRedis } from "../../queue/redis-server.ts";
import { openStage } from "../../stage/stage.ts";
import { settled, type Watched } from "../../stage/watch.ts";
import type { Figure } from "../figure.ts";
import { idle, publish, pushSource } from "./promote.ts";
import { costOf, lastRequest, requestsSince } from "./request-log.ts";

const rings = ["canary", "early", "many", "rest"];
const places = rings.map((ring) => `prod/${ring}`);

/** What it takes to bring 1,000 tenants of prod, in four rings, to a new artifact: all requests, from staging's verdict on. */
export async function measureRings(
  progress: (sentence: string) => void,
): Promise<readonly Figure[]> {
  const tell = (sentence: string) => progress(`1000 tenants in four rings: ${sentence}`);
  tell("starting");
  const redis = await startRedis();
  try {
    const stage = await openStage({
      tenants: 1_000,
      service: "simulated",
      speed: 1_000,
      automated: { dev: true, staging: true, prod: true },
      policy: {
        soak: "1s",
        prodSoak: "1s",
        prodMerge: "auto",
        timeout: "10m",
        rings: [
          "{ name: canary, percent: 1 }",
          "{ name: early, percent: 10, soak: 1s }",
          "{ name: many, percent: 50, soak: 1s }",
          '{ name: rest, tenants: ["*"], soak: 1s }',
        ],
      },
      // One tenant tries everything first; the others have prod alone.
      files: ({ tenants }) =>
        Object.fromEntries(
          tenants.slice(1).flatMap((tenant) => [
            [`gitops/tenants/${tenant}/dev.yaml`, null],
            [`gitops/tenants/${tenant}/staging.yaml`, null],
          ]),
        ),
      env: { REDIS_URL: redis.url },
    });
    const watched: Watched = { stage, progress: tell, patienceMs: 240_000 };
    try {
      await settled(watched, ["dev", "staging", ...places], stage.first.tag);
      const pushed = await pushSource(stage, "rings");
      await publish(stage, pushed);
      await settled(watched, ["dev", "staging"], pushed.tag);
      const since = await lastRequest(stage);
      await settled(watched, places, pushed.tag);
      await idle(stage);
      return figuresOf(await requestsSince(stage, since));
    } finally {
      await stage.close();
    }
  } finally {
    await redis.stop();
  }
}

function figuresOf(requests: Parameters<typeof costOf>[0]): readonly Figure[] {
  const { reads, writes, refused } = costOf(requests);
  const pulls = requests.filter(
    ({ method, route, status }) =>
      method === "POST" && route === "/repos/{owner}/{repo}/pulls" && status === 201,
  );
  const figure = (what: string, value: number, atMost: number | null): Figure => ({
    what: `1,000 tenants of prod in four rings: ${what}`,
    value,
    unit: "",
    bound: atMost === null ? null : { atMost },
  });
  return [
    figure("pull requests", pulls.length, 4),
    figure("requests", reads + writes, 149),
    figure("of these writes", writes, null),
    figure("refused for their rate", refused, 0),
  ];
}
