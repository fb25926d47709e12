/** What a registry asks for on 401. */
export type Challenge =
  | {
      readonly scheme: "bearer";
      readonly realm: string;
      readonly service: string | null;
      readonly scope: string | null;
    }
  | { readonly scheme: "basic" };

/** Reads `WWW-Authenticate` (RFC 9110, section 11.6.1), the first scheme that is known; null for any other. */
export function readChallenge(header: string | null): Challenge | null {
  const [, scheme = "", rest = ""] = /^\s*(\w+)\s*(.*)$/su.exec(header ?? "") ?? [];
  if (/^basic$/iu.test(scheme)) return { scheme: "basic" };
  if (!/^bearer$/iu.test(scheme)) return null;
  const parameters = new Map<string, string>();
  for (const match of rest.matchAll(/(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/gsu)) {
    const [, name = "", quoted, plain = ""] = match;
    parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/gsu, "$1") ?? plain);
  }
  const realm = parameters.get("realm");
  if (realm === undefined) return null;
  const [service, scope] = ["service", "scope"].map((name) => parameters.get(name) ?? null);
  return { scheme: "bearer", realm, service: service ?? null, scope: scope ?? null };
}
