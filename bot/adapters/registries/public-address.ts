import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";

import { ReadFailure } from "./read-failure.ts";

/** IANA special-purpose address registries: what is not on the public internet. */
const closed = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const) {
  closed.addSubnet(net, bits, "ipv4");
}
for (const [net, bits] of [
  ["::", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const) {
  closed.addSubnet(net, bits, "ipv6");
}

export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  // `::ffff:10.0.0.1` is judged as the IPv4 address that it stands for.
  return !closed.check(address, family === 6 ? "ipv6" : "ipv4");
}

/** Refuses an address that a registry, and not the settings, named, unless it is `https` on the public internet. */
export async function requirePublic(url: URL): Promise<void> {
  const host = url.hostname.replace(/^\[|\]$/gu, "");
  if (url.protocol !== "https:" || url.username !== "" || url.password !== "") {
    throw new ReadFailure(
      "unsafe-address",
      `The registry led to ${url.host}, which is not plain https.`,
    );
  }
  const addresses = isIP(host) === 0 ? await addressesOf(host) : [host];
  if (addresses.length > 0 && addresses.every(isPublicAddress)) return;
  throw new ReadFailure(
    "unsafe-address",
    `The registry led to ${url.host}, which is not an address on the public internet.`,
  );
}

async function addressesOf(host: string): Promise<readonly string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch {
    throw new ReadFailure("unreachable", `The registry led to ${host}, which has no address.`);
  }
}
