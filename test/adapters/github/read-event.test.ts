import { describe, expect, it } from "vitest";

import { readEvent } from "#adapters/github/read-event.ts";
import type { SluiceEvent } from "#core/event.ts";

const sha = "6c62fb45fe66bfb1ea9a66abc38f6a0cc974292b";
const digest = `sha256:${"3".repeat(64)}`;
const appId = 99;
const repository = { id: 1, full_name: "Acme/Api", default_branch: "main" };
const sender = { login: "ada", type: "User" };
const envelope = { installation: { id: 7 }, repository, sender };

function eventOf(name: string, payload: object): SluiceEvent {
  return readEvent(name, { ...envelope, ...payload }, appId).event;
}

/** Shaped like GitHub's own example of a container package. */
function published(version: object, more: object = {}): object {
  return {
    action: "published",
    registry_package: {
      name: "api",
      namespace: "Acme/api",
      package_type: "CONTAINER",
      owner: { login: "Acme" },
      package_version: {
        version: digest,
        package_url: "ghcr.io/Acme/api:sha-1a2b3c4",
        ...version,
      },
      registry: { type: "CONTAINER", url: "https://CONTAINER.pkg.github.com/Acme" },
      ...more,
    },
  };
}

function metadata(tag: object | null, labels: object = {}): object {
  return { container_metadata: { tag, labels } };
}

const tagged = metadata(
  { name: "sha-1a2b3c4", digest },
  { revision: "", all_labels: { "org.opencontainers.image.revision": sha } },
);

const artifact = {
  kind: "artifact.published",
  image: "ghcr.io/acme/api",
  tag: "sha-1a2b3c4",
  digest,
  revision: sha,
  publishedAt: null,
};

describe("a published image", () => {
  it("is read from registry_package and from package", () => {
    expect(eventOf("registry_package", published(tagged))).toEqual(artifact);
    const { registry_package: what, ...rest } = published(tagged) as Record<string, object>;
    expect(eventOf("package", { ...rest, package: what })).toEqual(artifact);
  });

  it("is read when its tag was moved", () => {
    expect(eventOf("registry_package", { ...published(tagged), action: "updated" })).toEqual(
      artifact,
    );
  });

  it.for([
    ["the manifest of one platform", metadata({ name: "", digest })],
    ["no tag at all", metadata(null)],
    ["a tag that OCI forbids", metadata({ name: "a\nb", digest })],
    ["something that is no container", { container_metadata: null }],
  ] as const)("is not seen in %s", ([, version]) => {
    expect(eventOf("registry_package", published(version)).kind).toBe("ignored");
  });

  it.for([
    ["ghcr.io/Acme/api:", "ghcr.io/acme/api"],
    ["ghcr.io/Acme/team/api:v1", "ghcr.io/acme/team/api"],
    ["https://ghcr.io/Acme/api@sha256:00", "ghcr.io/acme/api"],
    ["docker.pkg.github.com/Acme/repo/api:v1", "docker.pkg.github.com/acme/repo/api"],
    ["", "ghcr.io/acme/api"],
    ["evil.example.com/Acme/api:v1", "ghcr.io/acme/api"],
  ] as const)("at %s is %s", ([url, image]) => {
    const event = eventOf("registry_package", published({ ...tagged, package_url: url }));
    expect(event).toMatchObject({ image });
  });

  it.for([
    [{ updated_at: "2026-11-21T09:00:00Z" }, {}, "2026-11-21T09:00:00.000Z"],
    [{ created_at: "2026-11-21T08:00:00Z" }, {}, "2026-11-21T08:00:00.000Z"],
    [{ created_at: "0001-01-01T00:00:00Z" }, {}, null],
    [
      { updated_at: "0001-01-01T00:00:00Z" },
      { updated_at: "2026-11-21T07:00:00Z" },
      "2026-11-21T07:00:00.000Z",
    ],
    [{}, { created_at: "2026-11-21T07:00:00Z" }, null],
    [{ updated_at: "yesterday" }, {}, null],
  ] as const)("with the times %j and %j was published at %s", ([version, what, publishedAt]) => {
    const event = eventOf("registry_package", published({ ...tagged, ...version }, what));
    expect(event).toMatchObject({ publishedAt });
  });

  it("without its digest or revision says that they are unknown", () => {
    const version = { ...metadata({ name: "v1", digest: "sha256:6c62" }), version: "24147" };
    expect(eventOf("registry_package", published(version))).toMatchObject({
      digest: null,
      revision: null,
    });
  });

  it("of another registry of GitHub is none", () => {
    const what = { registry: { type: "npm" } };
    const event = eventOf("registry_package", published({ ...tagged, package_url: "npm" }, what));
    expect(event.kind).toBe("ignored");
  });
});

