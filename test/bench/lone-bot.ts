import { generateKeyPairSync } from "node:crypto";

export const webhookSecret = "a secret of the bench alone";

/** The settings of a bot that nobody answers: an edge and a queue are all that is measured. Made once: keys are dear. */
export function loneBotEnvironment(): Readonly<Record<string, string>> {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return {
    APP_ID: "1",
    PRIVATE_KEY: privateKey,
    WEBHOOK_SECRET: webhookSecret,
    // Refuses connections at once.
    GITHUB_API_URL: "http://127.0.0.1:9",
  };
}
