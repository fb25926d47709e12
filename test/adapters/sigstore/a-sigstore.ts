import { createHash, generateKeyPairSync, sign } from "node:crypto";

import {
  aCertificate,
  alternativeName,
  claim,
  isAuthority,
  keyUsage,
  publicDer,
  type Keys,
} from "./a-certificate.ts";

/** What one attestation says; unless stated, that CI of `acme/demo-api` built `digest` on `main`. */
export type Claims = {
  readonly digest: string;
  readonly identity?: string;
  readonly issuer?: string;
  readonly repository?: string;
  readonly ref?: string;
  readonly predicateType?: string;
  /** When it was signed, by the transparency log; its certificate is valid for ten minutes from `noon` on. */
  readonly at?: Date;
};

export type ASigstore = {
  /** The trusted root as JSON. */
  readonly root: string;
  /** A bundle as GitHub hands it over. */
  readonly attest: (claims: Claims) => ABundle;
};

export type ABundle = ReturnType<ASigstoreAttest>;
type ASigstoreAttest = typeof attestWith;

const noon = new Date("2026-03-02T12:00:00Z");
const minute = 60_000;
const origin = "rekor.example.com";

export const ciIdentity =
  "https://github.com/acme/demo-api/.github/workflows/ci.yml@refs/heads/main";

/** A Sigstore of one's own: certificate authority, log of certificates, transparency log, all of them with real keys. */
export function aSigstore(): ASigstore {
  const [authority, certificateLog, transparencyLog] = [newKeys(), newKeys(), newKeys()] as const;
  const from = new Date(noon.getTime() - 60 * minute);
  const until = new Date(noon.getTime() + 600 * minute);
  const root = aCertificate({
    serial: 1,
    subject: "test root",
    issuer: { name: "test root", keys: authority },
    keys: authority,
    from,
    until,
    extensions: [isAuthority, keyUsage(0x06)],
  });
  const log = (keys: Keys, baseUrl: string) => ({
    baseUrl,
    hashAlgorithm: "SHA2_256",
    publicKey: {
      rawBytes: publicDer(keys).toString("base64"),
      keyDetails: "PKIX_ECDSA_P256_SHA_256",
      validFor: { start: from.toISOString() },
    },
    logId: { keyId: logId(keys).toString("base64") },
  });
  const trusted = {
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: [log(transparencyLog, `https://${origin}`)],
    certificateAuthorities: [
      {
        subject: { organization: "test", commonName: "test root" },
        uri: "https://fulcio.example.com",
        certChain: { certificates: [{ rawBytes: root.toString("base64") }] },
        validFor: { start: from.toISOString() },
      },
    ],
    ctlogs: [log(certificateLog, "https://ct.example.com")],
    timestampAuthorities: [],
  };
  return {
    root: JSON.stringify(trusted),
    attest: (claims) => attestWith({ authority, certificateLog, transparencyLog }, claims),
  };
}

type Parties = Readonly<Record<"authority" | "certificateLog" | "transparencyLog", Keys>>;

function attestWith(parties: Parties, claims: Claims) {
  const { digest, at = new Date(noon.getTime() + minute) } = claims;
  const keys = newKeys();
  const certificate = aCertificate({
    serial: 2,
    subject: null,
    issuer: { name: "test root", keys: parties.authority },
    keys,
    from: noon,
    until: new Date(noon.getTime() + 10 * minute),
    log: { id: logId(parties.certificateLog), keys: parties.certificateLog, at: noon },
    extensions: [
      keyUsage(0x80),
      alternativeName(claims.identity ?? ciIdentity),
      claim(8, claims.issuer ?? "https://token.actions.githubusercontent.com"),
      claim(12, claims.repository ?? "https://github.com/acme/demo-api"),
      claim(14, claims.ref ?? "refs/heads/main"),
    ],
  });
  const payload = Buffer.from(
    JSON.stringify({
      _type: "https://in-toto.io/Statement/v1",
      subject: [
        { name: "ghcr.io/acme/demo-api", digest: { sha256: digest.replace("sha256:", "") } },
      ],
      predicateType: claims.predicateType ?? "https://slsa.dev/provenance/v1",
      predicate: {},
    }),
  );
  const payloadType = "application/vnd.in-toto+json";
  const signed = Buffer.concat([
    Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `),
    payload,
  ]);
  const signature = sign("sha256", signed, keys.privateKey);
  return {
    mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
    verificationMaterial: {
      certificate: { rawBytes: certificate.toString("base64") },
      tlogEntries: [entryFor(parties.transparencyLog, { certificate, payload, signature, at })],
    },
    dsseEnvelope: {
      payload: payload.toString("base64"),
      payloadType,
      signatures: [{ sig: signature.toString("base64") }],
    },
  };
}

/** The only entry of a transparency log: it is the root of its tree. */
function entryFor(
  log: Keys,
  {
    certificate,
    payload,
    signature,
    at,
  }: { certificate: Buffer; payload: Buffer; signature: Buffer; at: Date },
) {
  const sha256 = (...bytes: readonly Uint8Array[]) =>
    createHash("sha256").update(Buffer.concat(bytes)).digest();
  const body = Buffer.from(
    JSON.stringify({
      apiVersion: "0.0.1",
      kind: "dsse",
      spec: {
        payloadHash: { algorithm: "sha256", value: sha256(payload).toString("hex") },
        signatures: [
          { signature: signature.toString("base64"), verifier: certificate.toString("base64") },
        ],
      },
    }),
  );
  const integratedTime = Math.floor(at.getTime() / 1000);
  const promise = JSON.stringify({
    body: body.toString("base64"),
    integratedTime,
    logID: logId(log).toString("hex"),
    logIndex: 0,
  });
  const rootHash = sha256(Buffer.from([0]), body);
  const note = `${origin}\n1\n${rootHash.toString("base64")}\n`;
  const noteSignature = Buffer.concat([
    logId(log).subarray(0, 4),
    sign("sha256", Buffer.from(note), log.privateKey),
  ]);
  return {
    logIndex: "0",
    logId: { keyId: logId(log).toString("base64") },
    kindVersion: { kind: "dsse", version: "0.0.1" },
    integratedTime: String(integratedTime),
    inclusionPromise: {
      signedEntryTimestamp: sign("sha256", Buffer.from(promise), log.privateKey).toString("base64"),
    },
    inclusionProof: {
      logIndex: "0",
      rootHash: rootHash.toString("base64"),
      treeSize: "1",
      hashes: [],
      checkpoint: { envelope: `${note}\n\u2014 ${origin} ${noteSignature.toString("base64")}\n` },
    },
    canonicalizedBody: body.toString("base64"),
  };
}

function newKeys(): Keys {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function logId(keys: Keys): Buffer {
  return createHash("sha256").update(publicDer(keys)).digest();
}
