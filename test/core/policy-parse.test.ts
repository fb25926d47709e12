import { readdirSync, readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { parsePolicy } from "../../bot/core/policy-parse.ts";

const folder = new URL("../fixtures/policy/", import.meta.url);
const own = { repository: "acme/platform" };

function parseFixture(path: string) {
  return parsePolicy(readFileSync(new URL(path, folder), "utf8"), own);
}

/** `line:column sentence`, one a line. */
function problemsOf(file: string): string {
  const parsed = parseFixture(`invalid/${file}.yaml`);
  if (parsed.kind === "policy") return "no problem";
  return parsed.problems
    .map(({ line, column, sentence }) => `${line}:${column} ${sentence}`)
    .join("\n");
}

describe("parsePolicy", () => {
  it.for(readdirSync(new URL("valid/", folder)))("accepts %s", (file) => {
    expect(parseFixture(`valid/${file}`)).toMatchObject({ kind: "policy" });
  });

  it("fills in every default", () => {
    const parsed = parseFixture("valid/smallest.yaml");
    expect(parsed).toEqual({
      kind: "policy",
      warnings: [],
      policy: {
        services: [
          {
            name: "web",
            image: "ghcr.io/acme/web",
            source: { repository: "acme/platform", branch: "main", workflow: null },
            match: /^sha-[0-9a-f]{7,40}$/u,
            order: "ancestry",
            values: {
              file: "tenants/{tenant}/{environment}.yaml",
              tag: "image.tag",
              digest: null,
            },
            application: "{tenant}-{environment}",
          },
        ],
        environments: [
          {
            name: "prod",
            merge: "manual",
            argocd: "default",
            promoters: { permission: "write", teams: [] },
            gates: [],
            rings: [
              {
                name: "all",
                takes: { kind: "names", patterns: ["*"] },
                soakMs: 0,
                maxFailures: 0,
              },
            ],
            supersede: "update",
            deployments: true,
            rollout: { timeoutMs: 900_000, onFailure: "halt" },
          },
        ],
        freezes: [],
        notifications: [],
        pins: [],
        excluded: [],
      },
    });
  });

  it("keeps what is written", () => {
    expect(parseFixture("valid/three-environments.yaml")).toMatchObject({
      policy: {
        services: [
          {
            source: { repository: "acme/demo-api", branch: "main", workflow: "ci.yml" },
            values: { digest: "image.digest" },
          },
        ],
        environments: [
          { name: "dev", merge: "auto" },
          {
            name: "staging",
            gates: [
              { kind: "soak", forMs: 600_000 },
              { kind: "checks", names: ["test", "scan"] },
            ],
          },
          { name: "prod", argocd: "prod", promoters: { permission: "maintain", teams: ["sre"] } },
        ],
      },
    });
  });

  it("reads whom to tell of what", () => {
    expect(parseFixture("valid/telling-people.yaml")).toMatchObject({
      policy: {
        environments: [{ deployments: false }, { deployments: true }],
        notifications: [
          { environments: ["prod"], slack: { channel: "releases" }, webhook: null },
          { on: ["on-degraded", "on-frozen", "on-budget"], environments: null, webhook: "on-call" },
        ],
      },
    });
  });

  it("reads the same with carriage returns and a byte order mark", () => {
    expect(parseFixture("valid/windows.yaml")).toEqual(parseFixture("valid/smallest.yaml"));
  });

  it("warns of what is probably not meant", () => {
    const parsed = parseFixture("valid/anchors.yaml");
    const warnings = parsed.kind === "policy" ? parsed.warnings : [];
    expect(warnings.map(({ line, sentence }) => `${line} ${sentence}`)).toMatchInlineSnapshot(`
      [
        "6 the pattern matches anywhere within a tag: write "^" and "$" around it to match the whole",
        "17 whoever may triage this repository may promote: write "write" or more to restrict it",
      ]
    `);
  });

  it("unknown keys", () => {
    expect(problemsOf("keys")).toMatchInlineSnapshot(`
      "2:1 unknown key "servces": did you mean "services"?
      7:5 unknown key "sources": did you mean "source"?
      8:5 the order "ancestry", which is the default, needs to know the code: write "source: {}" (this repository) or "source: {repository: owner/name}", or another order
      8:35 unknown key "ordr": did you mean "order"?
      9:67 unknown key "tga": did you mean "tag"?
      14:15 unknown key "sook": did you mean "soak"?
      15:5 unknown key "promotors": did you mean "promoters"?
      16:21 unknown key "completelyElse": here are name, merge, argocd, promoters, gates, rings, rollout, deployments, supersede"
    `);
  });

  it("wrong types", () => {
    expect(problemsOf("types")).toMatchInlineSnapshot(`
      "1:10 this Sluice reads version 1: write "version: 1"
      4:12 "5" is a number: write a text
      5:13 "main" is a text: write keys with values
      6:5 is a list: write keys with values
      7:12 is empty: write keys with values
      8:5 is a mapping: write a text
      9:8 is empty: write keys with values
      10:3 is a list: write keys with values
      11:1 is a mapping: write a list ("- …" or "[…]")
      13:10 "never" is a text: write a list ("- …" or "[…]")"
    `);
  });

  it("names", () => {
    expect(problemsOf("names")).toMatchInlineSnapshot(`
      "3:3 "Web_1" is no name of a service: use lower-case letters, digits and inner dashes, at most 63 characters
      9:11 "gates" is reserved, there is a check run "sluice/gates" already: choose another name
      10:11 "policy" is reserved, there is a check run "sluice/policy" already: choose another name
      11:11 "Dev" is no valid name: use lower-case letters, digits and inner dashes, at most 63 characters
      13:13 "EU_1" is no valid name: use lower-case letters, digits and inner dashes, at most 63 characters
      14:11 the environment "dev" is written twice: keep one"
    `);
  });

  it("images", () => {
    expect(problemsOf("images")).toMatchInlineSnapshot(`
      "3:15 the image names a tag: write registry and repository only, "tags.match" says which tags count
      4:15 the image names a digest: write registry and repository only, Sluice finds the digests
      5:15 image names are lower case: write "ghcr.io/acme/a"
      6:15 the image names no registry: write it in front, as in "ghcr.io/acme/demo-api" or "docker.io/library/nginx"
      7:15 the repository is not a valid image name: lower-case letters and digits, separated by ".", "_" or "-"
      8:15 the registry is not a host name with an optional port"
    `);
  });

  it("paths, places and applications", () => {
    expect(problemsOf("paths")).toMatchInlineSnapshot(`
      "3:80 two placeholders stand side by side, so the path can be read two ways: put "/", "." or "_" between them
      4:49 two placeholders stand side by side, so the path can be read two ways: put "/", "." or "_" between them
      5:49 the path holds "." or "..": write it from the repository's root
      5:49 {environment} is missing: each environment of a service has a file of its own, found by its path
      5:99 {tenant} is missing, so all tenants would share one application: add it
      6:49 the path is absolute: write it from the repository's root
      6:49 values files end in ".yaml" or ".yml"
      6:105 {environment} is missing, so environments on one Argo CD would share an application: add it
      7:49 the path leads into ".git" or ".github": values files never stand there
      7:111 two placeholders stand side by side, so two targets could share a name: put "-" or "." between them
      8:49 the path leads into ".git" or ".github": values files never stand there
      8:110 the placeholder "{Tenant}" is unknown: there are {tenant} and {environment}
      9:49 the path holds an empty part: remove the extra slash
      9:49 the placeholder "{env}" is unknown: there are {tenant} and {environment}
      9:49 {environment} is missing: each environment of a service has a file of its own, found by its path
      9:98 no name of an application: use lower-case letters, digits, inner dashes and dots, and the placeholders
      10:49 a placeholder follows a leading dot, so a tenant could name ".git": put something between
      10:86 "a..b" is no path: write keys with dots between them, as in "image.tag"
      10:107 no name of an application: use lower-case letters, digits, inner dashes and dots, and the placeholders
      11:49 the path holds a character that is not portable: use letters, digits, dots, dashes, underscores and slashes
      11:88 "a.__proto__" leads through a key that is never followed: name another place
      12:102 "image.digest" of this file is taken by services.j (tag): each tag and each digest needs a place of its own
      13:87 "image" of this file is taken by services.j (tag): each tag and each digest needs a place of its own
      14:49 a brace stands alone: placeholders are {tenant} and {environment}
      14:49 {tenant} is missing: each tenant of a service has a file of its own, found by its path"
    `);
  });

  it("sources and tags", () => {
    expect(problemsOf("sources-and-tags")).toMatchInlineSnapshot(`
      "3:23 the order "ancestry", which is the default, needs to know the code: write "source: {}" (this repository) or "source: {repository: owner/name}", or another order
      4:45 "https://github.com/acme/b" is no repository: write it as "owner/name"
      4:80 "refs heads" is no branch: write its name alone, as in "main"
      4:104 ".github/workflows/ci.yml" is no name of a workflow file: write it alone, as in "ci.yml"
      4:147 not a regular expression: Unterminated group
      5:50 "latest" is never promoted: match the tags that each build gets of its own
      6:50 the pattern nests one repetition in another so that a tag can be matched in countless ways: begin the inner part with a character that cannot occur in its repetitions
      6:68 "newest" is unknown: write one of ancestry, semver, published
      7:50 the pattern's cost cannot be bounded: write it without look-around ("(?=", "(?!", "(?<=", "(?<!")"
    `);
  });

  it("gates, rollouts and promoters", () => {
    expect(problemsOf("gates")).toMatchInlineSnapshot(`
      "7:15 there is no environment before the first, so nothing can soak: remove the gate here
      10:15 "0s" is out of bounds: write a duration between 1s and 90d, or remove the gate if nothing is to be waited for
      11:15 "10" is a number: write a duration, as in "10m", "1h30m", "90s" or "2d"
      12:15 "10 minutes" is not a duration: write it as in "10m", "1h30m", "90s" or "2d"
      13:9 one entry holds 2 gates (soak, checks): start each with "- "
      13:17 the gate soak is written twice: make one of the two
      14:9 the gate is empty: write what it is, as in "soak: 10m", or remove it
      15:9 too small: write at least 1 of them
      16:9 the gate checks is written twice: make one of the two
      16:24 the check "test" is named twice: keep one
      16:30 is empty: write it or remove the key
      16:34 the name of a check is empty: write it
      16:39 "sluice/dev" is written by Sluice itself and would wait for itself: remove it
      17:25 "5s" is out of bounds: write a duration between 10s and 1d, or remove it for the default, "15m"
      17:40 "stop" is unknown: write one of halt, rollback
      18:12 "automatic" is unknown: write one of auto, manual, queue
      21:15 "91d" is out of bounds: write a duration between 1s and 90d, or remove the gate if nothing is to be waited for
      22:25 "2d" is out of bounds: write a duration between 10s and 1d, or remove it for the default, "15m"
      23:30 "owner" is unknown: write one of read, triage, write, maintain, admin
      23:44 "sre" is a text: write a list ("- …" or "[…]")"
    `);
  });
});
