import type { Bundle } from "@sigstore/bundle";
import * as z from "zod";

import type { Attestation } from "#core/attestation.ts";

const payloadType = "application/vnd.in-toto+json";

/** in-toto attestation framework, "Statement": what both versions have in common. */
const statementSchema = z.object({
  _type: z.enum(["https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"]),
  subject: z.array(z.object({ digest: z.record(z.string(), z.string()) })),
  predicateType: z.string(),
});

/** What a bundle states; null where it holds no such statement. Its signature is verified by whoever asks. */
export function readStatement({ content }: Bundle): Omit<Attestation, "signer"> | null {
  if (content.$case !== "dsseEnvelope" || content.dsseEnvelope.payloadType !== payloadType)
    return null;
  const parsed = statementSchema.safeParse(parseJson(content.dsseEnvelope.payload));
  if (!parsed.success) return null;
  const { subject, predicateType } = parsed.data;
  const subjects = subject.flatMap(({ digest }) =>
    digest["sha256"] === undefined ? [] : [`sha256:${digest["sha256"]}`],
  );
  return { subjects, predicateType };
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return null;
  }
}
