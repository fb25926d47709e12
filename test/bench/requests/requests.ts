import type { Figure, Part } from "../figure.ts";
import { latencyMs, measure, type Measured } from "./scenario.ts";

const counts = [1, 10, 100, 1_000];

/** Counted in the simulated GitHub's own log. */
export const requests: Part = {
  name: "requests",
  about: "requests to GitHub, time and memory of promotions for 1, 10, 100 and 1,000 tenants",
  measure: async ({ redis, progress }) => {
    if (redis === null) throw new Error("there is no redis-server here");
    const measured: Measured[] = [];
    for (const tenants of counts) measured.push(await measure(tenants, progress));
    return measured.flatMap(figuresOf);
  },
};

function figuresOf(measured: Measured): readonly Figure[] {
  const { tenants, warm, whole, gated, cold, slow, memory } = measured;
  const name = (what: string) => `${tenants.toLocaleString("en-US")} tenants: ${what}`;
  const large = tenants > 150;
  const figures: Figure[] = [
    {
      what: name("event → open pull request, warm, writes"),
      value: warm.writes,
      unit: "",
      bound: { atMost: large ? 14 : 6 },
    },
    { what: name("the same, reads"), value: warm.reads, unit: "", bound: { atMost: 6 } },
    {
      what: name("reads of single files, warm"),
      value: warm.files + whole.files + gated.files,
      unit: "",
      bound: { atMost: 0 },
    },
    {
      what: name("whole promotion of dev, writes"),
      value: whole.writes,
      unit: "",
      bound: { atMost: 16 },
    },
    { what: name("the same, reads"), value: whole.reads, unit: "", bound: null },
    {
      what: name("whole promotion of staging, with a gate, writes"),
      value: gated.writes,
      unit: "",
      bound: { atMost: 16 },
    },
    { what: name("the same, reads"), value: gated.reads, unit: "", bound: null },
    {
      what: name("start with nothing → open pull request, cold, writes"),
      value: cold.writes,
      unit: "",
      bound: null,
    },
    { what: name("the same, reads"), value: cold.reads, unit: "", bound: null },
    {
      what: name("archives among them"),
      value: cold.archives,
      unit: "",
      bound: large ? { atMost: 1 } : null,
    },
    {
      what: name(`event → open pull request with ${latencyMs} ms a call`),
      value: slow.wall,
      unit: "ms",
      bound: null,
    },
    {
      what: name("the same against the calls that must follow one another"),
      value: slow.wall / slow.chain,
      unit: "×",
      bound: { atMost: 1.5 },
    },
    {
      what: name("requests that GitHub refused for their rate"),
      value: measured.refused,
      unit: "",
      bound: { atMost: 0 },
    },
  ];
  if (large)
    figures.push({
      what: name("resident with Redis"),
      value: memory.now,
      unit: "MiB",
      bound: { atMost: 200 },
    });
  if (large && memory.most !== null)
    figures.push({ what: name("the most there was"), value: memory.most, unit: "MiB", bound: null });
  return figures;
}
