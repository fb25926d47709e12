import { anEdge } from "./an-edge.ts";

/** An edge in a process of its own, which says how much memory it has ever held. Speaks over Node's IPC. */
const edge = await anEdge();
let most = 0;
const sample = (): void => {
  most = Math.max(most, process.memoryUsage.rss());
};
setInterval(sample, 2);
process.on("message", () => {
  sample();
  process.send?.({ most });
  most = 0;
});
process.send?.({ port: edge.port });
