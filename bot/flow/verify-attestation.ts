import type { Artifact } from "#core/artifact.ts";
import { judgeAttestations, type AttestationState } from "#core/attestation.ts";
import type { ServicePolicy } from "#core/policy.ts";

import type { RepositoryContext } from "./repository-context.ts";

/** Where an image was built: fetched from GitHub, and believed only once its signature has been verified here. */
export async function verifyAttestation(
  context: RepositoryContext,
  { source, name }: ServicePolicy,
  { digest }: Artifact,
  workflow: string,
): Promise<AttestationState> {
  if (source === null || digest === null)
    return {
      kind: "unknown",
      reason: "nobody-to-ask",
      sentence: `Nobody can be asked where ${name} was built.`,
      remedy: "Name the service's source repository in the policy.",
    };
  const { repository, branch } = source;
  const read = await context.installation.source(repository).attestations(digest);
  if (read.kind === "refused")
    return { ...read, kind: "unknown", reason: "attestations-not-readable" };
  const { attestations } = context.deps;
  const verdicts = read.bundles.map((bundle) => attestations.verify(bundle));
  return judgeAttestations({ digest, repository, branch, workflow }, verdicts);
}
