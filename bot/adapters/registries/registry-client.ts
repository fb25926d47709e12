import { readChallenge } from "./challenge.ts";
import { type Fetched, fetchLimited } from "./fetch-limited.ts";
import { requirePublic } from "./public-address.ts";
import { ReadFailure } from "./read-failure.ts";
import type { RegistryHost } from "./registry-host.ts";
import { fetchToken } from "./token.ts";

/** One repository of one registry for the time of one question; the token lives as long. */
export type RegistryClient = {
  /** `target` is below `/v2/<path>/`, or an absolute path of the registry itself. */
  get(target: string, options: { accept?: string; limit: number }): Promise<Fetched>;
};

const redirects = new Set([301, 302, 303, 307, 308]);

export function registryClient(
  registry: RegistryHost,
  path: string,
  signal: AbortSignal | undefined,
): RegistryClient {
  let authorization = firstAuthorization(registry);
  const { deadlines } = registry;

  async function send(url: URL, accept: string | undefined, limit: number): Promise<Fetched> {
    const headers: Record<string, string> = { "user-agent": "sluice" };
    if (accept !== undefined) headers["accept"] = accept;
    const own = url.origin === registry.base.origin;
    if (own && authorization !== null) headers["authorization"] = authorization;
    const answer = await fetchLimited(url, { headers, limit, deadlines, signal });
    const target = redirectOf(answer, url);
    if (target === null) return answer;
    // Blobs lie elsewhere, behind an address that is its own permission: nothing of ours goes along.
    if (target.origin !== registry.base.origin) await requirePublic(target);
    const elsewhere = target.origin === registry.base.origin ? headers : plain(headers);
    return fetchLimited(target, { headers: elsewhere, limit, deadlines, signal });
  }

  return {
    get: async (target, { accept, limit }) => {
      const url = addressOf(registry, path, target);
      const first = await send(url, accept, limit);
      if (first.status !== 401) return first;
      const challenge = readChallenge(first.headers.get("www-authenticate"));
      if (challenge?.scheme !== "bearer" || registry.credential?.kind === "bearer") return first;
      authorization = `Bearer ${await fetchToken(registry, challenge, path, signal)}`;
      return send(url, accept, limit);
    },
  };
}

function firstAuthorization({ credential }: RegistryHost): string | null {
  if (credential === null) return null;
  return credential.kind === "basic" ? `Basic ${credential.value}` : `Bearer ${credential.token}`;
}

function addressOf(registry: RegistryHost, path: string, target: string): URL {
  const root = registry.base.href.replace(/\/+$/u, "");
  const relative = !target.startsWith("/") && !URL.canParse(target);
  const url = new URL(relative ? `${root}/v2/${path}/${target}` : target, registry.base);
  if (url.origin === registry.base.origin) return url;
  throw new ReadFailure(
    "unsafe-address",
    `${registry.host} leads to another place for its own list.`,
  );
}

function redirectOf(answer: Fetched, from: URL): URL | null {
  const location = answer.headers.get("location");
  if (!redirects.has(answer.status) || location === null || !URL.canParse(location, from.href))
    return null;
  return new URL(location, from);
}

function plain(headers: Readonly<Record<string, string>>): Record<string, string> {
  const { authorization: _, ...rest } = headers;
  return rest;
}
