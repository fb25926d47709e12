import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { describe, expect, inject, it } from "vitest";
import { parse } from "yaml";

import { gitlabJobs } from "./read-gitlab.ts";
import { readWorkflow, root, theWorkflow, workflowFiles } from "./read-workflows.ts";
import { workflowProblems } from "./workflow-problems.ts";

const execute = promisify(execFile);
const { actionlint } = inject("tools");

describe("the workflows", () => {
  it("are these", () => {
    expect(workflowFiles.map(({ file }) => file.replace(".github/workflows/", ""))).toEqual([
      "changes.yml",
      "ci.yml",
      "codeql.yml",
      "dependency-review.yml",
      "image.yml",
      "policies.yml",
      "release.yml",
      "zap.yml",
    ]);
  });

  it.for(workflowFiles)("$file keeps this repository's rules", (file) => {
    expect(workflowProblems(file)).toEqual([]);
  });

  it("have one commit for each version of an action", () => {
    const pins = workflowFiles.flatMap(({ text }) =>
      [...text.matchAll(/uses: ([\w.-]+\/[\w.-]+)\S*@(\w+) # (\S+)/g)].map(
        ([, action, commit, version]) => `${action} ${version} ${commit}`,
      ),
    );
    const actions = new Set(pins.map((pin) => pin.split(" ")[0]));
    expect(actions.size).toBeGreaterThan(8);
    expect(new Set(pins).size).toBe(actions.size);
  });

  it("have no rule that cannot fail", () => {
    const planted = `
name: planted
on: { pull_request: { paths: [src] }, pull_request_target: null }
jobs:
  wide:
    permissions: { contents: write }
    steps:
      - uses: actions/checkout@v6
      - uses: actions/upload-artifact@b7c566a772e6b6bfb58ed0dc250532a479d7789f
      - run: echo "\${{ github.event.pull_request.title }}"
  bare:
    timeout-minutes: 10
    steps: []
`;
    expect(workflowProblems({ file: ".github/workflows/planted.yml", text: planted }))
      .toMatchInlineSnapshot(`
      [
        "actions/checkout@v6: pin a commit, and write its version behind it",
        "actions/upload-artifact@b7c566a772e6b6bfb58ed0dc250532a479d7789f: pin a commit, and write its version behind it",
        "permissions of the workflow must be {}, each job names its own",
        "no concurrency group",
        "pull_request has a path filter: a required check would never report",
        "pull_request_target runs strangers' code with our rights",
        "wide: may not write contents",
        "wide: timeout-minutes must be 9 at most",
        "wide: actions/checkout@v6: persist-credentials must be false",
        "wide: actions/upload-artifact@b7c566a772e6b6bfb58ed0dc250532a479d7789f: a report is wanted most when something failed; if: always()",
        "wide: echo "\${{ github.event.pull_request.title }}": text from outside goes through env, never into a script",
        "bare: no permissions",
        "bare: timeout-minutes must be 9 at most",
      ]
    `);
  });
});

describe.skipIf(actionlint === null)("actionlint", () => {
  it("finds nothing in any of them", async () => {
    const files = workflowFiles.map(({ file }) => join(root, file));
    await expect(execute(actionlint!, ["-no-color", ...files])).resolves.toMatchObject({
      stdout: "",
    });
  });

  it("would find something", async () => {
    const directory = await mkdtemp(join(tmpdir(), "sluice-actionlint-"));
    const file = join(directory, "planted.yml");
    await writeFile(
      file,
      "on: push\njobs: { a: { runs-on: ubuntu-24.04, needs: b, steps: [{ run: true }] } }\n",
    );
    await expect(execute(actionlint!, ["-no-color", file])).rejects.toMatchObject({ code: 1 });
    await rm(directory, { recursive: true });
  });
});

type Policy = {
  services: Record<string, { source: { workflow: string }; tags: { match: string } }>;
  environments: readonly { gates?: readonly { checks?: readonly string[] }[] }[];
};

describe("the policy of this repository", async () => {
  const policy = parse(await readFile(join(root, ".github/sluice.yaml"), "utf8")) as Policy;
  const ci = theWorkflow("ci");

  it("waits for jobs that there are, and that always report", () => {
    const checks = policy.environments.flatMap(({ gates = [] }) =>
      gates.flatMap((gate) => gate.checks ?? []),
    );
    expect(new Set(checks)).toEqual(new Set(["test", "scan"]));
    for (const check of checks) {
      expect(ci.jobs[check]?.if).toBe("${{ always() }}");
      // The name of a job in a matrix would not be the name of the check.
      expect(ci.jobs[check]?.strategy).toBeUndefined();
    }
  });

  it("takes the run for a witness that publishes the image", () => {
    const [service] = Object.values(policy.services);
    const file = workflowFiles.find(
      ({ file }) => file === `.github/workflows/${service?.source.workflow}`,
    );
    const { publish } = readWorkflow(file?.text ?? "").jobs;
    expect(publish?.uses).toBe("./.github/workflows/image.yml");
    expect(publish?.needs).toEqual(expect.arrayContaining(["test", "scan"]));
    for (const name of ["test", "scan"])
      expect(publish?.if).toContain(`needs.${name}.result == 'success'`);
  });
});

it("the page of the workflows names each of them, and jobs that there are", async () => {
  const page = await readFile(join(root, ".github/workflows/README.md"), "utf8");
  for (const { file } of workflowFiles) expect(page).toContain(`\`${file.split("/").at(-1)}\``);
  const jobs = Object.keys({ ...theWorkflow("ci").jobs, ...gitlabJobs });
  const named = [...page.matchAll(/\bjob,? `([\w-]+)`|`([\w-]+)`:/g)].map(([, a, b]) => a ?? b);
  expect(named).toEqual(["test", "scan", "announce", "smoke"]);
  expect(named.filter((name) => !jobs.includes(name ?? ""))).toEqual([]);
});

describe("the tests in ci", () => {
  const { suite } = theWorkflow("ci").jobs;
  const rows = suite?.strategy?.matrix["include"] as readonly { arguments: string }[];

  it("are every project of vitest, and every shard of it", async () => {
    const config = await readFile(join(root, "vitest.config.ts"), "utf8");
    const projects = [...config.matchAll(/name: "(\w+)"/g)].map(([, name]) => name);
    const run = rows.map((row) => /--project (\w+)/.exec(row.arguments)?.[1]);
    expect(projects.length).toBeGreaterThan(3);
    expect(new Set(run)).toEqual(new Set(projects));
    const shards = rows.flatMap((row) => /--shard (\d)\/(\d)/.exec(row.arguments)?.[0] ?? []);
    expect(shards).toEqual(["--shard 1/3", "--shard 2/3", "--shard 3/3"]);
  });
});
