import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

import { extract } from "tar-stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startGitHubSimulator } from "./server.ts";
import type { GitHubSimulator } from "./server.ts";
import { asInstallation, closeClean } from "./test-client.ts";
import type { Client } from "./test-client.ts";

/** Only a failing test waits so long. */
const WAIT = { timeout: 15_000 };

const REPO = "/repos/acme/gitops";

let github: GitHubSimulator;
let client: Client;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "github-hosts-"));
  github = await startGitHubSimulator({
    seed: {
      owner: "acme",
      users: [{ login: "wanda", token: "ghp_wanda" }],
      repositories: [
        {
          name: "gitops",
          private: true,
          files: {
            "a.yaml": "a: 1\n",
            "hidden.txt": "x",
            ".gitattributes": "hidden.txt export-ignore\n",
          },
          collaborators: { wanda: "write" },
          protection: { locked: { locked: true } },
          commits: [{ message: "Lock", branch: "locked", files: { "l.txt": "1" } }],
        },
        { name: "open", files: { "README.md": "# Open\n" } },
      ],
    },
  });
  client = await asInstallation(github);
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await closeClean(github);
});

/** git as a person's machine runs it; asynchronous use of the server needs the loop, so each call is a process of its own. */
async function git(args: string[], cwd = folder): Promise<string> {
  const { promisify } = await import("node:util");
  const { execFile } = await import("node:child_process");
  const env = { ...process.env, GIT_TERMINAL_PROMPT: "0", GIT_CONFIG_GLOBAL: "/dev/null" };
  const identity = ["-c", "user.name=Wanda", "-c", "user.email=wanda@users.noreply.github.com"];
  const { stdout } = await promisify(execFile)("git", [...identity, ...args], { cwd, env });
  return stdout;
}

const address = (token: string) =>
  `${github.git.replace("http://", `http://x-access-token:${token}@`)}/acme/gitops.git`;

describe("the Git host", () => {
  it("serves what is public to anyone, and what is private to who may", async () => {
    await git(["clone", "-q", `${github.git}/acme/open.git`, "open"]);
    expect(readFileSync(join(folder, "open/README.md"), "utf8")).toBe("# Open\n");
    await expect(git(["clone", "-q", `${github.git}/acme/gitops.git`, "no"])).rejects.toThrow(
      "could not read Username",
    );
    await git(["clone", "-q", address(client.token), "app"]);
    expect(readFileSync(join(folder, "app/a.yaml"), "utf8")).toBe("a: 1\n");
  });

  it("takes a push, and tells it like any other", async () => {
    await git(["clone", "-q", address("ghp_wanda"), "work"]);
    const work = join(folder, "work");
    writeFileSync(join(work, "a.yaml"), "a: 2\n");
    await git(["commit", "-qam", "By hand"], work);
    await git(["push", "-q", "origin", "HEAD:main"], work);
    const sha = (await git(["rev-parse", "HEAD"], work)).trim();
    expect((await client.get(`${REPO}/git/ref/heads/main`)).body.object.sha).toBe(sha);
    await expect.poll(() => github.deliveries().some((d) => d.event === "push"), WAIT).toBe(true);
    const push = github.deliveries().find((d) => d.event === "push");
    expect(push?.payload).toMatchObject({ after: sha, pusher: { name: "wanda" } });
    const refused = git(["push", "-q", "origin", "HEAD:locked", "--force"], work);
    await expect(refused).rejects.toThrow("GH006: Protected branch update failed");
  });

  it("shows objects that the API made", async () => {
    const main = (await client.get(`${REPO}/git/ref/heads/main`)).body.object.sha;
    const entry = { path: "via-api.txt", mode: "100644", type: "blob", content: "1" };
    const tree = await client.post(`${REPO}/git/trees`, { base_tree: main, tree: [entry] });
    const commit = { message: "m", tree: tree.body.sha, parents: [main] };
    const { sha } = (await client.post(`${REPO}/git/commits`, commit)).body;
    await client.patch(`${REPO}/git/refs/heads/main`, { sha });
    await git(["clone", "-q", address(client.token), "fresh"]);
    expect(readFileSync(join(folder, "fresh/via-api.txt"), "utf8")).toBe("1");
    expect(
      execFileSync("git", ["fsck", "--strict"], { cwd: join(folder, "fresh") }).toString(),
    ).toBe("");
  });
});

describe("the archive host", () => {
  it("is another one, takes its own token, and leaves out what git archive leaves out", async () => {
    const reply = await client.get(`${REPO}/tarball/main`);
    expect(reply.status).toBe(302);
    const location = reply.headers.get("location") ?? "";
    expect(new URL(location).host).not.toBe(new URL(github.url).host);
    const archive = await fetch(location);
    expect(archive.headers.get("content-type")).toBe("application/x-gzip");
    const names: string[] = [];
    const entries = Readable.from(Buffer.from(await archive.arrayBuffer()))
      .pipe(createGunzip())
      .pipe(extract());
    for await (const entry of entries) {
      names.push(entry.header.name);
      entry.resume();
    }
    const sha = (await client.get(`${REPO}/git/ref/heads/main`)).body.object.sha as string;
    expect(names).toContain(`acme-gitops-${sha.slice(0, 7)}/a.yaml`);
    expect(names.some((name) => name.endsWith("hidden.txt"))).toBe(false);
    const bare = location.replace(/\?.*/u, "");
    expect((await fetch(bare)).status).toBe(404);
  });

  it("that is sent an API token has been sent a secret", async () => {
    const location =
      (await client.get("/repos/acme/open/tarball/main")).headers.get("location") ?? "";
    const before = github.violations().length;
    await fetch(location, { headers: { authorization: `Bearer ${client.token}` } });
    expect(github.violations().splice(before)).toMatchObject([{ problems: [{ keyword: "leak" }] }]);
  });
});

describe("the pages", () => {
  it("show a pull request with its checks, comments and files, and nothing that runs", async () => {
    const push = { repository: "acme/open", user: "wanda", branch: "x" };
    const { sha } = await github.act.push({
      ...push,
      files: { "<b>.txt": "<script>1</script>\n" },
    });
    const opened = await github.act["pull-request"]({
      ...push,
      head: "x",
      title: "A <i>title</i>",
    });
    await github.act["check-run"]({
      repository: "acme/open",
      sha,
      name: "ci",
      conclusion: "success",
    });
    await github.act.comment({ ...push, number: opened.number, body: "Hello **you** <img src=x>" });
    const { body } = await client.get(`/repos/acme/open/pulls/${opened.number}`);
    const page = await (await fetch(body.html_url)).text();
    for (const text of ["A &lt;i&gt;title", ">ci<", "<b>you</b>", "+&lt;script&gt;1", "&lt;img"]) {
      expect(page).toContain(text);
    }
    expect(page).not.toMatch(/<script|<img/u);
    for (const path of [
      "/",
      "/acme/open",
      `/acme/open/commit/${sha}`,
      "/acme/open/blob/main/README.md",
      "/acme/open/compare/main...x",
    ]) {
      expect((await fetch(github.git + path)).status).toBe(200);
    }
    expect((await fetch(`${github.git}/acme/none`)).status).toBe(404);
    expect(await (await fetch(`${body.diff_url}`)).text()).toContain("diff --git");
  });
});
