import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const documents = globSync(
  [
    "*.md",
    "{.github,bot,cluster,gitops,helm,observability,service,test}/*.md",
    "{.github/workflows,helm/*,gitops/*,observability/*}/*.md",
  ],
  { cwd: root },
);
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Readonly<Record<string, string>>;
};

describe("every document", () => {
  it("is one of those that are looked at", () => {
    expect(documents).toEqual(expect.arrayContaining(["README.md", "bot/README.md"]));
    expect(documents.length).toBeGreaterThanOrEqual(6);
  });

  it.each(documents)("%s names scripts, links and files that there are", (document) => {
    const text = readFileSync(join(root, document), "utf8");
    const places = [dirname(join(root, document)), root];
    const missing = [
      ...all(text, /npm run ([\w:-]+)/g).filter((name) => scripts[name] === undefined),
      ...all(text, /\]\((?!https?:|#)([^)#]+)/g).filter(
        (path) => !isThere(path, places.slice(0, 1)),
      ),
      ...all(text, /`([\w.*/-]+\/[\w.*-]*\.(?:ts|md|json|yml))`/g).filter(
        (path) => !isThere(path, places),
      ),
    ];
    expect(missing).toEqual([]);
  });

  it("README.md stays short enough to be read", () => {
    expect(readFileSync(join(root, "README.md"), "utf8").split("\n").length).toBeLessThan(151);
  });
});

function all(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, found = ""]) => found);
}

function isThere(path: string, places: readonly string[]): boolean {
  return places.some((place) =>
    path.includes("*") ? globSync(path, { cwd: place }).length > 0 : existsSync(join(place, path)),
  );
}
