import { afterEach, describe, expect, it } from "vitest";

import { versionProblem } from "#adapters/argocd/version.ts";

import type { Application } from "../../simulators/argocd/application.ts";
import { isSettled } from "../../simulators/argocd/test-bench.ts";
import { startArgocdBench, type ArgocdBench } from "./argocd-bench.ts";

let bench: ArgocdBench;
afterEach(() => bench?.close());

const least = [
  { action: "get" as const, object: "*" },
  { action: "sync" as const, object: "*" },
];

async function inspect(options: Parameters<typeof startArgocdBench>[0], token?: string) {
  bench = await startArgocdBench(options);
  const deployer = token === undefined ? bench.deployer : bench.connect({ token });
  return deployer.inspect();
}

describe("inspect", () => {
  it("finds nothing to say of a token with just what is needed", async () => {
    const report = await inspect({ accounts: { sluice: { rules: least } } });
    expect(report).toEqual({ version: "v3.5.1+109ca7c", problems: [] });
  });

  it("names every right too many, project by project", async () => {
    const report = await inspect({
      accounts: { sluice: { rules: [...least, { action: "override", object: "prod/*" }] } },
    });
    expect(report.problems).toEqual([
      {
        severity: "warning",
        sentence:
          "Sluice may 'override' applications of project prod in Argo CD instance default and never does: take the right away.",
      },
    ]);
  });

  it("names every right that is missing", async () => {
    const report = await inspect({
      accounts: { sluice: { rules: [{ action: "get", object: "*" }] } },
    });
    expect(report.problems.map(({ sentence }) => sentence)).toEqual(
      ["dev", "prod", "staging"].map(
        (project) => expect.stringContaining(`'applications, sync, ${project}/*'`) as unknown,
      ),
    );
  });

  it("names the kinds that a project keeps from being shown", async () => {
    bench = await startArgocdBench({ accounts: { sluice: { rules: least } } });
    bench.simulator.admin.setFaults([
      { kind: "workload", outcome: "podsHidden", app: "tenant-a-dev" },
    ]);
    const hidden = (app: Application) => isSettled(app) && app.status.summary.images === undefined;
    await bench.until("tenant-a-dev", hidden);
    await bench.until("tenant-a-staging", isSettled);
    const { problems } = await bench.deployer.inspect();
    expect(problems).toEqual([
      {
        severity: "warning",
        sentence:
          "Argo CD instance default shows no pod of project dev, so Sluice sees neither which images run nor why pods do not start: does the project's namespaceResourceWhitelist leave out apps/ReplicaSet and Pod?",
      },
    ]);
  });

  it("says that no application is shown", async () => {
    const report = await inspect({ accounts: { sluice: { rules: [] } } });
    expect(report.problems[0]?.sentence).toContain("shows no application");
  });

  it("names a token that is none, and one that is not accepted", async () => {
    const report = await inspect({}, "opaque");
    expect(report.problems.map(({ severity }) => severity)).toEqual(["error", "error"]);
    expect(report.problems[0]?.sentence).toContain("ARGOCD_TOKEN is no API key");
  });

  it("warns of a version with a known hole", async () => {
    const report = await inspect({
      version: "v2.14.10+abc",
      accounts: { sluice: { rules: least } },
    });
    expect(report.problems[0]?.sentence).toContain("CVE-2025-55190");
  });

  it("says that it cannot be reached, and does not throw", async () => {
    bench = await startArgocdBench();
    const report = await bench.connect({ url: "http://127.0.0.1:1" }).inspect();
    expect(report.problems[0]).toMatchObject({ severity: "error" });
    expect(report.problems[0]?.sentence).toContain("cannot be reached");
  });
});

describe("versionProblem", () => {
  it.for([
    { version: "v2.12.0", holes: ["55190", "113708"] },
    { version: "v2.13.8", holes: ["55190", "113708"] },
    { version: "v2.13.9", holes: ["113708"] },
    { version: "v3.0.12", holes: ["55190", "113708"] },
    { version: "v3.1.2+abc", holes: ["113708"] },
    { version: "v3.3.14", holes: ["113708"] },
    { version: "v3.3.15", holes: [] },
    { version: "v3.4.9", holes: ["113708"] },
    { version: "v3.4.10", holes: [] },
    { version: "v3.5.0", holes: [] },
    { version: "", holes: [] },
    { version: "dev", holes: [] },
  ])("$version: $holes", ({ version, holes }) => {
    const problem = versionProblem(version);
    for (const hole of ["55190", "113708"])
      expect(problem?.includes(hole) ?? false).toBe(holes.includes(hole));
  });
});
