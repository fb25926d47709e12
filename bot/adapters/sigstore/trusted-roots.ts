import { readFileSync } from "node:fs";

import { TrustedRoot } from "@sigstore/protobuf-specs";
import { toTrustMaterial, Verifier } from "@sigstore/verify";

import { Fault, messageOf } from "#core/error.ts";

/**
 * The root of the public Sigstore, which attestations of public repositories are signed under: the target
 * `trusted_root.json` of its TUF repository (https://tuf-repo-cdn.sigstore.dev), as `@sigstore/tuf` 4.0.2 carries it in
 * `seeds.json`. It changes every year or two, when keys are added. To renew it, take the file from that package's
 * newest version, or what `gh attestation trusted-root` prints; the tests then verify a published attestation with it.
 */
export const publicRoot: string = readFileSync(
  new URL("./trusted-root.json", import.meta.url),
  "utf8",
);

/**
 * One verifier a trusted root. `text` is one root as JSON, or several, a line each, as `gh attestation trusted-root`
 * prints them: that of private repositories is GitHub's own. What a root has must have witnessed the signature: its
 * transparency log and its log of certificates; without a log the time comes from its timestamp authority.
 */
export function openRoots(text: string): readonly Verifier[] {
  const roots = split(text).map((each) => {
    try {
      return TrustedRoot.fromJSON(JSON.parse(each));
    } catch (error) {
      throw broken(`cannot be read (${messageOf(error)})`);
    }
  });
  if (roots.length === 0 || roots.some((root) => root.certificateAuthorities.length === 0))
    throw broken("names no certificate authority");
  return roots.map(
    (root) =>
      new Verifier(toTrustMaterial(root), {
        tlogThreshold: root.tlogs.length > 0 ? 1 : 0,
        ctlogThreshold: root.ctlogs.length > 0 ? 1 : 0,
        timestampThreshold: 1,
      }),
  );
}

function split(text: string): readonly string[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const oneEach = lines.length > 1 && lines.every((line) => line.startsWith('{"'));
  return oneEach ? lines : [text];
}

function broken(what: string): Fault {
  return new Fault(
    "sigstore.trusted-root",
    `The trusted root of SIGSTORE_TRUSTED_ROOT ${what}: write a file as "gh attestation trusted-root" prints it, or leave the setting out.`,
    { retryable: false },
  );
}
