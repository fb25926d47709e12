import { createHash, sign, type KeyObject } from "node:crypto";

import { bits, der, integer, octets, oid, sequence, time, utf8, yes, type Der } from "./der.ts";

export type Keys = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };

export type CertificateWish = {
  readonly serial: number;
  readonly subject: string | null;
  readonly issuer: { readonly name: string; readonly keys: Keys };
  readonly keys: Keys;
  readonly from: Date;
  readonly until: Date;
  readonly extensions: readonly Der[];
  /** A log of certificates that signs for it. */
  readonly log?: { readonly id: Buffer; readonly keys: Keys; readonly at: Date };
};

const sha256WithEcdsa = sequence(oid("1.2.840.10045.4.3.2"));

/** A certificate over a P-256 key, DER. With a log, its signed timestamp stands in it (RFC 6962, 3.3). */
export function aCertificate(wish: CertificateWish): Buffer {
  const extensions = [
    ...wish.extensions,
    subjectKeyId(wish.keys),
    authorityKeyId(wish.issuer.keys),
  ];
  const stamp = wish.log === undefined ? [] : [timestampFor(wish, extensions, wish.log)];
  const tbs = toBeSigned(wish, [...extensions, ...stamp]);
  return sequence(tbs, sha256WithEcdsa, bits(sign("sha256", tbs, wish.issuer.keys.privateKey)));
}

export function extension(id: string, value: Der, critical = false): Der {
  return sequence(oid(id), ...(critical ? [yes] : []), octets(value));
}

export const isAuthority = extension("2.5.29.19", sequence(yes), true);

export function keyUsage(flags: number): Der {
  return extension("2.5.29.15", der(0x03, Buffer.from([0, flags])), true);
}

/** A URI as the name of who signs. */
export function alternativeName(uri: string): Der {
  return extension("2.5.29.17", sequence(der(0x86, Buffer.from(uri))), true);
}

/** One of Fulcio's. */
export function claim(number: number, text: string): Der {
  return extension(`1.3.6.1.4.1.57264.1.${number}`, utf8(text));
}

export function publicDer(keys: Keys): Buffer {
  return keys.publicKey.export({ type: "spki", format: "der" });
}

function toBeSigned(wish: CertificateWish, extensions: readonly Der[]): Der {
  return sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.from([wish.serial])),
    sha256WithEcdsa,
    nameOf(wish.issuer.name),
    sequence(time(wish.from), time(wish.until)),
    wish.subject === null ? sequence() : nameOf(wish.subject),
    publicDer(wish.keys),
    der(0xa3, sequence(...extensions)),
  );
}

function nameOf(text: string): Der {
  return sequence(der(0x31, sequence(oid("2.5.4.3"), utf8(text))));
}

function keyId(keys: Keys): Buffer {
  return createHash("sha1").update(publicDer(keys)).digest();
}

function subjectKeyId(keys: Keys): Der {
  return extension("2.5.29.14", octets(keyId(keys)));
}

function authorityKeyId(keys: Keys): Der {
  return extension("2.5.29.35", sequence(der(0x80, keyId(keys))));
}

function timestampFor(
  wish: CertificateWish,
  extensions: readonly Der[],
  log: NonNullable<CertificateWish["log"]>,
): Der {
  const at = Buffer.alloc(8);
  at.writeBigUInt64BE(BigInt(log.at.getTime()));
  const issuer = createHash("sha256").update(publicDer(wish.issuer.keys)).digest();
  const tbs = toBeSigned(wish, extensions);
  const signed = Buffer.concat([
    Buffer.from([0, 0]),
    at,
    number(1, 2),
    issuer,
    number(tbs.length, 3),
    tbs,
    number(0, 2),
  ]);
  const signature = sign("sha256", signed, log.keys.privateKey);
  const stamp = Buffer.concat([
    Buffer.from([0]),
    log.id,
    at,
    number(0, 2),
    Buffer.from([4, 3]),
    number(signature.length, 2),
    signature,
  ]);
  const list = Buffer.concat([number(stamp.length + 2, 2), number(stamp.length, 2), stamp]);
  return extension("1.3.6.1.4.1.11129.2.4.2", octets(list));
}

function number(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}
