import { globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { dockerfileProblems } from "./image-problems.ts";
import { root, theWorkflow, workflowFiles } from "./read-workflows.ts";

type Manifest = { readonly type?: string; readonly dependencies: Readonly<Record<string, string>> };

const read = (path: string): string => readFileSync(join(root, path), "utf8");
const manifest = (path: string): Manifest => JSON.parse(read(path)) as Manifest;

const images = [
  { name: "sluice", dockerfile: "Dockerfile", entry: "bot/main.ts", manifest: "package.json" },
  {
    name: "tenant-service",
    dockerfile: "service/Dockerfile",
    entry: "service/main.ts",
    manifest: "service/package.json",
  },
];

describe("the Dockerfiles", () => {
  it("are these", () => {
    expect(globSync("{*,*/*}/Dockerfile*", { cwd: root, exclude: ["node_modules/**"] })).toEqual([
      "service/Dockerfile",
    ]);
    expect(globSync("Dockerfile*", { cwd: root })).toEqual(["Dockerfile"]);
  });

  it.for(images)("$dockerfile keeps this repository's rules", ({ dockerfile }) => {
    expect(dockerfileProblems(read(dockerfile))).toEqual([]);
  });

  it("have no rule that cannot fail", () => {
    expect(dockerfileProblems("FROM node:latest\nADD a b\nRUN true\nUSER node\n")).toEqual([
      "one stage: what builds it would be shipped too",
      "node:latest: write name, version and digest",
      "node:latest: never latest",
      "the last stage is not distroless",
      "USER of the last stage must be a number, not 0",
      "RUN in the last stage: it would have to be emulated for the other platform",
      "ADD a: COPY fetches and unpacks nothing",
    ]);
  });
});

describe.for(images)("the image $name", ({ dockerfile, entry, manifest: file }) => {
  const files = copied(read(dockerfile));
  const { packages, paths } = importsFrom(entry);

  it("starts what it holds", () => {
    expect(read(dockerfile)).toContain(`CMD ["${entry}"]`);
    expect(files).toContain(dirname(entry).split("/")[0]);
  });

  it("holds every file that is imported, and no test", () => {
    expect(paths.size).toBeGreaterThan(5);
    expect([...paths].filter((path) => !files.some((top) => path.startsWith(`${top}/`)))).toEqual(
      [],
    );
    expect(files.filter((path) => /^test|^\.$/.test(path))).toEqual([]);
  });

  it("holds every package that is imported", () => {
    const { dependencies } = manifest(file);
    expect([...packages].filter((name) => dependencies[name] === undefined)).toEqual([]);
    expect(packages.size).toBeGreaterThan(3);
  });

  it("is built from files that the builder is given", () => {
    const given = read(".dockerignore").match(/(?<=^!).+/gm) ?? [];
    const outside = [...files, "package-lock.json", ".npmrc"].filter(
      (path) => !given.some((top) => path === top || path.startsWith(`${top}/`)),
    );
    expect(outside).toEqual([]);
  });
});

it("service/package.json names what service/ imports, and the lock file says which version", () => {
  const { dependencies, type } = manifest("service/package.json");
  const { packages } = importsFrom("service/main.ts");
  const { packages: locked } = JSON.parse(read("package-lock.json")) as {
    packages: Readonly<Record<string, { version: string; integrity: string; dev?: boolean }>>;
  };
  expect(Object.keys(dependencies).toSorted()).toEqual([...packages].toSorted());
  expect(type).toBe("module");
  for (const [name, version] of Object.entries(dependencies)) {
    expect(version).toBe("*");
    expect(locked[`node_modules/${name}`]).toMatchObject({ integrity: expect.any(String) });
    expect(locked[`node_modules/${name}`]?.dev).toBeUndefined();
  }
});

it("latest is a tag in the smoke jobs, and nowhere else", () => {
  const { smoke, ...others } = theWorkflow("ci").jobs;
  expect(JSON.stringify(smoke)).toContain(":latest");
  const texts = [
    JSON.stringify(others),
    ...workflowFiles.filter(({ file }) => !file.endsWith("/ci.yml")).map(({ text }) => text),
    read(".gitlab-ci.yml").replaceAll("tenant-service:latest", ""),
    read("compose.yaml"),
    ...images.map(({ dockerfile }) => read(dockerfile)),
  ];
  for (const text of texts) expect(text).not.toMatch(/[\w/-]:latest\b/);
});

it("Dependabot watches every kind of pin", () => {
  const { updates } = parse(read(".github/dependabot.yml")) as {
    updates: readonly { "package-ecosystem": string; directory?: string; directories?: string[] }[];
  };
  const watched = updates.flatMap(({ directory, directories, ...update }) =>
    (directories ?? [directory]).map((each) => `${update["package-ecosystem"]} ${each}`),
  );
  expect(watched).toEqual([
    "npm /",
    "github-actions /",
    "docker /",
    "docker /service",
    "docker-compose /",
  ]);
});

it("the next release is counted from this version", () => {
  const versions = JSON.parse(read(".github/release-please-manifest.json")) as object;
  const { version } = JSON.parse(read("package.json")) as { version: string };
  expect(versions).toEqual({ ".": version });
});

/** What a Dockerfile copies out of the repository. */
function copied(text: string): string[] {
  return [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, from = ""]) =>
    from.split(" "),
  );
}

const staticImport =
  /^(?:import|export)\s+(?!type\s)(?:[\w*{][^;"'=(]*?\sfrom\s+)?["']([^"']+)["']/gm;
const lateImport = /\bimport\("([^"]+)"\)/g;

/** Files of the repository and packages that running this file loads. */
function importsFrom(entry: string): { packages: Set<string>; paths: Set<string> } {
  const packages = new Set<string>();
  const paths = new Set([entry]);
  // A set may grow while it is walked.
  for (const path of paths) {
    const text = read(path);
    const found = [...text.matchAll(staticImport), ...text.matchAll(lateImport)];
    for (const [, name = ""] of found) {
      if (isBuiltin(name)) continue;
      if (name.startsWith("#")) paths.add(name.replace("#", "bot/"));
      else if (name.startsWith(".")) paths.add(join(dirname(path), name));
      else packages.add(/^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
    }
  }
  return { packages, paths };
}
