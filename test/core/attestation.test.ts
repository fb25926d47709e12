import { describe, expect, it } from "vitest";

import { judgeAttestations, signerOf, workflowPattern } from "#core/attestation.ts";

const digest = `sha256:${"a".repeat(64)}`;
const wish = { digest, repository: "acme/demo-api", branch: "main", workflow: "" };

describe("signerOf", () => {
  it.for([
    [".github/workflows/ci.yml", "acme/demo-api .github/workflows/ci.yml refs/heads/main"],
    [
      "acme/demo-api/.github/workflows/ci.yaml",
      "acme/demo-api .github/workflows/ci.yaml refs/heads/main",
    ],
    [
      "acme/build/.github/workflows/image.yml@refs/tags/v2",
      "acme/build .github/workflows/image.yml refs/tags/v2",
    ],
  ] as const)("%s: %s", ([workflow, expected]) => {
    expect(workflow).toMatch(workflowPattern);
    const { repository, path, ref } = signerOf({ ...wish, workflow });
    expect([repository, path, ref].join(" ")).toBe(expected);
  });

  it.for([
    "ci.yml",
    "acme/.github/workflows/ci.yml",
    "https://github.com/acme/demo-api/.github/workflows/ci.yml",
    ".github/workflows/../ci.yml",
    ".github/workflows/ci.yml@main",
    ".github/workflows/ci.yml@refs/heads/main@refs/heads/evil",
    ".github/workflows/ci.yml\n",
  ])("%j is no workflow", (workflow) => {
    expect(workflow).not.toMatch(workflowPattern);
  });
});

describe("judgeAttestations", () => {
  const attestation = (change: object) => ({
    kind: "verified" as const,
    attestation: {
      subjects: [digest],
      predicateType: "https://slsa.dev/provenance/v1",
      signer: {
        identity: "https://github.com/acme/build/.github/workflows/image.yml@refs/heads/main",
        issuer: "https://token.actions.githubusercontent.com",
        sourceRepository: "https://github.com/Acme/Demo-API",
        sourceRef: "refs/heads/main",
        ...change,
      },
    },
  });
  const workflow = "acme/build/.github/workflows/image.yml";

  it("lets a workflow of another repository sign for the source branch, and only for it", () => {
    const judge = (change: object) =>
      judgeAttestations({ ...wish, workflow }, [attestation(change)]);
    expect(judge({})).toEqual({ kind: "attested" });
    expect(judge({ sourceRef: "refs/heads/evil" })).toMatchObject({ reason: "foreign-ref" });
    expect(judge({ sourceRepository: null })).toMatchObject({ reason: "foreign-repository" });
  });

  it("says what is wrong with the one that was signed, not with what was not", () => {
    const verdicts = [
      { kind: "invalid", sentence: "no signature." } as const,
      attestation({ issuer: "https://example.com" }),
    ];
    expect(judgeAttestations({ ...wish, workflow }, verdicts)).toMatchObject({ kind: "refused" });
    expect(judgeAttestations({ ...wish, workflow }, [])).toEqual({ kind: "missing" });
  });
});
