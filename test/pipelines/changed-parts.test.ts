import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { partsOf } from "../../.github/changed-parts.ts";
import { root, theStep, theWorkflow } from "./read-workflows.ts";
import { runShell } from "./run-shell.ts";

const execute = promisify(execFile);
const script = join(root, ".github/changed-parts.ts");
const all = 'code=true\nvalues=true\nimages=["tenant-service","sluice"]\n';

describe("the parts that a change touches", () => {
  it.for([
    ["a promotion", ["gitops/tenants/tenant-a/dev.yaml"], false, true, []],
    ["the bot", ["bot/main.ts"], true, false, ["sluice"]],
    ["its page", ["bot/README.md"], true, false, []],
    ["the service", ["service/routes.ts"], true, false, ["tenant-service"]],
    ["its Dockerfile", ["service/Dockerfile"], true, false, ["tenant-service"]],
    ["Sluice's Dockerfile", ["Dockerfile"], true, false, ["sluice"]],
    ["a dependency", ["package-lock.json"], true, false, ["tenant-service", "sluice"]],
    ["a policy", ["gitops/policies/limits.yaml"], true, false, []],
    ["both", ["gitops/tenants/a/dev.yaml", "service/main.ts"], true, true, ["tenant-service"]],
    ["nothing that is known", [], true, true, ["tenant-service", "sluice"]],
  ] as const)("by %s", ([, paths, code, values, images]) => {
    expect(partsOf(paths)).toEqual({ code, values, images });
  });
});

describe("asked as the workflow asks", () => {
  let place = "";
  const commits: string[] = [];

  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), "sluice-parts-"));
    await git("init", "--quiet");
    await commit({ "service/a.ts": "1", "gitops/tenants/a/dev.yaml": "1" });
    await commit({ "gitops/tenants/a/dev.yaml": "2", "gitops/tenants/b ü/dev.yaml": "1" });
    await mkdir(join(place, "bot"));
    await rename(join(place, "service/a.ts"), join(place, "bot/a.ts"));
    await commit({});
  });
  afterAll(() => rm(place, { recursive: true }));

  it("finds that a promotion builds nothing", async () => {
    expect(await ask(commits[0], commits[1])).toBe("code=false\nvalues=true\nimages=[]\n");
  });

  it("counts a file that moved on both sides", async () => {
    expect(await ask(commits[1], commits[2])).toBe(
      'code=true\nvalues=false\nimages=["tenant-service","sluice"]\n',
    );
  });

  it.for([
    ["a new branch", () => ["0".repeat(40), commits[2]]],
    ["a commit that is not there", () => ["1".repeat(40), commits[2]]],
    ["no change", () => [commits[2], commits[2]]],
    ["no answer", () => []],
    ["an option", () => ["--output=/dev/null", commits[2]]],
  ] as const)("looks at everything for %s", async ([, given]) => {
    expect(await ask(...given())).toBe(all);
  });

  describe("as changes.yml asks it, for", () => {
    const { run = "" } = theStep(theWorkflow("changes").jobs["find"], "parts");
    const promotion = "code=false\nvalues=true\nimages=[]\n";

    it.for([
      ["a push", "push", 0, promotion],
      ["a merge queue", "merge_group", 0, promotion],
      ["a push that made the branch", "push", null, all],
      // Its head was pushed to before, and the event names that: only its base counts.
      ["a pull request", "pull_request", 1, promotion],
      ["a timer", "schedule", 0, all],
    ] as const)("%s", async ([, event, before, expected]) => {
      const work = await mkdtemp(join(tmpdir(), "sluice-changes-"));
      await execute("git", ["clone", "--quiet", place, work]);
      await execute("git", ["checkout", "--quiet", commits[1] ?? ""], { cwd: work });
      await cp(script, join(work, ".github/changed-parts.ts"));
      const output = join(work, ".git/output");
      await runShell(`cd '${work}'\n${run}`, {
        EVENT: event,
        BEFORE: before === null ? "0".repeat(40) : (commits[before] ?? ""),
        GITHUB_OUTPUT: output,
        PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
      });
      const written = await readFile(output, "utf8");
      await rm(work, { recursive: true });
      expect(written).toBe(expected);
    });
  });

  async function ask(...given: readonly (string | undefined)[]): Promise<string> {
    const args = given.map((each) => each ?? "");
    return (await execute(process.execPath, [script, ...args], { cwd: place })).stdout;
  }

  async function commit(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(place, path)), { recursive: true });
      await writeFile(join(place, path), text);
    }
    await git("add", "--all");
    const author = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    await git(...author, "commit", "--quiet", "--message", "change");
    commits.push((await git("rev-parse", "HEAD")).trim());
  }

  async function git(...args: string[]): Promise<string> {
    return (await execute("git", args, { cwd: place })).stdout;
  }
});
