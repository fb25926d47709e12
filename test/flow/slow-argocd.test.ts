import { afterEach, describe, expect, it } from "vitest";

import type { Application } from "#core/application.ts";
import { reconcile } from "#flow/reconcile.ts";
import type { Deployer } from "#ports/deployer.ts";

import { aVerdict } from "../builders.ts";
import { demoPolicy, image, valuesFiles } from "../stage/seed.ts";
import { aPlatform, jobContext } from "./a-platform.ts";

/** The demo's policy, with what one repository alone can answer. */
const policy = demoPolicy({ digest: false })
  .replace(/ {4}source:\n(?: {6}.*\n)+/, "")
  .replace('match: "^sha-[0-9a-f]{7,40}$"', 'match: "^1"')
  .replace("order: ancestry", "order: semver")
  .replace("name: dev\n    merge: auto", "name: dev\n    merge: manual");

/** Only a failing test waits so long. */
const patience = { timeout: 15_000 };

let platform: Awaited<ReturnType<typeof aPlatform>> | null = null;
afterEach(async () => platform?.close());

describe("an Argo CD that does not answer", () => {
  it("holds back what must ask it, and nothing else", async () => {
    const values = valuesFiles(["a"], "1.0.0", "");
    const dev = "gitops/tenants/a/dev.yaml";
    values[dev] = (values[dev] ?? "").replace("1.0.0", "1.1.0");
    const files = { ".github/sluice.yaml": policy, ...values };
    platform = await aPlatform({ policy, seed: { files } });
    const { deps, job, context } = platform;

    const { memory, repository } = await context();
    const at = new Date();
    const word = { digest: null, revision: null, seenAt: at.toISOString(), publishedAt: null };
    await memory.addCandidate("demo-api", { ...word, tag: "1.2.0", witness: "github" });
    const stands = { repository: image, tag: "1.1.0", digest: null, revision: null };
    const { revision } = await repository.head();
    const stream = { environment: "dev", service: "demo-api", ring: "all" };
    await memory.addVerdict(stream, aVerdict(stands, { at, commit: revision, tenants: ["a"] }));

    const list = Promise.withResolvers<readonly Application[]>();
    let asked = 0;
    const deployer = {
      name: "default",
      applications: () => {
        asked += 1;
        return list.promise;
      },
    } as Partial<Deployer> as Deployer;
    const deployers = { names: () => ["default"], instance: () => deployer };
    const running = reconcile({ ...deps, deployers }, job, jobContext);
    const branches = async () =>
      (await repository.pullRequests({ updatedSince: null, atMost: 1 })).pulls.map(
        ({ headBranch, state }) => `${state} ${headBranch}`,
      );
    await expect.poll(branches, patience).toEqual(["open sluice/dev/demo-api/all"]);
    await expect.poll(() => asked, patience).toBeGreaterThan(0);
    list.resolve([]);
    await running;
    expect((await branches()).length).toBeLessThanOrEqual(2);
    expect(await branches()).toContain("open sluice/dev/demo-api/all");
  });
});
