import type { Artifact } from "./artifact.ts";

/** One node of an application's resource tree. */
export type TreeNode = {
  readonly uid: string;
  readonly kind: string;
  readonly name: string;
  /** `uid`s of its owners. */
  readonly parents: readonly string[];
  readonly images: readonly string[];
  /** Argo CD's "Status Reason" of a pod: `Running`, `Completed`, `ImagePullBackOff`; empty where unknown. */
  readonly reason: string;
  readonly health: string;
  readonly message: string;
};

/**
 * What images say about an artifact: `only` it runs; `mixed` with others of the same repository; only `others`;
 * `none` of that repository is to be seen.
 */
export type ImageView = "only" | "mixed" | "others" | "none";

/** Compares images, as a pod names them, with the artifact; images of other repositories do not count. */
export function viewImages(images: readonly string[], artifact: Artifact): ImageView {
  const read = images.map(parseImage);
  const named = read.filter((image) => image.repository === normalise(artifact.repository));
  // Where the very repository is nowhere to be seen, a registry mirror may have rewritten its host.
  const relevant =
    named.length > 0
      ? named
      : read.filter((image) => lastSegment(image.repository) === lastSegment(artifact.repository));
  const promoted = relevant.filter((image) => isArtifact(image, artifact));
  if (relevant.length === 0) return "none";
  if (promoted.length === relevant.length) return "only";
  return promoted.length > 0 ? "mixed" : "others";
}

/** The images of the artifact's repository other than the artifact, for a sentence. */
export function foreignImages(images: readonly string[], artifact: Artifact): readonly string[] {
  const name = lastSegment(artifact.repository);
  return images.filter((text) => {
    const image = parseImage(text);
    return lastSegment(image.repository) === name && !isArtifact(image, artifact);
  });
}

/**
 * Images of the pods that still serve: neither finished ones, nor those of a Job or CronJob, which keep the image they
 * ran with (A9, step 10).
 */
export function livePodImages(nodes: readonly TreeNode[]): readonly string[] {
  const byUid = new Map(nodes.map((node) => [node.uid, node]));
  const pods = nodes.filter(
    (node) => node.kind === "Pod" && !finished.has(node.reason) && !ofJob(node, byUid, 0),
  );
  return [...new Set(pods.flatMap((pod) => pod.images))];
}

/** Why pods cannot start, one sentence each: seen here long before the application turns Degraded. */
export function podProblems(nodes: readonly TreeNode[]): readonly string[] {
  return nodes
    .filter((node) => node.kind === "Pod" && node.health === "Degraded")
    .map((pod) => [`pod ${pod.name}: ${pod.reason}`, pod.message].filter(Boolean).join(", "));
}

const finished = new Set(["Completed", "Succeeded", "Failed", "Evicted"]);

function ofJob(node: TreeNode, byUid: ReadonlyMap<string, TreeNode>, depth: number): boolean {
  if (node.kind === "Job" || node.kind === "CronJob") return true;
  if (depth > 10) return false;
  return node.parents.some((uid) => {
    const parent = byUid.get(uid);
    return parent !== undefined && ofJob(parent, byUid, depth + 1);
  });
}

type Image = { readonly repository: string; readonly tag: string; readonly digest: string };

/** `host/name:tag@digest`, tag and digest optional; without a host it is Docker Hub's. */
function parseImage(text: string): Image {
  const [name = "", digest = ""] = text.split("@", 2);
  const colon = name.lastIndexOf(":");
  const tagged = colon > name.lastIndexOf("/");
  return {
    repository: normalise(tagged ? name.slice(0, colon) : name),
    tag: tagged ? name.slice(colon + 1) : "",
    digest,
  };
}

function normalise(repository: string): string {
  const [first = "", ...rest] = repository.toLowerCase().split("/");
  const named = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  if (named) return [first === "index.docker.io" ? "docker.io" : first, ...rest].join("/");
  return rest.length === 0
    ? `docker.io/library/${first}`
    : `docker.io/${[first, ...rest].join("/")}`;
}

function lastSegment(repository: string): string {
  return repository.toLowerCase().slice(repository.lastIndexOf("/") + 1);
}

function isArtifact(image: Image, artifact: Artifact): boolean {
  if (image.digest !== "" && artifact.digest !== null) return image.digest === artifact.digest;
  return image.tag === artifact.tag;
}
