import {
  credentialedUrl,
  duration,
  host,
  hosts,
  integer,
  oneOf,
  type Parser,
  plainText,
  privateKey,
  secret,
  storeUrl,
  token,
  urlTemplate,
  webUrl,
} from "./settings-parsers.ts";

/** One environment variable. Each may also be given as a file, by its name and `_FILE`. */
export type Setting<T> = {
  readonly name: string;
  readonly group: string;
  /** What it is for; a line of `.env.example`. */
  readonly meaning: string;
  readonly parse: Parser<T>;
  /** What it is where nothing is written, as it would be written; null: nothing; absent: it must be written. */
  readonly fallback?: string | null;
  /** Never shown, and taken out of every log line. */
  readonly secret?: boolean;
};

type Required<T> = Setting<T> & { readonly required: true };
type Optional<T> = Setting<T> & { readonly required: false };

function required<T>(setting: Setting<T>): Required<T> {
  return { ...setting, required: true };
}

function optional<T>(setting: Setting<T>): Optional<T> {
  return { ...setting, fallback: null, required: false };
}

function defaulting<T>(setting: Setting<T> & { readonly fallback: string }): Required<T> {
  return { ...setting, required: true };
}

const app = "The GitHub App";
const edge = "Listening";
const queue = "The queue: Redis, PostgreSQL, or neither (embedded, one process)";
const argocd = "Argo CD";
const registries = "Registries";
const measuring = "Measuring";
const notifying = "Telling people";
const running = "Running";

/** Groups that families of settings stand in as well. */
export const settingGroups = { argocd, registries, notifying } as const;