describe("a workflow run", () => {
  const run = {
    conclusion: "success",
    event: "push",
    head_branch: "main",
    head_sha: sha,
    head_repository: { id: 1 },
    path: ".github/workflows/ci.yml",
  };
  const completed = (changes: object): object => ({
    action: "completed",
    workflow_run: { ...run, ...changes },
    workflow: { path: ".github/workflows/other.yml" },
  });

  it.for([
    ["ci.yml", {}],
    ["ci.yml", { path: ".github/workflows/ci.yml@refs/heads/main" }],
    ["other.yml", { path: undefined }],
  ] as const)("that ended well is a witness: %s", ([workflow, changes]) => {
    expect(eventOf("workflow_run", completed(changes))).toEqual({
      kind: "workflow.succeeded",
      repository: "Acme/Api",
      workflow,
      branch: "main",
      revision: sha,
    });
  });

  it.for([
    ["failed", completed({ conclusion: "failure" })],
    ["is of a pull request", completed({ event: "pull_request" })],
    ["is of a pull request with secrets", completed({ event: "pull_request_target" })],
    ["is of a fork", completed({ head_repository: { id: 2 } })],
    ["is of a fork that is gone", completed({ head_repository: null })],
    ["has no branch", completed({ head_branch: null })],
    ["has no file", completed({ path: "dynamic/pages/build" })],
    ["only began", { ...completed({}), action: "requested" }],
  ] as const)("that %s is none", ([, payload]) => {
    expect(eventOf("workflow_run", payload).kind).toBe("ignored");
  });
});

describe("a push", () => {
  const push = (changes: object): object => ({
    ref: "refs/heads/main",
    after: sha,
    created: false,
    forced: false,
    commits: [{ added: [], modified: ["README.md"], removed: [] }],
    ...changes,
  });

  it.for([
    [false, {}],
    [true, { commits: [{ added: [], modified: [], removed: [".github/sluice.yaml"] }] }],
    [true, { forced: true }],
    [true, { created: true }],
    [true, { commits: [] }],
    [true, { commits: Array.from({ length: 2048 }, () => ({})) }],
  ] as const)("touches the policy: %s", ([touchesPolicy, changes]) => {
    expect(eventOf("push", push(changes))).toEqual({
      kind: "branch.pushed",
      repository: "Acme/Api",
      branch: "main",
      defaultBranch: "main",
      after: sha,
      touchesPolicy,
    });
  });

  it("of a tag is nothing", () => {
    expect(eventOf("push", push({ ref: "refs/tags/v1" })).kind).toBe("ignored");
  });
});

describe("a pull request", () => {
  const pull = (head: object | null, action = "closed"): object => ({
    action,
    pull_request: {
      number: 3,
      merged: true,
      head: { ref: "sluice/dev/api/all", sha, repo: head },
      base: { ref: "main", sha, repo: { id: 1 } },
    },
  });

  it.for([
    [true, { id: 1 }],
    [false, { id: 2 }],
    [false, null],
  ] as const)("is of the same repository: %s", ([sameRepository, head]) => {
    expect(eventOf("pull_request", pull(head))).toEqual({
      kind: "pull-request.changed",
      repository: "Acme/Api",
      number: 3,
      action: "closed",
      headBranch: "sluice/dev/api/all",
      headRevision: sha,
      sameRepository,
      merged: true,
      sender: "ada",
    });
  });

  it.for(["labeled", "assigned", "review_requested", "locked"])("%s changes nothing", (action) => {
    expect(eventOf("pull_request", pull({ id: 1 }, action)).kind).toBe("ignored");
  });
});

describe("a comment", () => {
  const comment = (changes: object = {}): object => ({
    action: "created",
    issue: { number: 3, pull_request: { url: "x" } },
    comment: {
      id: 5,
      body: "/promote",
      created_at: "2026-11-21T09:00:00Z",
      user: { login: "ada", type: "User" },
    },
    ...changes,
  });

  it("is read when it is new", () => {
    expect(eventOf("issue_comment", comment())).toEqual({
      kind: "comment.created",
      repository: "Acme/Api",
      number: 3,
      commentId: 5,
      body: "/promote",
      createdAt: "2026-11-21T09:00:00Z",
      author: "ada",
      authorIsBot: false,
      onPullRequest: true,
    });
    expect(eventOf("issue_comment", comment({ issue: { number: 3 } }))).toMatchObject({
      onPullRequest: false,
    });
  });

  it.for(["edited", "deleted"])("that was %s runs nothing", (action) => {
    expect(eventOf("issue_comment", comment({ action })).kind).toBe("ignored");
  });
});
