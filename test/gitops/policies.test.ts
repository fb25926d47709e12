import { execFile } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { describe, expect, inject, it } from "vitest";

import { renderChart } from "../helm/render.ts";
import { evaluatePolicy } from "./evaluate-policy.ts";
import { readDocuments, root, theObject } from "./tree.ts";
import type { TreeObject } from "./tree.ts";

type TestCase = {
  readonly policies: readonly string[];
  readonly resources: readonly string[];
  readonly results: readonly {
    readonly policy: string;
    readonly resources: readonly string[];
    readonly result: "pass" | "fail" | "skip";
  }[];
};
type Namespace = { readonly name: string; readonly labels: Readonly<Record<string, string>> };

const { helm, kyverno } = inject("tools");
const folder = "gitops/policies";
const policies = globSync(`${folder}/*.yaml`, { cwd: root })
  .sort()
  .flatMap((file) => readDocuments(file));
const names = policies.map(({ metadata }) => metadata.name);
const [values] = readDocuments(`${folder}/test/values.yaml`) as unknown as readonly {
  readonly namespaceSelector: readonly Namespace[];
}[];
const results = { passed: "pass", refused: "fail", skipped: "skip" } as const;

function labelsOf(pod: TreeObject): Readonly<Record<string, string>> {
  const found = values?.namespaceSelector.find(({ name }) => name === pod.metadata.namespace);
  if (found === undefined) throw new Error(`no namespace ${pod.metadata.namespace}`);
  return found.labels;
}

describe("the policies", () => {
  it("are these, each refuses at once, and each has cases", () => {
    expect(names).toEqual(["image-digests", "image-tags", "labels", "limits", "no-privileges"]);
    for (const { metadata, kind, spec } of policies) {
      expect([metadata.name, kind, spec.validationActions]).toEqual([
        metadata.name,
        "ValidatingPolicy",
        ["Deny"],
      ]);
      expect(existsSync(join(root, folder, "test", metadata.name, "kyverno-test.yaml"))).toBe(true);
    }
  });

  it("hold for the namespaces that the ApplicationSet labels, and for no other", () => {
    const { labels } = theObject("ApplicationSet", "tenants").spec.template.spec.syncPolicy
      .managedNamespaceMetadata as Pick<Namespace, "labels">;
    expect(Object.keys(labels)).toEqual(expect.arrayContaining(["tenant", "env"]));
    const pod = { metadata: {}, spec: { containers: [{ image: "a:latest" }] } };
    for (const policy of policies) expect(evaluatePolicy(policy, pod, {}).kind).toBe("skipped");
  });

  it.each(policies)("$metadata.name says what to write instead", ({ spec }) => {
    const messages = (spec.validations as readonly { message: string }[]).map(
      ({ message }) => message,
    );
    expect(messages.length).toBeGreaterThan(0);
    for (const message of messages) expect(message).toMatch(/^An? .+: (?:write|leave out) .+\.$/);
  });
});

describe.each(names)("the cases of %s", (name) => {
  const policy = policies.find(({ metadata }) => metadata.name === name)!;
  const place = join(folder, "test", name);
  const [test] = readDocuments(join(place, "kyverno-test.yaml")) as unknown as readonly TestCase[];
  const pods = (test?.resources ?? []).flatMap((file) => readDocuments(join(place, file)));
  const expected = (test?.results ?? []).flatMap((each) =>
    each.resources.map((resource) => [resource, each.result] as const),
  );

  it("are for this policy, one for each pod, some good and some bad", () => {
    expect(test?.policies.map((file) => join(place, file))).toEqual([join(folder, `${name}.yaml`)]);
    expect(new Set(test?.results.map((each) => each.policy))).toEqual(new Set([name]));
    expect(new Set(expected.map(([resource]) => resource))).toEqual(
      new Set(pods.map(({ metadata }) => metadata.name)),
    );
    expect(expected).toHaveLength(pods.length);
    expect(expected.map(([, result]) => result)).toEqual(expect.arrayContaining(["pass", "fail"]));
  });

  it.each(expected)("%s: %s", (resource, result) => {
    const pod = pods.find(({ metadata }) => metadata.name === resource)!;
    expect(results[evaluatePolicy(policy, pod, labelsOf(pod)).kind]).toBe(result);
  });
});

describe.skipIf(helm === null)("the chart's pods", () => {
  it.each(globSync("gitops/tenants/*/*.yaml", { cwd: root }).sort())("of %s pass", async (file) => {
    const [tenant = "", environment = ""] = file
      .replace(/^gitops\/tenants\/|\.yaml$/g, "")
      .split("/");
    const namespace = `${tenant}-${environment}`;
    const objects = await renderChart(helm!, join(root, "helm/tenant-service"), {
      release: namespace,
      namespace,
      values: [join(root, file)],
    });
    const workloads = objects.filter(({ kind }) => kind === "Deployment") as readonly TreeObject[];
    expect(workloads).toHaveLength(1);
    for (const { spec } of workloads)
      for (const policy of policies) {
        const answer = evaluatePolicy(policy, spec.template, { tenant, env: environment });
        const prodAlone = policy.metadata.name === "image-digests" && environment !== "prod";
        expect(answer).toEqual({ kind: prodAlone ? "skipped" : "passed" });
      }
  });
});

describe.skipIf(kyverno === null)("the Kyverno CLI", () => {
  it("agrees with every case", async () => {
    const { stdout } = await promisify(execFile)(kyverno!, ["test", "."], {
      cwd: join(root, folder, "test"),
      timeout: 60_000,
    });
    const pods = names.flatMap((name) =>
      readDocuments(join(folder, "test", name, "resources.yaml")),
    );
    expect(stdout).toContain(`${pods.length} tests passed and 0 tests failed`);
  });

  it.skipIf(helm === null)("judges the chart's Deployment as it judges its pods", async () => {
    const namespace = "tenant-a-prod";
    const objects = await renderChart(helm!, join(root, "helm/tenant-service"), {
      release: namespace,
      namespace,
      values: [join(root, "gitops/tenants/tenant-a/prod.yaml")],
    });
    const good = objects.find(({ kind }) => kind === "Deployment")!;
    const bad = JSON.parse(
      JSON.stringify(good).replace(/("image":"[^"]*:)[^"]*/, "$1latest"),
    ) as typeof good;
    const place = await mkdtemp(join(tmpdir(), "sluice-policies-"));
    const judge = async (resource: object): Promise<string> => {
      await writeFile(join(place, "resource.json"), JSON.stringify(resource));
      const files = globSync(`${folder}/*.yaml`, { cwd: root });
      const args = ["--resource", join(place, "resource.json"), "-f", `${folder}/test/values.yaml`];
      // Where something is refused, it ends with an error; what counts is what it says.
      return promisify(execFile)(kyverno!, ["apply", ...files, ...args], { cwd: root }).then(
        ({ stdout }) => stdout,
        (error: { stdout: string }) => error.stdout,
      );
    };
    expect(await judge(good)).toContain("pass: 5, fail: 0, warn: 0, error: 0");
    expect(await judge(bad)).toContain("pass: 3, fail: 2, warn: 0, error: 0");
    await rm(place, { recursive: true });
  });
});
