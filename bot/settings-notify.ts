import { isName, nameRule } from "#core/name.ts";

import { settingFamilies } from "./settings-families.ts";
import type { SettingsSource } from "./settings-source.ts";

/** Endpoints that may be told, by the name that a policy writes. */
export type NotifyEndpoints = Readonly<
  Record<string, { readonly url: string; readonly secret: string }>
>;

/** `NOTIFY_WEBHOOK_URL__ON_CALL` is the address of `on-call`; every endpoint has a secret of its own. */
export function readEndpoints(source: SettingsSource): NotifyEndpoints {
  const { notifyUrl, notifySecret } = settingFamilies;
  const suffixes = new Set(
    [...source.names()].flatMap((name) =>
      [notifyUrl.name, notifySecret.name].flatMap((family) =>
        name.startsWith(`${family}__`) ? [name.slice(family.length)] : [],
      ),
    ),
  );
  const endpoints: Record<string, { url: string; secret: string }> = {};
  for (const suffix of [...suffixes].sort()) {
    const name = suffix.slice(2).toLowerCase().replaceAll("_", "-");
    if (!isName(name) || suffix !== suffix.toUpperCase()) {
      source.problems.push(
        `${notifyUrl.name}${suffix} names no endpoint: behind "__" stands its name in upper case, "-" as "_"; ${nameRule}.`,
      );
      continue;
    }
    const [url, secret] = [notifyUrl, notifySecret].map((family) => {
      const setting = `${family.name}${suffix}`;
      if (source.names().has(setting)) return source.read<string>(family, setting);
      source.problems.push(
        `${setting} is not set, but the other half of it is: an endpoint needs address and secret.`,
      );
      return null;
    });
    endpoints[name] = { url: url ?? "", secret: secret ?? "" };
  }
  return endpoints;
}
