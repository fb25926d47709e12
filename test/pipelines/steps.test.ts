import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { theStep, theWorkflow } from "./read-workflows.ts";
import { runShell } from "./run-shell.ts";

const jq = (await runShell("command -v jq", {})).code === 0;
if (!jq) process.stderr.write("No jq here: what the job test makes of results is not tried.\n");

describe.skipIf(!jq)("the job test", () => {
  const { run = "" } = theStep(theWorkflow("ci").jobs["test"], "All that had to run");
  const passed = { result: "success" };
  const skipped = { result: "skipped" };
  const code = { code: "true", values: "false", images: '["sluice"]' };
  const values = { code: "false", values: "true", images: "[]" };
  const whole = {
    changes: { result: "success", outputs: code },
    static: passed,
    suite: passed,
    policies: passed,
    values: skipped,
    smoke: passed,
  };
  const promotion = {
    changes: { result: "success", outputs: values },
    static: skipped,
    suite: skipped,
    policies: skipped,
    values: passed,
    smoke: skipped,
  };

  it.for([
    ["everything passed", whole, true],
    ["a promotion's values passed", promotion, true],
    ["a suite failed", { ...whole, suite: { result: "failure" } }, false],
    ["a suite was cancelled", { ...whole, suite: { result: "cancelled" } }, false],
    ["a suite did not run", { ...whole, suite: skipped }, false],
    ["Kyverno disagrees", { ...whole, policies: { result: "failure" } }, false],
    ["Kyverno was not asked", { ...whole, policies: skipped }, false],
    ["an image did not start", { ...whole, smoke: { result: "failure" } }, false],
    ["an image was not tried", { ...whole, smoke: skipped }, false],
    ["values are wrong", { ...promotion, values: { result: "failure" } }, false],
    ["values were not looked at", { ...promotion, values: skipped }, false],
    [
      "it is not known what changed",
      { ...promotion, changes: { result: "failure", outputs: {} } },
      false,
    ],
    ["nothing is known", {}, false],
  ] as const)("says, when %s: %j", async ([, needs, passes]) => {
    const { code } = await runShell(run, { NEEDS: JSON.stringify(needs) });
    expect(code === 0).toBe(passes);
  });
});

describe("the tag of an image", () => {
  const { run = "" } = theStep(theWorkflow("image").jobs["push"], "name");
  const revision = "0123456789abcdef0123456789abcdef01234567";

  it.for([
    ["", "sha-0123456789ab"],
    ["v1.2.3", "v1.2.3"],
    ["sha-0123456", "sha-0123456"],
    ["latest", null],
    ["main", null],
    ["v1", null],
    ["v1.2.3 latest", null],
    ["v1.2.3\nlatest", null],
  ] as const)("given %j, is %j", async ([given, expected]) => {
    const directory = await mkdtemp(join(tmpdir(), "sluice-tag-"));
    const output = join(directory, "output");
    await writeFile(output, "");
    const { code } = await runShell(run, {
      IMAGE: "sluice",
      OWNER: "Acme",
      REVISION: revision,
      TAG: given,
      GITHUB_OUTPUT: output,
    });
    const written = await readFile(output, "utf8");
    await rm(directory, { recursive: true });
    expect(code).toBe(expected === null ? 1 : 0);
    expect(written).toBe(
      expected === null ? "" : `repository=ghcr.io/acme/sluice\ntag=${expected}\n`,
    );
  });
});
