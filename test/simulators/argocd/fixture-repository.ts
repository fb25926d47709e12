import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { git } from "./git-run.ts";

export type FixtureRepository = {
  /** What the simulator is given: the path of a bare repository. */
  url: string;
  /** Commits the files on top of `main` (null deletes one); returns the SHA. */
  commit(files: Record<string, string | null>, message?: string): Promise<string>;
  close(): Promise<void>;
};

const MAIN = "refs/heads/main";
const IDENTITY = "Someone <someone@example.com>";

/** A bare repository for the contract tests, written by `git fast-import`. */
export async function createFixtureRepository(): Promise<FixtureRepository> {
  const url = await mkdtemp(join(tmpdir(), "argocd-fixture-"));
  let when = 1_767_225_600;
  await git(["init", "--bare", "--quiet", "--initial-branch=main", "."], url);
  return {
    url,
    async commit(files, message = "change values") {
      const has = await git(["rev-parse", "--verify", "--quiet", MAIN], url).catch(() => "");
      const parts = [`commit ${MAIN}`, `committer ${IDENTITY} ${when++} +0000`, data(message)];
      if (has !== "") parts.push(`from ${MAIN}^0`);
      for (const [path, content] of Object.entries(files)) {
        if (content === null) parts.push(`D ${path}`);
        else parts.push(`M 100644 inline ${path}`, data(content));
      }
      await git(["fast-import", "--quiet", "--date-format=raw"], url, `${parts.join("\n")}\n`);
      return (await git(["rev-parse", MAIN], url)).trim();
    },
    close: () => rm(url, { recursive: true, force: true }),
  };
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}
