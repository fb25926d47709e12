import type { Bound, Figure, Part } from "../figure.ts";
import { measureRings } from "./rings.ts";
import { latencyMs, measure, type Measured } from "./scenario.ts";

/** The small ones side by side: mostly they wait for rollouts. The large one has the machine for itself. */
const small = [1, 10, 100];
const large = 1_000;

/** Counted in the simulated GitHub's own log. */
export const requests: Part = {
  name: "requests",
  about:
    "requests to GitHub, time and memory of promotions for 1, 10, 100 and 1,000 tenants, and for 1,000 in four rings",
  measure: async ({ redis, progress }) => {
    if (redis === null) throw new Error("there is no redis-server here");
    const settled = await Promise.allSettled(
      small.map(async (tenants) => measure(tenants, progress)),
    );
    const failed = settled.find((one) => one.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    const measured = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const figures = [...measured, await measure(large, progress)].flatMap(figuresOf);
    return [...figures, ...(await measureRings(progress))];
  },
};

function figuresOf(measured: Measured): readonly Figure[] {
  const { tenants, first, warm, whole, gated, cold, slow, memory } = measured;
  // More than 150 files take more than one tree, each one write.
  const many = tenants > 150;
  const inAll = `${tenants.toLocaleString("en-US")} ${tenants === 1 ? "tenant" : "tenants"}`;
  const figure = (what: string, value: number, bound: Bound | null = null, unit = ""): Figure => ({
    what: `${inAll}: ${what}`,
    value,
    unit,
    bound,
  });
  const mostInAll = { atMost: many ? 24 : 16 };
  return [
    figure("event → open pull request, warm: writes", warm.writes, { atMost: many ? 14 : 6 }),
    figure("event → open pull request, warm: reads", warm.reads, { atMost: 6 }),
    figure("whole promotion of dev: writes", whole.writes, mostInAll),
    figure("whole promotion of dev: reads", whole.reads),
    ...(gated === null
      ? []
      : [
          figure("whole promotion of staging, gated: writes", gated.writes, mostInAll),
          figure("whole promotion of staging, gated: reads", gated.reads),
        ]),
    figure("single files read, warm", warm.files + whole.files + (gated?.files ?? 0), {
      atMost: 0,
    }),
    figure("first start, files cold: archives", first.archives, { atMost: 1 }),
    figure("first start, files cold: reads", first.reads),
    figure("all forgotten → open pull request: writes", cold.writes),
    figure("all forgotten → open pull request: reads", cold.reads),
    figure("all forgotten → open pull request: archives", cold.archives),
    figure(`event → open pull request, ${latencyMs} ms a call`, slow.wall, null, "ms"),
    figure("the same against its calls in a row", slow.wall / slow.chain, { atMost: 1.5 }, "×"),
    figure("requests refused for their rate", measured.refused, { atMost: 0 }),
    ...(many ? [figure("resident with Redis", memory.now, { atMost: 200 }, "MiB")] : []),
    ...(many && memory.most !== null
      ? [figure("most ever resident", memory.most, null, "MiB")]
      : []),
  ];
}
