/** OCI distribution specification 1.1: the grammar of a repository name's path. */
const componentPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const hostPattern =
  /^(?:localhost|[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+)(?::[0-9]{1,5})?$|^[a-z0-9-]+:[0-9]{1,5}$/;

/**
 * What is wrong with an image name as the policy writes it (registry and repository, no tag, no digest), with the
 * remedy; null when nothing is.
 */
export function imageNameProblem(image: string): string | null {
  if (image.includes("@")) {
    return "the image names a digest: write registry and repository only, Sluice finds the digests";
  }
  if (image.lastIndexOf(":") > image.lastIndexOf("/")) {
    return 'the image names a tag: write registry and repository only, "tags.match" says which tags count';
  }
  if (image !== image.toLowerCase()) {
    return `image names are lower case: write "${image.toLowerCase()}"`;
  }
  const [host = "", ...path] = image.split("/");
  if (path.length === 0 || !/[.:]|^localhost$/.test(host)) {
    return 'the image names no registry: write it in front, as in "ghcr.io/acme/demo-api" or "docker.io/library/nginx"';
  }
  if (image.length > 255) return "an image name has at most 255 characters";
  if (!hostPattern.test(host)) return "the registry is not a host name with an optional port";
  if (!path.every((component) => componentPattern.test(component))) {
    return 'the repository is not a valid image name: lower-case letters and digits, separated by ".", "_" or "-"';
  }
  return null;
}
