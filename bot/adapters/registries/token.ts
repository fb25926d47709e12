import type { Challenge } from "./challenge.ts";
import { fetchLimited } from "./fetch-limited.ts";
import { requirePublic } from "./public-address.ts";
import { ReadFailure } from "./read-failure.ts";
import type { RegistryHost } from "./registry-host.ts";

type Bearer = Extract<Challenge, { scheme: "bearer" }>;

/** Bytes of a token answer. */
const largest = 64 * 1024;

/** Who mints tokens for whom, where that is another site (the registries' own documentation). */
const minters: Readonly<Record<string, readonly string[]>> = {
  "docker.io": ["auth.docker.io"],
  "registry.gitlab.com": ["gitlab.com"],
};

/**
 * Gets a token to pull one repository. The realm comes from the registry, so it is only believed on the registry's own
 * site (or a known one), over https; and it is sent our credential there alone.
 */
export async function fetchToken(
  registry: RegistryHost,
  challenge: Bearer,
  path: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const url = await realmOf(registry, challenge.realm);
  // Never the scope of the challenge: it could ask for more than to pull this repository.
  url.searchParams.set("scope", `repository:${path}:pull`);
  if (challenge.service !== null) url.searchParams.set("service", challenge.service);
  const { credential, deadlines } = registry;
  const headers: Record<string, string> =
    credential?.kind === "basic" ? { authorization: `Basic ${credential.value}` } : {};
  const answer = await fetchLimited(url, { headers, limit: largest, deadlines, signal });
  const token = answer.status === 200 ? tokenIn(answer.body) : null;
  if (token !== null) return token;
  throw new ReadFailure(
    "not-allowed",
    `${registry.host} gave no token to read ${path} (${answer.status}); set REGISTRY_AUTH__<HOST> if it is private.`,
  );
}

async function realmOf(registry: RegistryHost, realm: string): Promise<URL> {
  if (URL.canParse(realm)) {
    const url = new URL(realm);
    if (url.origin === registry.base.origin) return url;
    if (registry.overridden && url.hostname === registry.base.hostname) return url;
    if (belongs(registry, url.hostname)) {
      await requirePublic(url);
      return url;
    }
  }
  throw new ReadFailure(
    "unsafe-address",
    `${registry.host} sends us for a token to a place that is not its own.`,
  );
}

function belongs(registry: RegistryHost, hostname: string): boolean {
  const own = registry.base.hostname;
  const named = minters[registry.host] ?? [];
  return named.includes(hostname) || hostname === own || hostname.endsWith(`.${own}`);
}

function tokenIn(body: Buffer): string | null {
  try {
    const { token, access_token: access } = JSON.parse(body.toString("utf8")) as Record<
      string,
      unknown
    >;
    const found = [token, access].find((each) => typeof each === "string" && each !== "");
    return typeof found === "string" ? found : null;
  } catch {
    return null;
  }
}
