import nock from "nock";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { GitHubFault } from "#adapters/github/requests/errors.ts";

import { connect } from "./a-github.ts";

const api = "https://api.github.com";
const token = "ghs_1_eyJhbGciOiJIUzI1NiJ9.secret-part.signature";
const now = new Date("2026-11-21T10:00:00Z");

beforeEach(() => {
  nock.disableNetConnect();
  nock(api)
    .post("/app/installations/7/access_tokens")
    .reply(201, { token, permissions: {}, expires_at: "2026-11-21T11:00:00Z" })
    .persist();
});

afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});

async function faultOf(
  status: number,
  body: object | string,
  headers: Record<string, string> = {},
): Promise<GitHubFault> {
  nock(api).patch("/repos/acme/platform/pulls/3").reply(status, body, headers);
  const repo = connect(api, { clock: { now: () => now } })
    .installation(7)
    .repository("acme/platform");
  const error: unknown = await repo
    .editPullRequest(3, { title: "x" })
    .catch((thrown: unknown) => thrown);
  if (!(error instanceof GitHubFault)) throw new Error("no fault", { cause: error });
  return error;
}

function seconds(fault: GitHubFault): number | null {
  return fault.retryAt === null ? null : (fault.retryAt.getTime() - now.getTime()) / 1000;
}

describe("a refusal", () => {
  it.for([
    [403, "Resource not accessible by integration", "github.forbidden", false],
    [403, "This installation has been suspended", "github.suspended", false],
    [404, "Not Found", "github.not-found", false],
    [409, "Git Repository is empty.", "github.refused", true],
    [410, "Issues are disabled for this repo", "github.refused", false],
    [451, "Repository access blocked", "github.refused", false],
  ] as const)("%s %s", async ([status, message, code, retryable]) => {
    const fault = await faultOf(status, {
      message,
      documentation_url: "https://docs.github.com/x",
    });
    expect(fault).toMatchObject({ code, retryable, status, detail: message, retryAt: null });
  });

  it("names GitHub's own errors", async () => {
    const fault = await faultOf(422, {
      message: "Validation Failed",
      errors: [
        {
          resource: "PullRequest",
          code: "custom",
          message: "A pull request already exists for acme:x.",
        },
        { resource: "PullRequest", field: "base", code: "invalid" },
        "plain text",
      ],
    });
    expect(fault.detail).toMatchInlineSnapshot(
      `"Validation Failed: A pull request already exists for acme:x.: base invalid: plain text"`,
    );
    expect(fault.message).toMatchInlineSnapshot(
      `"PATCH /repos/{owner}/{repo}/pulls/{pull_number} was answered 422: Validation Failed: A pull request already exists for acme:x.: base invalid: plain text"`,
    );
  });

  it("carries neither token nor headers nor address", async () => {
    const fault = await faultOf(403, { message: "no" });
    const everything = [fault.message, fault.stack, JSON.stringify(fault), String(fault.cause)];
    expect(everything.join("\n")).not.toMatch(/secret-part|authorization|api\.github\.com/iu);
  });
});

describe("a limit", () => {
  const secondary = "You have exceeded a secondary rate limit. Please wait a few minutes.";
  it.for([
    ["retry-after", 403, secondary, { "retry-after": "5" }, 5],
    ["retry-after of an hour", 429, secondary, { "retry-after": "3600" }, 3600],
    ["retry-after wins", 403, secondary, { "retry-after": "7", "x-ratelimit-remaining": "0" }, 7],
    ["no end named", 403, secondary, {}, 60],
    ["a blank one", 403, secondary, { "retry-after": "" }, 60],
    ["429 without a word", 429, "", {}, 60],
    ["abuse", 403, "You have triggered an abuse detection mechanism.", {}, 60],
    ["too quickly", 422, "was submitted too quickly", {}, 60],
    [
      "nothing remains",
      403,
      "API rate limit exceeded for installation ID 7.",
      {
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": String(now.getTime() / 1000 + 90),
        date: now.toUTCString(),
      },
      91,
    ],
    [
      "nothing remains, and GitHub's clock is a minute ahead of ours",
      403,
      "API rate limit exceeded for installation ID 7.",
      {
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": String(now.getTime() / 1000 + 90),
        date: new Date(now.getTime() + 60_000).toUTCString(),
      },
      31,
    ],
  ] as const)("%s", async ([, status, message, headers, expected]) => {
    const fault = await faultOf(status, { message }, { ...headers });
    expect(fault).toMatchObject({ code: "github.limited", retryable: true });
    expect(seconds(fault)).toBe(expected);
  });

  it("is not seen in a plain refusal", async () => {
    const fault = await faultOf(403, { message: "no" }, { "x-ratelimit-remaining": "17" });
    expect(fault.code).toBe("github.forbidden");
  });
});

describe("an installation that is gone", () => {
  it.for([
    [404, "Not Found"],
    [403, "This installation has been suspended"],
  ] as const)("is told from its token: %s", async ([status, message]) => {
    nock.cleanAll();
    nock(api).post("/app/installations/7/access_tokens").reply(status, { message });
    const asked = connect(api).installation(7).repository("acme/platform").branch("main");
    await expect(asked).rejects.toMatchObject({ code: "github.suspended", retryable: false });
  });
});

it("a repository that left the installation has no token, and is not found", async () => {
  nock.cleanAll();
  const message =
    "There is at least one repository that does not exist or is not accessible to the parent installation.";
  nock(api).post("/app/installations/7/access_tokens").reply(422, { message });
  const asked = connect(api).installation(7).repository("acme/platform").head();
  const fault = { code: "github.not-found", status: 404, retryable: false };
  await expect(asked).rejects.toMatchObject(fault);
});
