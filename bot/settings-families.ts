import { credential, secret, token, webUrl } from "./settings-parsers.ts";
import { settingGroups, type Setting } from "./settings-table.ts";

type Family = Setting<string> & {
  /** Also without a name behind it. */
  readonly bare: boolean;
};

/**
 * Settings with a name of somebody's own behind two underscores: an Argo CD instance, or a registry's host, in upper
 * case, other characters as `_`. Without it, `ARGOCD_URL` and `ARGOCD_TOKEN` are those of the instance `default`.
 */
export const settingFamilies = {
  argocdUrl: {
    name: "ARGOCD_URL",
    group: settingGroups.argocd,
    bare: true,
    meaning: "Address of the instance default; ARGOCD_URL__PROD is that of prod.",
    parse: webUrl,
    fallback: null,
  },
  argocdToken: {
    name: "ARGOCD_TOKEN",
    group: settingGroups.argocd,
    bare: true,
    secret: true,
    meaning: "API token of the same instance; ARGOCD_TOKEN__PROD.",
    parse: token,
    fallback: null,
  },
  notifyUrl: {
    name: "NOTIFY_WEBHOOK_URL",
    group: settingGroups.notifying,
    bare: false,
    secret: true,
    meaning: "An endpoint that a policy may name: NOTIFY_WEBHOOK_URL__ON_CALL is that of on-call.",
    parse: webUrl,
    fallback: null,
  },
  notifySecret: {
    name: "NOTIFY_WEBHOOK_SECRET",
    group: settingGroups.notifying,
    bare: false,
    secret: true,
    meaning:
      "Signs what the same endpoint is sent, at least 16 characters; NOTIFY_WEBHOOK_SECRET__ON_CALL.",
    parse: secret,
    fallback: null,
  },
  registryUrl: {
    name: "REGISTRY_URL",
    group: settingGroups.registries,
    bare: false,
    meaning: "Another address for a host: REGISTRY_URL__GHCR_IO.",
    parse: webUrl,
    fallback: null,
  },
  registryAuth: {
    name: "REGISTRY_AUTH",
    group: settingGroups.registries,
    bare: false,
    secret: true,
    meaning: "user:password or a token for a host: REGISTRY_AUTH__GHCR_IO.",
    parse: credential,
    fallback: null,
  },
} satisfies Readonly<Record<string, Family>>;
