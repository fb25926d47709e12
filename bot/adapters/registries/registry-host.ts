import { registryKey } from "./registry-key.ts";

/** Milliseconds of one request. */
export type RegistryDeadlines = { readonly read: number };

/** How one registry is spoken to, all of it from the settings. */
export type RegistryHost = {
  readonly host: string;
  /** `https://ghcr.io`, without a slash at the end. */
  readonly base: URL;
  /** The settings name the address: it may then be anywhere, loopback included. */
  readonly overridden: boolean;
  readonly credential: Credential | null;
  readonly deadlines: RegistryDeadlines;
};

type Credential =
  | { readonly kind: "basic"; readonly value: string }
  | { readonly kind: "bearer"; readonly token: string };

/** Docker Hub's name is not where its registry answers. */
const addresses: Readonly<Record<string, string>> = { "docker.io": "registry-1.docker.io" };

export function registryHost(
  host: string,
  settings: {
    urls: Readonly<Record<string, string>>;
    auth: Readonly<Record<string, string>>;
    deadlines: RegistryDeadlines;
  },
): RegistryHost {
  const key = registryKey(host);
  const override = settings.urls[key];
  const auth = settings.auth[key];
  return {
    host,
    base: new URL(override ?? `https://${addresses[host] ?? host}`),
    overridden: override !== undefined,
    credential: auth === undefined ? null : credentialOf(auth),
    deadlines: settings.deadlines,
  };
}

/** `user:password` goes as Basic, anything else is a bearer token. */
function credentialOf(text: string): Credential {
  const trimmed = text.trim();
  if (!trimmed.includes(":")) return { kind: "bearer", token: trimmed };
  return { kind: "basic", value: Buffer.from(trimmed, "utf8").toString("base64") };
}
