/**
 * One image: repository + tag + digest, and the source revision it was built from.
 *
 * `repository` is lower case and names its registry (`ghcr.io/acme/demo-api`). `digest` is null where nobody has
 * stated it yet, `revision` (a full 40-hex commit SHA) likewise: unknown, never "none".
 */
export type Artifact = {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string | null;
  readonly revision: string | null;
};

/** OCI distribution specification 1.1, "Pulling manifests": the grammar of a tag. */
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
/** OCI image specification, "Digests", restricted to the one algorithm that registries use. */
const digestPattern = /^sha256:[a-f0-9]{64}$/;
const revisionPattern = /^[a-f0-9]{40}$/;

export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

/** A tag that names another image every day: nothing is ever promoted, or taken back, to it. */
export function isFloating(tag: string): boolean {
  return tag === "latest";
}

export function isDigest(text: string): boolean {
  return digestPattern.test(text);
}

export function isRevision(text: string): boolean {
  return revisionPattern.test(text);
}

/** `repository:tag@digest`, or `repository:tag` while the digest is unknown: the form of trailers and logs. */
export function formatArtifact(artifact: Artifact): string {
  const name = `${artifact.repository}:${artifact.tag}`;
  return artifact.digest === null ? name : `${name}@${artifact.digest}`;
}

/** Reads back what `formatArtifact` wrote; null for anything else. The revision is not part of that form. */
export function parseArtifact(text: string): Artifact | null {
  const at = text.indexOf("@");
  const name = at === -1 ? text : text.slice(0, at);
  const digest = at === -1 ? null : text.slice(at + 1);
  const colon = name.lastIndexOf(":");
  if (colon <= name.lastIndexOf("/")) return null;
  const repository = name.slice(0, colon);
  const tag = name.slice(colon + 1);
  if (repository === "" || !isTag(tag) || (digest !== null && !isDigest(digest))) return null;
  return { repository, tag, digest, revision: null };
}

/** The same image as far as is known: equal tags, and digests that do not contradict each other. */
export function sameArtifact(one: Artifact, other: Artifact): boolean {
  if (one.repository !== other.repository || one.tag !== other.tag) return false;
  return one.digest === null || other.digest === null || one.digest === other.digest;
}
