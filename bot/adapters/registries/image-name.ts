/** A repository in a registry: the host that its name states, and the path that the registry knows it by. */
export type ImageName = { readonly host: string; readonly path: string };

/** OCI distribution specification 1.1, "Pulling manifests": the grammar of a name. */
const pathPattern =
  /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/u;
const hostPattern = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/u;

/** `ghcr.io/acme/api` → `{host, path}`; null where it is no name with its registry. */
export function imageName(repository: string): ImageName | null {
  const slash = repository.indexOf("/");
  const host = repository.slice(0, Math.max(0, slash));
  const path = repository.slice(slash + 1);
  const named = host.includes(".") || host.includes(":") || host === "localhost";
  if (!named || !hostPattern.test(host) || path.length > 255 || !pathPattern.test(path))
    return null;
  // Docker Hub keeps its official images under `library`.
  const official = host === "docker.io" && !path.includes("/");
  return { host, path: official ? `library/${path}` : path };
}
