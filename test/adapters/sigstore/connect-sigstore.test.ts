import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { connectSigstore } from "#adapters/sigstore/connect-sigstore.ts";
import { judgeAttestations } from "#core/attestation.ts";

import { aSigstore, ciIdentity, type ABundle } from "./a-sigstore.ts";

const sigstore = aSigstore();
const verifier = connectSigstore({ trustedRoot: sigstore.root });
const digest = `sha256:${"a".repeat(64)}`;
const wish = {
  digest,
  repository: "acme/demo-api",
  branch: "main",
  workflow: ".github/workflows/ci.yml",
};
const right = sigstore.attest({ digest });

/** A copy with one thing changed after it was signed. */
function tampered(change: (bundle: ABundle) => unknown): unknown {
  const copy = structuredClone(right);
  change(copy);
  return copy;
}

function judge(...bundles: readonly unknown[]) {
  return judgeAttestations(
    wish,
    bundles.map((bundle) => verifier.verify(bundle)),
  );
}

describe("a right attestation", () => {
  it("says who signed what", () => {
    expect(verifier.verify(right)).toEqual({
      kind: "verified",
      attestation: {
        subjects: [digest],
        predicateType: "https://slsa.dev/provenance/v1",
        signer: {
          identity: ciIdentity,
          issuer: "https://token.actions.githubusercontent.com",
          sourceRepository: "https://github.com/acme/demo-api",
          sourceRef: "refs/heads/main",
        },
      },
    });
    expect(judge(right)).toEqual({ kind: "attested" });
  });

  it("is found among wrong ones", () => {
    const foreign = sigstore.attest({ digest, repository: "https://github.com/mallory/demo-api" });
    expect(judge({}, foreign, right)).toEqual({ kind: "attested" });
  });
});

describe("nothing else is accepted", () => {
  const other = aSigstore();
  const later = new Date("2026-03-02T12:11:00Z");
  const mallory = "https://github.com/mallory/demo-api";
  const workflow = (path: string) =>
    ciIdentity.replace(".github/workflows/ci.yml@refs/heads/main", path);

  it.for<[string, string, unknown]>([
    ["unsigned", "attestation-invalid", tampered((b) => (b.dsseEnvelope.signatures = []))],
    [
      "no signature in it",
      "attestation-invalid",
      tampered((b) => (b.dsseEnvelope.signatures = [{ sig: "" }])),
    ],
    ["another CA", "attestation-invalid", other.attest({ digest })],
    [
      "signed after its certificate had expired",
      "attestation-invalid",
      sigstore.attest({ digest, at: later }),
    ],
    [
      "another payload under the same signature",
      "attestation-invalid",
      tampered((b) => {
        b.dsseEnvelope.payload = Buffer.from(
          Buffer.from(right.dsseEnvelope.payload, "base64")
            .toString()
            .replaceAll("a".repeat(64), "b".repeat(64)),
        ).toString("base64");
      }),
    ],
    [
      "somebody else's certificate",
      "attestation-invalid",
      tampered((b) => {
        b.verificationMaterial.certificate = sigstore.attest({
          digest,
        }).verificationMaterial.certificate;
      }),
    ],
    [
      "another time than the log's",
      "attestation-invalid",
      tampered((b) => (entryOf(b).integratedTime = "1772452900")),
    ],
    [
      "in no log",
      "attestation-invalid",
      tampered((b) => (b.verificationMaterial.tlogEntries = [])),
    ],
    [
      "another one's log entry",
      "attestation-invalid",
      tampered((b) => {
        b.verificationMaterial.tlogEntries = sigstore.attest({
          digest,
        }).verificationMaterial.tlogEntries;
      }),
    ],
    [
      "a checkpoint that nobody signed",
      "attestation-invalid",
      tampered((b) => {
        const { checkpoint } = entryOf(b).inclusionProof;
        checkpoint.envelope = checkpoint.envelope.replace("\n1\n", "\n2\n");
      }),
    ],
    ["GitHub says that there is one, and it is nothing", "attestation-invalid", null],
    [
      "a yes",
      "attestation-invalid",
      { verified: true, verificationMaterial: {}, dsseEnvelope: {} },
    ],
    [
      "an issuer of one's own",
      "foreign-issuer",
      sigstore.attest({ digest, issuer: "https://mallory.example.com" }),
    ],
    ["another repository", "foreign-repository", sigstore.attest({ digest, repository: mallory })],
    [
      "another repository and its workflow",
      "foreign-repository",
      sigstore.attest({
        digest,
        repository: mallory,
        identity: ciIdentity.replace("acme", "mallory"),
      }),
    ],
    [
      "another workflow",
      "foreign-workflow",
      sigstore.attest({ digest, identity: workflow(".github/workflows/test.yml@refs/heads/main") }),
    ],
    [
      "a workflow whose path only begins so",
      "foreign-workflow",
      sigstore.attest({ digest, identity: `${ciIdentity}/../mallory` }),
    ],
    [
      "the workflow on another branch",
      "foreign-workflow",
      sigstore.attest({ digest, identity: workflow(".github/workflows/ci.yml@refs/heads/evil") }),
    ],
    [
      "the workflow in another case",
      "foreign-workflow",
      sigstore.attest({ digest, identity: workflow(".github/workflows/CI.yml@refs/heads/main") }),
    ],
    ["another ref was built", "foreign-ref", sigstore.attest({ digest, ref: "refs/heads/evil" })],
    ["another digest", "other-digest", sigstore.attest({ digest: `sha256:${"b".repeat(64)}` })],
  ])("%s: %s", ([, reason, bundle]) => {
    expect(judge(bundle)).toMatchObject({ kind: "refused", reason });
  });

  it("what is no provenance counts as none", () => {
    const parts = sigstore.attest({ digest, predicateType: "https://spdx.dev/Document" });
    expect(judge(parts)).toEqual({ kind: "missing" });
    expect(judge()).toEqual({ kind: "missing" });
  });
});

describe("trusted roots", () => {
  /** The published provenance of the npm package sigstore 2.0.0, from the tests of sigstore/sigstore-go. */
  const published: unknown = JSON.parse(
    readFileSync(
      new URL("../../fixtures/sigstore/sigstore-js-2.0.0.json", import.meta.url),
      "utf8",
    ),
  );

  it("the committed one is that of public repositories", () => {
    const verdict = connectSigstore({ trustedRoot: null }).verify(published);
    expect(verdict).toMatchObject({
      kind: "verified",
      attestation: {
        predicateType: "https://slsa.dev/provenance/v1",
        signer: {
          identity:
            "https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main",
          sourceRepository: "https://github.com/sigstore/sigstore-js",
        },
      },
    });
  });

  it("another one does not know what is published", () => {
    expect(verifier.verify(published).kind).toBe("invalid");
    expect(connectSigstore({ trustedRoot: null }).verify(right).kind).toBe("invalid");
  });

  it("several stand a line each", () => {
    const both = connectSigstore({ trustedRoot: `${aSigstore().root}\n${sigstore.root}\n` });
    expect(both.verify(right).kind).toBe("verified");
  });

  it.for(["", "{", "{}", '{"certificateAuthorities": []}'])("%j is none", (text) => {
    expect(() => connectSigstore({ trustedRoot: text })).toThrow(/SIGSTORE_TRUSTED_ROOT/);
  });
});

function entryOf(bundle: ABundle) {
  const [entry] = bundle.verificationMaterial.tlogEntries;
  if (entry === undefined) throw new Error("no entry");
  return entry;
}
