import { generateKeyPairSync } from "node:crypto";

import { deliveryReaders } from "../../bot/read-deliveries.ts";

/** Sluice's own readers of what its edge has stored; nothing is called. */
export function readers(): ReturnType<typeof deliveryReaders> {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return deliveryReaders({ apiUrl: "http://127.0.0.1:1", appId: 1, privateKey, log });
}

function quiet(): void {}
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => log };
