import type { BundleVerdict } from "#core/attestation.ts";

/** Says whether a signed statement is what it claims to be. Asks nobody: what it trusts is part of the settings. */
export interface AttestationVerifier {
  /** `bundle` is a Sigstore bundle as JSON, from wherever it comes. */
  verify(bundle: unknown): BundleVerdict;
}
