import { describe, expect, it } from "vitest";

import { readRegistryHook } from "#adapters/registries/registry-hook.ts";

const digest = `sha256:${"a".repeat(64)}`;
const revision = "b".repeat(40);

describe("the generic registry hook", () => {
  it("becomes a hint", () => {
    const body = JSON.stringify({ image: "ghcr.io/Acme/api", tag: "v1", digest, revision });
    expect(readRegistryHook(body)).toEqual({
      kind: "event",
      event: {
        kind: "artifact.published",
        image: "ghcr.io/acme/api",
        tag: "v1",
        digest,
        revision,
        publishedAt: null,
      },
    });
  });

  it("may leave digest and revision out", () => {
    const body = JSON.stringify({ image: "ghcr.io/acme/api", tag: "v1" });
    expect(readRegistryHook(body)).toMatchObject({ event: { digest: null, revision: null } });
  });

  it("names every problem", () => {
    const body = JSON.stringify({ image: "api", tag: "a b", digest: "x", revision: "main" });
    expect(readRegistryHook(body)).toEqual({
      kind: "invalid",
      problems: [
        "image: write a repository with its registry",
        "tag: write an image tag",
        "digest: write sha256: and 64 hex digits",
        "revision: write a full commit SHA of 40 hex digits",
      ],
    });
  });

  it.for(["", "null", "[]", "1", '"x"', "{"])("does not break on %s", (body) => {
    expect(readRegistryHook(body).kind).toBe("invalid");
  });
});
