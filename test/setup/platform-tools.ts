import type { TestProject } from "vitest/node";

import { findDebianTool } from "./find-debian-tool.ts";
import { findGoTool } from "./find-go-tool.ts";
import { findKyverno } from "./kyverno.ts";

/** Paths of the programs that the platform's files are checked with; null where one cannot be had on this machine. */
export type PlatformTools = {
  readonly helm: string | null;
  readonly promtool: string | null;
  readonly amtool: string | null;
  readonly kyverno: string | null;
  readonly actionlint: string | null;
};

declare module "vitest" {
  // oxlint-disable-next-line typescript/consistent-type-definitions -- vitest's own interface is extended
  export interface ProvidedContext {
    tools: PlatformTools;
  }
}

/** Finds or builds them once, before the first test of the project `platform`; tests read them by `inject("tools")`. */
export async function setup(project: TestProject): Promise<void> {
  const helm = await findGoTool({
    name: "helm",
    module: "helm.sh/helm/v4/cmd/helm",
    version: "v4.2.1",
  });
  const actionlint = await findGoTool({
    name: "actionlint",
    module: "github.com/rhysd/actionlint/cmd/actionlint",
    version: "v1.7.12",
  });
  const kyverno = await findKyverno();
  if (kyverno === null)
    process.stdout.write(
      "No kyverno here: the policies' cases are evaluated without it. `node test/setup/kyverno.ts` builds it, in minutes.\n",
    );
  const promtool = await findDebianTool({ name: "promtool", package: "prometheus" });
  const amtool = await findDebianTool({ name: "amtool", package: "prometheus-alertmanager" });
  project.provide("tools", { helm, promtool, amtool, kyverno, actionlint });
}