/** Every setting with one name. */
export const settingsTable = {
  appId: required({
    name: "APP_ID",
    group: app,
    meaning: "Number of the App, from its settings page.",
    parse: integer(1, 1e12),
  }),
  privateKey: optional({
    name: "PRIVATE_KEY",
    group: app,
    secret: true,
    meaning:
      "The App's private key: PEM, also with \\n for line breaks, or base64. This or PRIVATE_KEY_PATH.",
    parse: privateKey,
  }),
  privateKeyPath: optional({
    name: "PRIVATE_KEY_PATH",
    group: app,
    meaning: "File with the App's private key.",
    parse: plainText,
  }),
  webhookSecret: required({
    name: "WEBHOOK_SECRET",
    group: app,
    secret: true,
    meaning: "The App's webhook secret, at least 16 characters.",
    parse: secret,
  }),
  webhookSecretPrevious: optional({
    name: "WEBHOOK_SECRET_PREVIOUS",
    group: app,
    secret: true,
    meaning: "The webhook secret before it, accepted too while a new one is rolled out.",
    parse: secret,
  }),
  githubApiUrl: defaulting({
    name: "GITHUB_API_URL",
    group: app,
    meaning: "Another address than public GitHub's: https://<host>/api/v3 of an Enterprise Server.",
    parse: webUrl,
    fallback: "https://api.github.com",
  }),

  host: defaulting({
    name: "HOST",
    group: edge,
    meaning: "Address to listen on; 0.0.0.0 in a container.",
    parse: host,
    fallback: "127.0.0.1",
  }),
  port: defaulting({
    name: "PORT",
    group: edge,
    meaning: "Port to listen on; 0: the system chooses.",
    parse: integer(0, 65_535),
    fallback: "3000",
  }),
  maxBodyBytes: defaulting({
    name: "SLUICE_MAX_BODY_BYTES",
    group: edge,
    meaning: "Largest delivery that is read; GitHub's own limit is 26214400.",
    parse: integer(65_536, 26_214_400),
    fallback: "2097152",
  }),

  redisUrl: optional({
    name: "REDIS_URL",
    group: queue,
    secret: true,
    meaning: "Redis or Valkey: recommended in production, needed for several replicas.",
    parse: storeUrl("redis:", "rediss:"),
  }),
  databaseUrl: optional({
    name: "DATABASE_URL",
    group: queue,
    secret: true,
    meaning: "PostgreSQL instead.",
    parse: storeUrl("postgres:", "postgresql:"),
  }),
  dataDir: defaulting({
    name: "DATA_DIR",
    group: queue,
    meaning: "Folder of the embedded queue, for one process alone.",
    parse: plainText,
    fallback: ".sluice",
  }),

  argocdWebhookToken: optional({
    name: "ARGOCD_WEBHOOK_TOKEN",
    group: argocd,
    secret: true,
    meaning:
      "Bearer token of Argo CD's notifications, at least 16 characters; without it POST /webhooks/argocd is off.",
    parse: secret,
  }),

  registryHosts: defaulting({
    name: "REGISTRY_HOSTS",
    group: registries,
    meaning: "The only registries that are ever read.",
    parse: hosts,
    fallback:
      "ghcr.io, docker.io, quay.io, gcr.io, mcr.microsoft.com, public.ecr.aws, registry.gitlab.com, registry.k8s.io",
  }),
  registryWebhookSecret: optional({
    name: "REGISTRY_WEBHOOK_SECRET",
    group: registries,
    secret: true,
    meaning:
      "Signs POST /webhooks/registry/generic, at least 16 characters; without it that is off.",
    parse: secret,
  }),

  prometheusUrl: optional({
    name: "PROMETHEUS_URL",
    group: measuring,
    secret: true,
    meaning:
      "Where metric gates and error budgets ask. Credentials stand before the host: user:password@, or :token@ for a bearer token.",
    parse: credentialedUrl,
  }),
  sigstoreTrustedRoot: optional({
    name: "SIGSTORE_TRUSTED_ROOT",
    group: measuring,
    meaning:
      "File with the roots that attestations are verified against, as gh attestation trusted-root prints it; default: that of public repositories.",
    parse: plainText,
  }),
  loadUrlTemplate: optional({
    name: "LOAD_URL_TEMPLATE",
    group: measuring,
    meaning:
      "Where load gates find a tenant's service: https://{tenant}.{environment}.example.com, also with {service}.",
    parse: urlTemplate,
  }),
  otlpEndpoint: optional({
    name: "OTEL_EXPORTER_OTLP_ENDPOINT",
    group: measuring,
    meaning: "Where spans go by OTLP over HTTP; without it there are none.",
    parse: webUrl,
  }),

  slackToken: optional({
    name: "SLACK_TOKEN",
    group: notifying,
    secret: true,
    meaning:
      "Token of a Slack bot with the scope chat:write; without it nothing is told there. With channels:history or groups:history too, a message whose answer was lost is found again, not sent twice.",
    parse: token,
  }),
  slackApiUrl: defaulting({
    name: "SLACK_API_URL",
    group: notifying,
    meaning: "Another address of Slack's API.",
    parse: webUrl,
    fallback: "https://slack.com/api",
  }),

  role: defaulting({
    name: "SLUICE_ROLE",
    group: running,
    meaning: "all, receiver (webhooks only) or worker (jobs only).",
    parse: oneOf(["all", "receiver", "worker"]),
    fallback: "all",
  }),
  sweepIntervalMs: defaulting({
    name: "SLUICE_SWEEP_INTERVAL",
    group: running,
    meaning: "How often missed deliveries are looked for and every repository is reconciled.",
    parse: duration("1s", "1d"),
    fallback: "5m",
  }),
  logLevel: defaulting({
    name: "LOG_LEVEL",
    group: running,
    meaning: "trace, debug, info, warn, error, fatal or silent.",
    parse: oneOf(["trace", "debug", "info", "warn", "error", "fatal", "silent"]),
    fallback: "info",
  }),
};

type Table = typeof settingsTable;

/** What the table says once nothing is wrong. */
export type TableValues = {
  readonly [Key in keyof Table]: Table[Key] extends Required<infer T>
    ? T
    : Table[Key] extends Optional<infer T>
      ? T | null
      : never;
};
