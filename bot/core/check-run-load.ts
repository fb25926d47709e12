import * as z from "zod";

import { renderTable } from "./check-run.ts";
import type { GateResult } from "./gate.ts";
import { codeSpan } from "./inert.ts";
import { describeLoad, type LoadRecord } from "./load.ts";

const figure = z.number().nullable();

/** A load test as it stands in a run's machine block. */
export const loadRecordSchema: z.ZodType<LoadRecord> = z.object({
  key: z.string(),
  environment: z.string(),
  tenant: z.string(),
  // Runs of earlier versions do not say.
  attempt: z.int().min(1).default(1),
  at: z.iso.datetime().default(new Date(0).toISOString()),
  figures: z.object({
    average: figure,
    p50: figure,
    p90: figure,
    p95: figure,
    p99: figure,
    maximum: figure,
    successRate: figure,
    requestsPerSecond: figure,
    httpFailures: z.number(),
    networkFailures: z.number(),
    cpu: figure,
    memory: figure,
    network: figure,
    pods: figure,
  }),
});

export function loadRecords(gates: readonly GateResult[]): readonly LoadRecord[] {
  return gates.flatMap(({ load }) => (load === undefined ? [] : [load]));
}

/** A table for each load test that is over. */
export function loadsOf({ gates }: { readonly gates: readonly GateResult[] }): string {
  return loadRecords(gates)
    .map(({ environment, tenant, figures }) =>
      [
        `### Load on ${codeSpan(tenant, 63)} in ${codeSpan(environment, 63)}`,
        "",
        renderTable(["", ""], describeLoad(figures)),
      ].join("\n"),
    )
    .join("\n\n");
}
