import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { StreamState } from "#core/plan-types.ts";
import { observePullRequests } from "#flow/observe-pull-requests.ts";
import { reportOtherPullRequests } from "#flow/report-other-pull-requests.ts";

import { aPlatform } from "./a-platform.ts";

let platform: Awaited<ReturnType<typeof aPlatform>>;
beforeEach(async () => {
  platform = await aPlatform();
});
afterEach(() => platform.close());

async function report(states: readonly StreamState[] = []) {
  const context = await platform.context();
  const branches = ["sluice/dev/demo-api/all"];
  await reportOtherPullRequests(context, await observePullRequests(context, branches), states);
}

const runs = (revision: string) =>
  platform.github.world.tables.checkRuns
    .filter((run) => run.headSha === revision)
    .map((run) => [run.name, run.conclusion]);

describe("a pull request that is no promotion", () => {
  it.each(["docs", "sluice/my-docs", "sluice/dev/demo-api/all", "sluice-rollback/notes"])(
    "from %s is told so, however its branch is called",
    async (branch) => {
      const pull = await platform.openPull(branch);
      await report();
      expect(runs(pull.sha)).toEqual([["sluice/gates", "neutral"]]);
    },
  );

  it("is not a person's pull request that brings a promotion all the same", async () => {
    const pull = await platform.openPull("sluice/dev/demo-api/all");
    const stream = { environment: "dev", service: "demo-api", ring: "all" };
    const artifact = {
      repository: "ghcr.io/acme/demo-api",
      tag: "a",
      digest: null,
      revision: null,
    };
    const head = pull.sha;
    const open = { number: pull.number, head, artifact, tenants: [], consents: [] };
    const rest = { targets: [], desired: [], verdicts: [], holds: [], vetoes: [] };
    await report([{ ...rest, stream, open: { ...open, ownership: "person" } }]);
    expect(runs(head)).toEqual([]);
  });
});
