import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { controlAt } from "../stage/control.ts";
import { openGitHub, type GitHubLine, type Place } from "../stage/open-simulators.ts";
import { platform } from "../stage/seed.ts";

/** Where systems keep a Chromium; `CHROMIUM` names another one. */
const browsers = [
  process.env["CHROMIUM"] ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const executablePath = browsers.find((path) => path !== "" && existsSync(path));
if (executablePath === undefined)
  process.stderr.write(
    "No Chromium here: the simulator's pages are not looked at. Set CHROMIUM.\n",
  );

describe.skipIf(executablePath === undefined)("the pages that the demo links to", () => {
  let place: Place;
  let github: GitHubLine;
  let browser: Browser;
  let page: Page;
  let merged: { sha: string };
  const noise: string[] = [];

  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), "sluice-pages-"));
    place = { directory, programs: [], environment: {} };
    github = await openGitHub(place, {});
    const control = controlAt(github.control);
    const at = { repository: platform };
    const author = { ...at, user: "bob" };
    const files = { "values.yaml": "tag: sha-1\n" };
    await control.post("push", { ...author, branch: "main", files, message: "feat: values" });
    await control.post("push", {
      ...author,
      branch: "next",
      files: { "values.yaml": "tag: sha-2\n" },
      message: "feat: move",
    });
    await control.post("pull-request", { ...author, head: "next", title: "Move <b>all</b>" });
    await control.post("comment", { ...at, user: "alice", number: 1, body: "`/promote` **now**" });
    merged = await control.post("merge", { ...at, user: "alice", number: 1 });
    browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: ["--no-sandbox", "--disable-gpu"],
    });
    page = await browser.newPage();
    page.on("console", (message) => noise.push(message.text()));
    page.on("pageerror", (error) => noise.push(error.message));
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await Promise.all(place.programs.map((program) => program.stop()));
    await rm(place.directory, { recursive: true, force: true });
  });

  it("lead from the index over the repository to the pull request", async () => {
    await page.goto(new URL(github.git).origin);
    expect(await page.title()).toBe("Simulated GitHub");
    await page.getByRole("link", { name: platform, exact: true }).click();
    expect(await page.getByText("git clone").textContent()).toBe(
      `git clone ${new URL(github.git).origin}/${platform}.git`,
    );
    await page.getByRole("link", { name: "#1 Move <b>all</b>" }).click();
    expect(new URL(page.url()).pathname).toBe(`/${platform}/pull/1`);
  });

  it("show what a pull request is, says and changes, and what became of it", async () => {
    await page.goto(`${new URL(github.git).origin}/${platform}/pull/1`);
    const heading = page.getByRole("heading", { level: 1 });
    expect(await heading.textContent()).toBe("Move <b>all</b> #1");
    const body = await page.locator("body").innerText();
    expect(body).toContain("alice merged next into main");
    expect(body).toContain("-tag: sha-1\n+tag: sha-2");
    expect(await page.locator(".box b", { hasText: "now" }).count()).toBe(1);
    await page.getByRole("link", { name: merged.sha.slice(0, 7) }).click();
    expect(await page.locator("code", { hasText: merged.sha }).count()).toBe(1);
    await page.getByRole("link", { name: platform, exact: true }).click();
    expect(new URL(page.url()).pathname).toBe(`/${platform}`);
  });

  it("fit a telephone and are quiet", async () => {
    await page.setViewportSize({ width: 360, height: 640 });
    await page.goto(`${new URL(github.git).origin}/${platform}/pull/1`);
    const tooWide = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    expect(await page.evaluate<number>(tooWide)).toBe(0);
    expect(noise).toEqual([]);
  });
});
