import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { reconcile } from "#flow/reconcile.ts";

import { demoPolicy, valuesFiles } from "../stage/seed.ts";
import { aPlatform, jobContext } from "./a-platform.ts";

/** The demo's policy, with what one repository alone can answer. */
const policy = demoPolicy({ digest: false })
  .replace(/ {4}source:\n(?: {6}.*\n)+/, "")
  .replace('match: "^sha-[0-9a-f]{7,40}$"', 'match: "^1"')
  .replace("order: ancestry", "order: semver")
  .replace("name: dev\n    merge: auto", "name: dev\n    merge: manual");

/**
 * The facts may go at any moment, also while a run is under way that found everything in its place: it must not take
 * for new what it only forgot. An open promotion keeps its head, and with it what people agreed to.
 */
describe("a run whose facts go while it is under way", () => {
  let platform: Awaited<ReturnType<typeof aPlatform>>;

  beforeAll(async () => {
    const files = valuesFiles(["a", "b"], "1.0.0", "");
    const file = "gitops/tenants/b/dev.yaml";
    // One file whose scalar can be read and not be edited: its tenant is left out of the commit.
    files[file] = (files[file] ?? "").replace(/tag: (\S+).*/, "tag: &tag $1\nother: *tag");
    platform = await aPlatform({
      policy,
      seed: { files: { ".github/sluice.yaml": policy, ...files } },
    });
    // So many runs within a minute are no bot's.
    platform.github.limits({ pointsPerMinute: 1e6, contentPerMinute: 1e6, contentPerHour: 1e6 });
  });
  afterAll(async () => platform.close());

  it("leaves the open promotion as it stands", async () => {
    const { memory, repository } = await platform.context();
    const seenAt = new Date().toISOString();
    const word = { tag: "1.1.0", digest: null, revision: null, seenAt, publishedAt: seenAt };
    await memory.addCandidate("demo-api", { ...word, witness: "github" });
    const run = () => reconcile(platform.deps, platform.job, jobContext);
    const heads = async () => {
      const { pulls } = await repository.pullRequests({ updatedSince: null, atMost: 1 });
      return pulls.map(({ number, state, headRevision }) => `${number} ${state} ${headRevision}`);
    };
    await run();
    const before = await heads();
    expect(before).toEqual([expect.stringMatching(/^1 open /)]);

    const most = await countFacts(run);
    expect(most).toBeGreaterThan(20);
    for (let at = 1; at <= most; at += 1) {
      let looks = 0;
      platform.watchFacts(() => {
        looks += 1;
        if (looks === at) platform.empty();
      });
      await run();
      platform.watchFacts(() => {});
      expect({ at, heads: await heads() }).toEqual({ at, heads: before });
      // Whatever it could not finish, the next run finds out again.
      await run();
      expect({ at, heads: await heads() }).toEqual({ at, heads: before });
    }
  });

  async function countFacts(run: () => Promise<unknown>): Promise<number> {
    let looks = 0;
    platform.watchFacts(() => {
      looks += 1;
    });
    await run();
    return looks;
  }
});
