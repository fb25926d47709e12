import { readFile } from "node:fs/promises";
import { join, matchesGlob } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { readRegistryHook } from "#adapters/registries/registry-hook.ts";

import { anEdge, registrySecret, type TestEdge } from "../adapters/http/an-edge.ts";
import { defaults, gitlabJobs, imagesOf, stages } from "./read-gitlab.ts";
import { root } from "./read-workflows.ts";
import { runShell } from "./run-shell.ts";

describe("GitLab's pipeline", () => {
  it("has these jobs in these stages", () => {
    const names = Object.entries(gitlabJobs).map(([name, { stage }]) => `${stage}: ${name}`);
    expect(names).toEqual([
      "check: tools",
      "check: static",
      "test: test",
      "test: values",
      "scan: scan",
      "build: smoke",
      "build: build",
      "announce: announce",
    ]);
    expect(new Set(Object.values(gitlabJobs).map(({ stage }) => stage))).toEqual(new Set(stages));
  });

  it.for(Object.entries(gitlabJobs))("has a job %s whose references exist", ([, job]) => {
    expect((job.needs ?? []).filter((name) => gitlabJobs[name] === undefined)).toEqual([]);
    expect(job.script?.length).toBeGreaterThan(0);
    for (const image of imagesOf(job))
      expect(image).toMatch(/^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/);
  });

  it("ends each job within ten minutes", () => {
    expect(defaults.timeout).toBe("9 minutes");
    expect(Object.values(gitlabJobs).flatMap(({ timeout }) => timeout ?? [])).toEqual([]);
  });

  it("runs every project of vitest", async () => {
    const config = await readFile(join(root, "vitest.config.ts"), "utf8");
    const projects = [...config.matchAll(/name: "(\w+)"/g)].map(([, name]) => name);
    const [matrix] = gitlabJobs["test"]?.parallel?.matrix ?? [];
    expect(new Set(matrix?.["SUITE"])).toEqual(new Set(projects));
  });

  it("builds tools at the versions that the tests look for", async () => {
    const wanted = await readFile(join(root, "test/setup/platform-tools.ts"), "utf8");
    const script = gitlabJobs["tools"]?.script?.join("\n") ?? "";
    const modules = [...wanted.matchAll(/module: "(\S+)",\s+version: "(\S+)"/g)];
    expect(modules.length).toBeGreaterThan(1);
    for (const [, module, version] of modules) {
      expect(script).toContain(`go install ${module}@${version}`);
      expect(script).toContain(`/${module?.split("/").at(-1)}-${version}"`);
    }
  });

  it("builds nothing for a promotion, and looks at its values", () => {
    const path = "gitops/tenants/tenant-a/dev.yaml";
    const woken = Object.keys(gitlabJobs).filter((name) => isWoken(name, path));
    expect(woken).toEqual(["tools", "values", "scan"]);
  });

  it("never leaves out a job that another one of the same push needs", () => {
    const needed = ["announce", "build", ...(gitlabJobs["build"]?.needs ?? [])];
    const text =
      "service/main.ts package.json package-lock.json .npmrc .dockerignore .gitlab-ci.yml";
    const paths = text.split(" ");
    const asleep = paths.flatMap((path) =>
      needed.filter((name) => !isWoken(name, path)).map((name) => `${name} by ${path}`),
    );
    expect(needed.length).toBeGreaterThan(4);
    expect(asleep).toEqual([]);
  });
});

/** Whether a push to the default branch that changes this file alone starts the job. */
function isWoken(name: string, path: string): boolean {
  return (gitlabJobs[name]?.rules ?? [{}]).some(
    ({ changes }) => changes?.some((glob) => matchesGlob(path, glob)) ?? true,
  );
}

describe("the call that tells Sluice of an image", () => {
  const lines = (gitlabJobs["announce"]?.script ?? []).join("\n");
  const built = {
    IMAGE: "registry.gitlab.com/acme/platform/tenant-service",
    IMAGE_TAG: "sha-0123456789ab",
    IMAGE_DIGEST: `sha256:${"a".repeat(64)}`,
    CI_COMMIT_SHA: "0123456789abcdef0123456789abcdef01234567",
  };
  let edge: TestEdge;
  beforeEach(async () => {
    edge = await anEdge();
  });
  afterEach(async () => {
    await edge.stop();
  });

  it("is signed so that Sluice takes it", async () => {
    expect(await call(registrySecret)).toMatchObject({ code: 0 });
    expect(edge.stored).toHaveLength(1);
    expect(readRegistryHook(edge.stored[0]?.body ?? "")).toEqual({
      kind: "event",
      event: {
        kind: "artifact.published",
        image: built.IMAGE,
        tag: built.IMAGE_TAG,
        digest: built.IMAGE_DIGEST,
        revision: built.CI_COMMIT_SHA,
        publishedAt: null,
      },
    });
  });

  it("takes a secret as it is", async () => {
    await edge.stop();
    const secret = "-$(id) `x` \"quoted\" 'single' \\ äß %s";
    edge = await anEdge({ registryWebhookSecret: secret });
    expect(await call(secret)).toMatchObject({ code: 0 });
    expect(edge.stored).toHaveLength(1);
  });

  it("fails with what Sluice says where the secrets differ, and never shows its own", async () => {
    const { code, out } = await call("another secret of some length");
    expect(code).not.toBe(0);
    expect(out).toContain("REGISTRY_WEBHOOK_SECRET");
    expect(out).not.toContain("another secret");
    expect(edge.stored).toEqual([]);
  });

  function call(secret: string): Promise<{ code: number; out: string }> {
    // Five times five seconds are for a Sluice that restarts; here nobody waits for one.
    const quick = lines.replace("--retry 5 --retry-delay 5", "--retry 0");
    expect(quick).not.toBe(lines);
    return runShell(quick, { ...built, REGISTRY_WEBHOOK_SECRET: secret, SLUICE_URL: edge.url });
  }
});
