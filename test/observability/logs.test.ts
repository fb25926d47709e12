import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { allDashboards, fill, queriesOf, sample } from "./dashboards.ts";
import { finds, problemsOfLogQuery, readLogQuery } from "./log-query.ts";
import { filesOf, observability } from "./read-rules.ts";
import { runService } from "./run-service.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
let lines: readonly string[] = [];
let collector: Server;

/** Real lines: of a start, of what worked and what failed, of slow work within a trace, of a stop. */
beforeAll(async () => {
  collector = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => {
    collector.listen(0, "127.0.0.1", resolve);
  });
  const service = await runService({
    TENANT_NAME: "tenant-a",
    ENVIRONMENT: "prod",
    VERSION: "sha-1a2b3c4",
    FAIL_RATE: "0.5",
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
  });
  const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
  const statuses = new Set<number>();
  while (statuses.size < 2) statuses.add((await fetch(service.url)).status);
  await fetch(`${service.url}/work?ms=520`, { headers });
  await fetch(`${service.url}/readyz`);
  await service.stop();
  ({ lines } = service);
});
afterAll(() => {
  collector.closeAllConnections();
  collector.close();
});

/** The stream that the collector puts a line of the tenant's service into. */
function streamOf(line: string): Readonly<Record<string, string>> {
  const [, level = ""] = /"level":"(trace|debug|info|warn|error|fatal)"/.exec(line) ?? [];
  return {
    namespace: "tenant-a-prod",
    service: "tenant-service",
    container: "tenant-service",
    env: "prod",
    team: "payments",
    level,
  };
}

function found(query: string): readonly Record<string, unknown>[] {
  const read = readLogQuery(query);
  if (read === null) throw new Error(`cannot read ${query}`);
  return lines
    .filter((line) => finds(read, streamOf(line), line))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("the lines that service/ writes", () => {
  it("are JSON with level as a word, and say whose they are", () => {
    expect(lines.length).toBeGreaterThan(4);
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({
        level: expect.stringMatching(/^(debug|info|warn|error)$/) as string,
        tenant: "tenant-a",
        environment: "prod",
        version: "sha-1a2b3c4",
      });
  });

  it('give |= "error" exactly what failed', () => {
    const failed = found('{namespace="tenant-a-prod"} |= "error"');
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.filter(({ status }) => status !== "500")).toEqual([]);
    expect(failed).toHaveLength(
      found('{namespace="tenant-a-prod"} | json | status = "500"').length,
    );
    expect(found('count_over_time({namespace="tenant-a-prod"} |= "error" [5m])')).toEqual(failed);
    expect(found('{namespace="tenant-a-prod", level="error"}')).toEqual(failed);
    expect(found('{namespace="tenant-b-prod"} |= "error"')).toEqual([]);
  });

  it("lead to traces, by the pattern that Grafana looks for", () => {
    const slow = found('{namespace="tenant-a-prod"} | json | seconds > 0.5');
    expect(slow).toMatchObject([{ route: "/work", trace_id: traceId }]);
    const stack = readFileSync(join(observability, "stack/kube-prometheus-stack.yaml"), "utf8");
    const [, pattern = ""] = /matcherRegex: '(.+)'/.exec(stack) ?? [];
    const matched = lines.flatMap((line) => new RegExp(pattern).exec(line)?.[1] ?? []);
    expect(matched).toContain(traceId);
    expect(matched.length).toBe(
      found('{namespace="tenant-a-prod"} | json | status =~ ".+"').length,
    );
  });

  it("are found by every log query of dashboards, runbooks and documents that is about tenants", () => {
    const written = [...filesOf("runbooks", ".md"), ...filesOf(".", ".md")].flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/`([^`\n]*\{(?:namespace|service)=[^`]*)`/g)].map(
        ([, query]) => query ?? "",
      ),
    );
    const onPanels = allDashboards()
      .flatMap(queriesOf)
      .filter(({ language }) => language === "loki")
      .map(({ query }) => fill(query, sample));
    const queries = [...written, ...onPanels].filter(
      (query) => !query.includes("slo:") && !query.includes("topk") && !query.includes("…"),
    );
    expect(queries.length).toBeGreaterThan(6);
    expect(queries.flatMap(problemsOfLogQuery)).toEqual([]);
    const ofTenants = queries
      .map((query) => query.replace("seconds > 2", "seconds > 0.2"))
      .filter((query) => !query.includes('service="sluice"'));
    expect(ofTenants.filter((query) => found(query).length === 0)).toEqual([]);
  });

  it("would be missed by a query that does not fit them", () => {
    expect(found('{namespace="tenant-a-prod"} |= "ERROR"')).toEqual([]);
    expect(problemsOfLogQuery('{pod="x"}')).toEqual(["no stream has a label pod"]);
    expect(problemsOfLogQuery('{namespace="x"} | status = "500"')).toHaveLength(1);
    expect(problemsOfLogQuery('{namespace="x"} |= error')).toHaveLength(1);
  });
});
