/** As much of DER (ITU-T X.690) as a certificate needs. */
export type Der = Buffer;

export function der(tag: number, ...parts: readonly Uint8Array[]): Der {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body]);
}

export const sequence = (...parts: readonly Uint8Array[]): Der => der(0x30, ...parts);
export const octets = (...parts: readonly Uint8Array[]): Der => der(0x04, ...parts);
export const bits = (bytes: Uint8Array): Der => der(0x03, Buffer.from([0]), bytes);
export const utf8 = (text: string): Der => der(0x0c, Buffer.from(text));
export const yes: Der = der(0x01, Buffer.from([0xff]));

export function integer(bytes: Uint8Array): Der {
  const lead = ((bytes[0] ?? 0) & 0x80) === 0 ? [] : [0];
  return der(0x02, Buffer.from(lead), bytes);
}

export function oid(text: string): Der {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** `GeneralizedTime`, to the second. */
export function time(moment: Date): Der {
  const text = moment.toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  return der(0x18, Buffer.from(text));
}

function base128(number: number): number[] {
  const low = [number & 0x7f];
  for (let rest = number >>> 7; rest > 0; rest >>>= 7) low.unshift((rest & 0x7f) | 0x80);
  return low;
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  return length < 0x100
    ? Buffer.from([0x81, length])
    : Buffer.from([0x82, length >> 8, length & 0xff]);
}
