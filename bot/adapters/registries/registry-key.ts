/** How a registry's host is written in the names of settings: `ghcr.io` is `GHCR_IO`. */
export function registryKey(host: string): string {
  return host.toUpperCase().replace(/[^A-Z0-9]/gu, "_");
}
