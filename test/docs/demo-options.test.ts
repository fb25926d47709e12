import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { judgeGit } from "../demo/needs-git.ts";
import { readOptions, scenarios, usage } from "../demo/options.ts";

const standard = { tenants: 3, scenario: "happy", once: false, verbose: false };

describe("npm run demo", () => {
  it.each([
    [[], standard],
    [["--once"], { ...standard, once: true }],
    [["--tenants", "1000", "--verbose"], { ...standard, tenants: 1000, verbose: true }],
    [["--scenario=revert"], { ...standard, scenario: "revert" }],
    [["--scenario=rollback"], { ...standard, scenario: "rollback" }],
    [["--scenario=thousand"], { ...standard, scenario: "thousand", tenants: 1000 }],
    [["--scenario=thousand", "--tenants=5"], { ...standard, scenario: "thousand", tenants: 5 }],
  ])("takes %j", (args, options) => {
    expect(readOptions(args)).toEqual({ kind: "options", options });
  });

  it.each([["--help"], ["-h"]])("explains itself on %s", (flag) => {
    expect(readOptions([flag])).toEqual({ kind: "help" });
  });

  it.each([
    [["--tenants", "0"], ['--tenants takes a whole number from 1 to 1000, not "0".']],
    [["--tenants", "1e2"], ['--tenants takes a whole number from 1 to 1000, not "1e2".']],
    [["--tenants", ""], ['--tenants takes a whole number from 1 to 1000, not "".']],
    [
      ["--tenants=1001", "--scenario=sad"],
      [
        '--tenants takes a whole number from 1 to 1000, not "1001".',
        '--scenario takes happy, bad-image, slow, revert, rollback, freeze, hotfix, thousand, not "sad".',
      ],
    ],
    [
      ["--tenants=4", "--scenario=thousand"],
      ["--scenario thousand needs at least 5 tenants for its four rings."],
    ],
    [["--twice"], [expect.stringContaining("--twice")]],
    [["now"], [expect.stringContaining("now")]],
  ])("refuses %j and names every problem", (args, problems) => {
    expect(readOptions(args)).toEqual({ kind: "invalid", problems });
  });

  it.each([
    ["git version 2.38.0\n", null],
    ["git version 2.39.5 (Apple Git-154)\n", null],
    ["git version 3.1.0\n", null],
    ["git version 2.34.1\n", expect.stringContaining("Git 2.34 is too old")],
    ["git version 1.99.0\n", expect.stringContaining("Git 1.99 is too old")],
    ["", expect.stringContaining("There is no Git here")],
  ])("judges %j", (said, problem) => {
    expect(judgeGit(said)).toEqual(problem);
  });

  it("is described in the README and in its own help", () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    for (const name of scenarios.filter((one) => one !== "happy"))
      expect(readme).toContain(`--scenario ${name}`);
    for (const word of [...scenarios, "--tenants", "--scenario", "--once", "--verbose"])
      expect(usage).toContain(word);
    expect(readme).toContain("-- --once");
  });
});
