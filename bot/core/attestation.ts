/** What a bundle states whose signature has been verified: nothing of one that has not may be looked at. */
export type Attestation = {
  /** Digests of what it is about, each as `sha256:…`. */
  readonly subjects: readonly string[];
  /** `https://slsa.dev/provenance/v1` */
  readonly predicateType: string;
  readonly signer: AttestationSigner;
};

/** Who signed, as the certificate authority confirmed it. */
export type AttestationSigner = {
  /** `https://github.com/acme/demo-api/.github/workflows/ci.yml@refs/heads/main` */
  readonly identity: string;
  /** Who vouched for that identity. */
  readonly issuer: string;
  /** `https://github.com/acme/demo-api`; null where the certificate does not say it. */
  readonly sourceRepository: string | null;
  /** `refs/heads/main` */
  readonly sourceRef: string | null;
};

/** What became of one bundle. Only `verified` says anything about an image. */
export type BundleVerdict =
  | { readonly kind: "verified"; readonly attestation: Attestation }
  | { readonly kind: "invalid"; readonly sentence: string };

/** What is known of an artifact's attestation. Only `attested` lets it pass. */
export type AttestationState =
  | { readonly kind: "attested" }
  /** Nobody has attested it, or not yet. */
  | { readonly kind: "missing" }
  | {
      readonly kind: "refused";
      readonly reason: string;
      readonly sentence: string;
      readonly remedy: string;
    }
  /** It could not be found out now. */
  | {
      readonly kind: "unknown";
      readonly reason: string;
      readonly sentence: string;
      readonly remedy: string;
    };

/** Which attestation is asked for. */
export type AttestationWish = {
  /** `sha256:…` */
  readonly digest: string;
  /** `acme/demo-api` */
  readonly repository: string;
  readonly branch: string;
  /** As the policy writes it, see `signerOf`. */
  readonly workflow: string;
};

/** GitHub docs, "OpenID Connect reference": the issuer of every token of a workflow on public GitHub. */
const githubIssuer = "https://token.actions.githubusercontent.com";
const provenance = /^https:\/\/slsa\.dev\/provenance\/v\d+(?:\.\d+)?$/;

/** A workflow as it is written: the repository and the ref may be left out. */
export const workflowPattern =
  /^(?:[\w.-]+\/[\w.-]+\/)?\.github\/workflows\/[\w.-]+\.ya?ml(?:@refs\/(?:heads|tags)\/[^\s@]+)?$/;

/**
 * Who must have signed. A workflow without a repository is one of the source repository, and one without a ref ran from
 * the source branch: a workflow on any other branch is not what was reviewed.
 */
export function signerOf({ repository, branch, workflow }: AttestationWish): {
  readonly repository: string;
  readonly path: string;
  readonly ref: string;
} {
  const [whole = "", ref = `refs/heads/${branch}`] = workflow.split("@");
  if (whole.startsWith(".github/")) return { repository, path: whole, ref };
  const [owner = "", name = "", ...path] = whole.split("/");
  return { repository: `${owner}/${name}`, path: path.join("/"), ref };
}

/** The best of all that was found: one right attestation suffices, whatever else there is. */
export function judgeAttestations(
  wish: AttestationWish,
  verdicts: readonly BundleVerdict[],
): AttestationState {
  const states = verdicts.map((verdict) => judgeOne(wish, verdict));
  const best =
    states.find(({ kind }) => kind === "attested") ??
    states.find(({ kind }) => kind === "refused") ??
    states[0];
  return best ?? { kind: "missing" };
}

function judgeOne(wish: AttestationWish, verdict: BundleVerdict): AttestationState {
  if (verdict.kind === "invalid") {
    return refused(
      "attestation-invalid",
      `The attestation that GitHub keeps is not valid: ${verdict.sentence}`,
      "Do not merge it by hand before somebody knows why. Publish a newer artifact.",
    );
  }
  const { subjects, predicateType, signer } = verdict.attestation;
  // A list of parts, say, is signed as well, and says nothing about where the image was built.
  if (!provenance.test(predicateType)) return { kind: "missing" };
  const wanted = signerOf(wish);
  const identity = `${webAddress(wanted.repository)}/${wanted.path}@${wanted.ref}`;
  if (signer.issuer !== githubIssuer) {
    return refused(
      "foreign-issuer",
      `GitHub does not vouch for who signed the attestation, but ${signer.issuer} does.`,
      "Attest the image in its workflow on GitHub.",
    );
  }
  if (!sameAddress(signer.sourceRepository ?? "", webAddress(wish.repository))) {
    return refused(
      "foreign-repository",
      `The attestation is of ${short(signer.sourceRepository ?? "no repository")}, not of ${wish.repository}.`,
      "Publish the image from its own repository.",
    );
  }
  if (!sameAddress(signer.identity, identity)) {
    return refused(
      "foreign-workflow",
      `The attestation was signed by ${short(signer.identity)}, not by ${short(identity)}.`,
      "Publish the image from that workflow, or name the right one in the policy.",
    );
  }
  const own = sameAddress(webAddress(wanted.repository), webAddress(wish.repository));
  const ref = own ? wanted.ref : `refs/heads/${wish.branch}`;
  if (signer.sourceRef !== ref) {
    return refused(
      "foreign-ref",
      `The attestation is of a build of ${signer.sourceRef ?? "no ref"}, not of ${ref}.`,
      "Publish the image from there.",
    );
  }
  if (!subjects.includes(wish.digest)) {
    return refused(
      "other-digest",
      `The attestation is about another image than ${wish.digest}.`,
      "Attest the digest that was pushed.",
    );
  }
  return { kind: "attested" };
}

function refused(reason: string, sentence: string, remedy: string): AttestationState {
  return { kind: "refused", reason, sentence, remedy };
}

function webAddress(repository: string): string {
  return `https://github.com/${repository}`;
}

function short(address: string): string {
  return address.replace("https://github.com/", "");
}

/** GitHub does not tell upper from lower case in owners and names; in paths and refs it does. */
function sameAddress(one: string, other: string): boolean {
  return fold(one) === fold(other);
}

function fold(address: string): string {
  const parts = address.split("/");
  return [...parts.slice(0, 5).map((part) => part.toLowerCase()), ...parts.slice(5)].join("/");
}
