import type { Signer } from "@sigstore/verify";

import type { AttestationSigner } from "#core/attestation.ts";

/** Fulcio's own extensions (sigstore/fulcio, `docs/oid-info.md`). */
const sourceRepositoryOid = "1.3.6.1.4.1.57264.1.12";
const sourceRefOid = "1.3.6.1.4.1.57264.1.14";

/** Who signed, from the certificate; null for a key without one. */
export function readSigner({ identity }: Signer): AttestationSigner | null {
  const name = identity?.subjectAlternativeName;
  const issuer = identity?.extensions?.issuer;
  if (identity === undefined || name === undefined || issuer === undefined) return null;
  const extension = (oid: string): string | null => {
    const found = identity.oids?.find((each) => each.oid?.id.join(".") === oid);
    return found === undefined ? null : utf8String(found.value);
  };
  return {
    identity: name,
    issuer,
    sourceRepository: extension(sourceRepositoryOid),
    sourceRef: extension(sourceRefOid),
  };
}

/** The text of a DER `UTF8String`; null for anything else. */
function utf8String(der: Buffer): string | null {
  const [tag, first = 0] = der;
  if (tag !== 0x0c) return null;
  const more = first < 0x80 ? 0 : first - 0x80;
  if (more > 2) return null;
  const length = more === 0 ? first : der.readUIntBE(2, more);
  const text = der.subarray(2 + more);
  return text.length === length ? text.toString("utf8") : null;
}
