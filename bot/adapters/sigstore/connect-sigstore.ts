import { bundleFromJSON, type SerializedBundle } from "@sigstore/bundle";
import { toSignedEntity, type Verifier } from "@sigstore/verify";

import type { BundleVerdict } from "#core/attestation.ts";
import { messageOf } from "#core/error.ts";
import type { AttestationVerifier } from "#ports/attestation-verifier.ts";

import { readSigner } from "./read-signer.ts";
import { readStatement } from "./read-statement.ts";
import { openRoots, publicRoot } from "./trusted-roots.ts";

/**
 * Verifies bundles with the Sigstore libraries: signature, certificate chain at the time of signing, transparency logs.
 * Whoever hands a bundle over, GitHub included, is not believed. `trustedRoot`: text of another root than the public one.
 */
export function connectSigstore(settings: {
  readonly trustedRoot: string | null;
}): AttestationVerifier {
  const roots = openRoots(settings.trustedRoot ?? publicRoot);
  return { verify: (bundle) => verifyBundle(roots, bundle) };
}

function verifyBundle(roots: readonly Verifier[], json: unknown): BundleVerdict {
  let because = "no root is trusted";
  for (const root of roots) {
    try {
      const bundle = bundleFromJSON(json as SerializedBundle);
      const signer = readSigner(root.verify(toSignedEntity(bundle)));
      const statement = readStatement(bundle);
      if (signer === null) because = "no certificate says who signed it";
      else if (statement === null) because = "it holds no statement about an image";
      else return { kind: "verified", attestation: { ...statement, signer } };
    } catch (error) {
      // The libraries throw for whatever is wrong with a bundle, down to a TypeError: none of it is our fault.
      because = describe(error);
    }
  }
  return { kind: "invalid", sentence: `${because}.` };
}

function describe(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const text = messageOf(error).slice(0, 200);
  return cause instanceof Error ? `${text} (${cause.message.slice(0, 200)})` : text;
}
