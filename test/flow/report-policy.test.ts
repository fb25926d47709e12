import { afterEach, describe, expect, it } from "vitest";

import { observePolicy } from "#flow/observe-policy.ts";
import { reportPolicy } from "#flow/report-policy.ts";

import { demoPolicy } from "../stage/seed.ts";
import { aPlatform } from "./a-platform.ts";

const good = demoPolicy();
const bad = good.replace("merge: auto", "merges: auto");

let platform: Awaited<ReturnType<typeof aPlatform>> | null = null;
afterEach(async () => platform?.close());

/** Pushes a policy and returns what a look at the new head says there. */
async function push(text: string, files: Record<string, string> = {}): Promise<readonly unknown[]> {
  if (platform === null) throw new Error("no platform");
  const { sha } = await platform.github.act.push({
    repository: "acme/platform",
    user: "mona",
    files: { ".github/sluice.yaml": text, ...files },
  });
  const context = await platform.context();
  const observed = await observePolicy(context.repository, sha);
  if (observed.kind === "absent") throw new Error("no policy");
  await reportPolicy(context, sha, observed);
  const runs = await context.checkRuns.list(sha, "sluice/policy");
  return runs.map(({ conclusion }) => conclusion);
}

describe("sluice/policy", () => {
  it("is said on every commit that breaks or mends the policy, and on no other", async () => {
    platform = await aPlatform({ policy: good });
    expect(await push(bad)).toEqual(["failure"]);
    expect(await push(bad, { "README.md": "# 1\n" })).toEqual([]);
    expect(await push(good)).toEqual(["success"]);
    expect(await push(bad)).toEqual(["failure"]);
    expect(await push(good)).toEqual(["success"]);
    expect(await push(good, { "README.md": "# 2\n" })).toEqual([]);
  });
});
