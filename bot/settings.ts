import { registryKey } from "#adapters/registries/registry-key.ts";
import { isName, nameRule } from "#core/name.ts";
import { didYouMean } from "#core/nearest.ts";

import { settingFamilies } from "./settings-families.ts";
import { findMisspelt } from "./settings-names.ts";
import { type NotifyEndpoints, readEndpoints } from "./settings-notify.ts";
import { type Environment, type ReadFile, SettingsSource } from "./settings-source.ts";
import { settingsTable, type TableValues } from "./settings-table.ts";

/** Everything that the environment says, checked and with defaults. */
export type Settings = {
  readonly github: {
    readonly apiUrl: string;
    readonly appId: number;
    /** PEM. */ readonly privateKey: string;
  };
  readonly http: {
    readonly host: string;
    /** 0: the system chooses. */
    readonly port: number;
    readonly maxBodyBytes: number;
    readonly webhookSecret: { readonly current: string; readonly previous: string | null };
    readonly registryWebhookSecret: string | null;
    readonly argocdWebhookToken: string | null;
  };
  readonly queue:
    | { readonly kind: "embedded"; readonly dataDir: string }
    | { readonly kind: "postgres"; readonly url: string }
    | { readonly kind: "redis"; readonly url: string };
  /** By name; none where no Argo CD is set. */
  readonly argocd: readonly {
    readonly name: string;
    readonly url: string;
    readonly token: string;
  }[];
  readonly registries: {
    readonly hosts: readonly string[];
    /** By `registryKey` of a host: `GHCR_IO`. */
    readonly urls: Readonly<Record<string, string>>;
    readonly auth: Readonly<Record<string, string>>;
  };
  readonly notify: {
    readonly endpoints: NotifyEndpoints;
    /** Null: no Slack is set up. */
    readonly slack: { readonly url: string; readonly token: string } | null;
  };
  readonly prometheusUrl: string | null;
  readonly loadUrlTemplate: string | null;
  /** Text of the file. */
  readonly sigstoreTrustedRoot: string | null;
  readonly otlpEndpoint: string | null;
  readonly role: "all" | "receiver" | "worker";
  readonly sweepIntervalMs: number;
  readonly logLevel: "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";
  /** What must never be shown, for the log's redaction. */
  readonly secrets: readonly string[];
};

export type ReadSettings =
  | { readonly kind: "settings"; readonly settings: Settings }
  /** Sentences, each with the setting's name and the remedy, never with its value. */
  | { readonly kind: "invalid"; readonly problems: readonly string[] };

/** Reads all settings; every problem is named at once. */
export function readSettings(environment: Environment, readFile: ReadFile): ReadSettings {
  const source = new SettingsSource(environment, readFile);
  const table = readTable(source);
  const key = readPrivateKey(source, table);
  const queue = chooseQueue(source, table);
  const argocd = readArgocd(source);
  const registries = readRegistries(source, table.registryHosts ?? []);
  const endpoints = readEndpoints(source);
  const { sigstoreTrustedRoot: rootFile } = table;
  const sigstoreTrustedRoot =
    rootFile === null ? null : source.file("SIGSTORE_TRUSTED_ROOT", rootFile);
  source.problems.push(...findMisspelt(source.names()));
  if (source.problems.length > 0) return { kind: "invalid", problems: source.problems };
  const settings: Settings = {
    github: { apiUrl: table.githubApiUrl, appId: table.appId, privateKey: key },
    http: {
      host: table.host,
      port: table.port,
      maxBodyBytes: table.maxBodyBytes,
      webhookSecret: { current: table.webhookSecret, previous: table.webhookSecretPrevious },
      registryWebhookSecret: table.registryWebhookSecret,
      argocdWebhookToken: table.argocdWebhookToken,
    },
    queue,
    argocd,
    registries,
    notify: {
      endpoints,
      slack: table.slackToken === null ? null : { url: table.slackApiUrl, token: table.slackToken },
    },
    prometheusUrl: table.prometheusUrl,
    loadUrlTemplate: table.loadUrlTemplate,
    sigstoreTrustedRoot,
    otlpEndpoint: table.otlpEndpoint,
    role: table.role,
    sweepIntervalMs: table.sweepIntervalMs,
    logLevel: table.logLevel,
    secrets: [...source.secrets],
  };
  return { kind: "settings", settings };
}

/** Where a required value is missing there is a problem, and then nothing of this is used. */
function readTable(source: SettingsSource): TableValues {
  const entries = Object.entries(settingsTable).map(
    ([key, setting]) => [key, source.read<unknown>(setting)] as const,
  );
  return Object.fromEntries(entries) as TableValues;
}

function readPrivateKey(source: SettingsSource, table: TableValues): string {
  const { problems } = source;
  if (table.privateKeyPath === null) {
    if (table.privateKey === null && !problems.some((each) => each.startsWith("PRIVATE_KEY"))) {
      problems.push(
        "PRIVATE_KEY is not set: write the App's private key, or its file as PRIVATE_KEY_PATH.",
      );
    }
    return table.privateKey ?? "";
  }
  if (table.privateKey !== null) {
    problems.push("PRIVATE_KEY and PRIVATE_KEY_PATH are both set: keep one.");
    return table.privateKey;
  }
  const text = source.file("PRIVATE_KEY_PATH", table.privateKeyPath);
  if (text === null) return "";
  return source.parse({ ...settingsTable.privateKey, name: "PRIVATE_KEY_PATH" }, text) ?? "";
}

function chooseQueue({ problems }: SettingsSource, table: TableValues): Settings["queue"] {
  const { redisUrl, databaseUrl, dataDir, role } = table;
  if (redisUrl !== null && databaseUrl !== null) {
    problems.push(
      "REDIS_URL and DATABASE_URL are both set: the queue is in one of them, keep one.",
    );
  }
  if (redisUrl !== null) return { kind: "redis", url: redisUrl };
  if (databaseUrl !== null) return { kind: "postgres", url: databaseUrl };
  if (role === "receiver" || role === "worker") {
    problems.push(
      `SLUICE_ROLE is ${role}, and the embedded queue is for one process alone: set REDIS_URL or DATABASE_URL, or use the role all.`,
    );
  }
  return { kind: "embedded", dataDir };
}

/** `ARGOCD_URL__EU_1` is the address of `eu-1`. */
function readArgocd(source: SettingsSource): Settings["argocd"] {
  const { argocdUrl, argocdToken } = settingFamilies;
  const suffixes = new Set([
    ...suffixesOf(source, argocdUrl.name),
    ...suffixesOf(source, argocdToken.name),
  ]);
  return [...suffixes].sort().flatMap((suffix) => {
    const name = suffix === "" ? "default" : suffix.slice(2).toLowerCase().replaceAll("_", "-");
    if (!isName(name) || suffix !== suffix.toUpperCase()) {
      source.problems.push(
        `${argocdUrl.name}${suffix} names no Argo CD: behind "__" stands its name in upper case, "-" as "_"; ${nameRule}.`,
      );
      return [];
    }
    if (suffix === "__DEFAULT" && suffixes.has("")) {
      source.problems.push(
        `${argocdUrl.name} and ${argocdUrl.name}__DEFAULT are both set: keep one.`,
      );
    }
    const [url, token] = [argocdUrl, argocdToken].map((family) => {
      const setting = `${family.name}${suffix}`;
      if (!source.names().has(setting)) {
        source.problems.push(
          `${setting} is not set, but the other half of it is: an Argo CD needs address and token.`,
        );
        return null;
      }
      return source.read<string>(family, setting);
    });
    return [{ name, url: url ?? "", token: token ?? "" }];
  });
}

function readRegistries(source: SettingsSource, hosts: readonly string[]): Settings["registries"] {
  const keys = hosts.map(registryKey);
  const readFamily = (family: (typeof settingFamilies)["registryUrl" | "registryAuth"]) => {
    const values: Record<string, string> = {};
    for (const suffix of suffixesOf(source, family.name)) {
      const key = suffix.slice(2);
      if (key === "") {
        source.problems.push(`${family.name} names no host: write ${family.name}__GHCR_IO.`);
      } else if (!keys.includes(key)) {
        const remedy = didYouMean(
          `${family.name}__${key}`,
          keys.map((each) => `${family.name}__${each}`),
        );
        source.problems.push(
          `${family.name}__${key} is for a host that REGISTRY_HOSTS does not name${remedy || ": add it there"}`,
        );
      }
      values[key] = source.read<string>(family, `${family.name}${suffix}`) ?? "";
    }
    return values;
  };
  return {
    hosts,
    urls: readFamily(settingFamilies.registryUrl),
    auth: readFamily(settingFamilies.registryAuth),
  };
}

/** What stands behind the name of a family in the names that are written: `""`, `__PROD`. */
function suffixesOf(source: SettingsSource, family: string): string[] {
  return [...source.names()].flatMap((name) => {
    const suffix = name.slice(family.length);
    return name.startsWith(family) && (suffix === "" || suffix.startsWith("__")) ? [suffix] : [];
  });
}
