import { generateKeyPairSync } from "node:crypto";

import { describe, expect, it } from "vitest";

import { type ReadSettings, readSettings, type Settings } from "../bot/settings.ts";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
const curve = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const elliptic = curve.export({ type: "pkcs8", format: "pem" }).toString();

const least = { APP_ID: "17", PRIVATE_KEY: pem, WEBHOOK_SECRET: "0123456789abcdef" };

function noFile(path: string): string {
  throw Object.assign(new Error(`no such file: ${path}`), { code: "ENOENT" });
}

function settingsOf(read: ReadSettings): Settings {
  if (read.kind === "invalid") throw new Error(read.problems.join("\n"));
  return read.settings;
}

function read(more: Record<string, string | undefined>): Settings {
  return settingsOf(readSettings({ ...least, ...more }, noFile));
}

function problems(more: Record<string, string | undefined>): readonly string[] {
  const result = readSettings({ ...least, ...more }, noFile);
  return result.kind === "invalid" ? result.problems : [];
}

describe("readSettings", () => {
  it("reads the places that may be told", () => {
    const { notify, secrets } = read({
      NOTIFY_WEBHOOK_URL__ON_CALL: "https://hooks.example.com/a/b",
      NOTIFY_WEBHOOK_SECRET__ON_CALL: "a secret of sixteen",
      SLACK_TOKEN: "xoxb-1",
    });
    expect(notify).toEqual({
      endpoints: {
        "on-call": { url: "https://hooks.example.com/a/b", secret: "a secret of sixteen" },
      },
      slack: { url: "https://slack.com/api", token: "xoxb-1" },
    });
    expect(secrets).toContain("https://hooks.example.com/a/b");
    expect(secrets).toContain("xoxb-1");
  });

  it("takes Prometheus' credentials before its host, and hides them", () => {
    const { prometheusUrl, secrets } = read({ PROMETHEUS_URL: "https://me:hunter22@p/x/" });
    expect(prometheusUrl).toBe("https://me:hunter22@p/x");
    expect(secrets).toContain("hunter22");
    expect(read({ PROMETHEUS_URL: "http://:hunter22@p" }).secrets).toContain("hunter22");
    expect(problems({ PROMETHEUS_URL: "http://hunter22@p" })).toEqual([
      'PROMETHEUS_URL holds a user without a password: write "user:password@", or ":token@".',
    ]);
  });

  it("has a default for all but three", () => {
    const { secrets, ...settings } = read({});
    expect(settings).toEqual({
      github: { apiUrl: "https://api.github.com", appId: 17, privateKey: pem },
      http: {
        host: "127.0.0.1",
        port: 3000,
        maxBodyBytes: 2_097_152,
        webhookSecret: { current: "0123456789abcdef", previous: null },
        registryWebhookSecret: null,
        argocdWebhookToken: null,
      },
      queue: { kind: "embedded", dataDir: ".sluice" },
      argocd: [],
      registries: {
        hosts: [
          "ghcr.io",
          "docker.io",
          "quay.io",
          "gcr.io",
          "mcr.microsoft.com",
          "public.ecr.aws",
          "registry.gitlab.com",
          "registry.k8s.io",
        ],
        urls: {},
        auth: {},
      },
      notify: { endpoints: {}, slack: null },
      prometheusUrl: null,
      loadUrlTemplate: null,
      otlpEndpoint: null,
      role: "all",
      sigstoreTrustedRoot: null,
      sweepIntervalMs: 300_000,
      logLevel: "info",
    });
    expect(secrets).toEqual([pem, "0123456789abcdef"]);
  });

  it("reads everything", () => {
    const settings = read({
      WEBHOOK_SECRET_PREVIOUS: "fedcba9876543210",
      GITHUB_API_URL: "https://github.example.com/api/v3/",
      HOST: "::1",
      PORT: "0",
      SLUICE_MAX_BODY_BYTES: "26214400",
      REDIS_URL: "rediss://:p%40ssword@redis.example.com:6380/1",
      ARGOCD_URL: "https://argocd.example.com",
      ARGOCD_TOKEN: "eyJ.a.b",
      ARGOCD_URL__EU_1: "http://argocd.eu-1.svc/path",
      ARGOCD_TOKEN__EU_1: "eyJ.c.d",
      ARGOCD_WEBHOOK_TOKEN: "0123456789abcdeF",
      REGISTRY_WEBHOOK_SECRET: "0123456789abcdEF",
      REGISTRY_HOSTS: "GHCR.io,  localhost:5000",
      REGISTRY_URL__LOCALHOST_5000: "http://127.0.0.1:5001",
      REGISTRY_AUTH__GHCR_IO: "robot:token-of-robot",
      PROMETHEUS_URL: "http://prometheus:9090",
      LOAD_URL_TEMPLATE: "https://{tenant}.{environment}.example.com/{service}",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318",
      SLUICE_ROLE: "worker",
      SLUICE_SWEEP_INTERVAL: "90s",
      LOG_LEVEL: "DEBUG",
    });
    expect(settings).toMatchObject({
      github: { apiUrl: "https://github.example.com/api/v3" },
      http: {
        host: "::1",
        port: 0,
        maxBodyBytes: 26_214_400,
        argocdWebhookToken: "0123456789abcdeF",
      },
      queue: { kind: "redis", url: "rediss://:p%40ssword@redis.example.com:6380/1" },
      argocd: [
        { name: "default", url: "https://argocd.example.com", token: "eyJ.a.b" },
        { name: "eu-1", url: "http://argocd.eu-1.svc/path", token: "eyJ.c.d" },
      ],
      registries: {
        hosts: ["ghcr.io", "localhost:5000"],
        urls: { LOCALHOST_5000: "http://127.0.0.1:5001" },
        auth: { GHCR_IO: "robot:token-of-robot" },
      },
      loadUrlTemplate: "https://{tenant}.{environment}.example.com/{service}",
      role: "worker",
      sweepIntervalMs: 90_000,
      logLevel: "debug",
    });
    expect(settings.secrets).toEqual(
      expect.arrayContaining(["p@ssword", "token-of-robot", "eyJ.c.d", "fedcba9876543210"]),
    );
  });

  it.for<[string, string]>([
    ["PEM", pem],
    ["escaped line breaks", pem.replaceAll("\n", String.raw`\n`)],
    ["quotes", `"${pem.trim().replaceAll("\n", String.raw`\n`)}"`],
    ["base64", Buffer.from(pem).toString("base64")],
    ["Windows' line breaks", pem.replaceAll("\n", "\r\n")],
  ])("reads the private key as %s", ([, written]) => {
    expect(read({ PRIVATE_KEY: written }).github.privateKey).toBe(pem);
  });

  it("reads any setting from a file, also the App's key", () => {
    const files: Record<string, string> = {
      "/k": pem,
      "/s": "secret-of-16-chars\n",
      "/t": "eyJ.x.y\r\n",
    };
    const settings = settingsOf(
      readSettings(
        {
          APP_ID: "1",
          PRIVATE_KEY_PATH: "/k",
          WEBHOOK_SECRET_FILE: "/s",
          ARGOCD_URL__PROD: "https://a.example.com",
          ARGOCD_TOKEN__PROD_FILE: "/t",
        },
        (path) => files[path] ?? noFile(path),
      ),
    );
    expect(settings.github.privateKey).toBe(pem);
    expect(settings.http.webhookSecret.current).toBe("secret-of-16-chars");
    expect(settings.argocd).toEqual([
      { name: "prod", url: "https://a.example.com", token: "eyJ.x.y" },
    ]);
    expect(settings.secrets).toEqual(
      expect.arrayContaining([pem, "secret-of-16-chars", "eyJ.x.y"]),
    );
  });

  it("names everything that is missing or wrong at once", () => {
    const wrong = readSettings(
      {
        APP_ID: "my app",
        WEBHOOK_SECRET: "development",
        GITHUB_API_URL: "api.github.com",
        PORT: "http",
        HOST: "http://0.0.0.0",
        REDIS_URL: "redis.example.com",
        DATABASE_URL: "mysql://db",
        ARGOCD_URL: "https://user:pass@argocd.example.com",
        ARGOCD_TOKEN__PROD: "two words",
        REGISTRY_HOSTS: "https://ghcr.io",
        PROMETHEUS_URL: "http://p/?query=up",
        LOAD_URL_TEMPLATE: "https://{customer}.example.com",
        REGISTRY_WEBHOOK_SECRET: "short",
        SLUICE_ROLE: "recevier",
        SLUICE_SWEEP_INTERVAL: "5 minutes",
        LOG_LEVEL: "loud",
        WEBHOOK_SECRET_PREVIOUS_FILE: "/nowhere",
      },
      noFile,
    );
    expect(wrong.kind === "invalid" ? wrong.problems.join("\n") : "").toMatchInlineSnapshot(`
      "APP_ID is not a whole number between 1 and 1000000000000: write one.
      WEBHOOK_SECRET is Probot's "development": make one of your own, as \`openssl rand -hex 32\` does.
      WEBHOOK_SECRET_PREVIOUS_FILE names a file that cannot be read (ENOENT): mend the path or its permissions.
      GITHUB_API_URL is no address: write it as "https://host".
      HOST is no host: write an address, as "0.0.0.0".
      PORT is not a whole number between 0 and 65535: write one.
      REDIS_URL is no such address: write it as "redis://host/0".
      DATABASE_URL is no such address: write it as "postgres://host/0".
      REGISTRY_HOSTS is no list of hosts: write names without "https://", as in "ghcr.io, registry.example.com:5000".
      REGISTRY_WEBHOOK_SECRET is shorter than 16 characters: make one, as \`openssl rand -hex 32\` does.
      PROMETHEUS_URL holds "?" or "#": write the address alone.
      LOAD_URL_TEMPLATE holds an unknown placeholder: there are {tenant}, {environment} and {service}.
      SLUICE_ROLE is none of all, receiver, worker: did you mean "receiver"?
      SLUICE_SWEEP_INTERVAL is no duration between 1s and 1d: write it as in "5m".
      LOG_LEVEL is none of trace, debug, info, warn, error, fatal, silent: write one of them.
      PRIVATE_KEY is not set: write the App's private key, or its file as PRIVATE_KEY_PATH.
      ARGOCD_URL holds credentials: they have settings of their own.
      ARGOCD_TOKEN is not set, but the other half of it is: an Argo CD needs address and token.
      ARGOCD_URL__PROD is not set, but the other half of it is: an Argo CD needs address and token.
      ARGOCD_TOKEN__PROD holds blanks or characters that no token has: copy it again."
    `);
  });

  it("without anything, names the three and starts nothing", () => {
    const nothing = readSettings({}, noFile);
    expect(nothing).toEqual({
      kind: "invalid",
      problems: [
        expect.stringMatching(/^APP_ID is not set/),
        expect.stringMatching(/^WEBHOOK_SECRET is not set/),
        expect.stringMatching(/^PRIVATE_KEY is not set/),
      ],
    });
  });

  it.for<[string, Record<string, string | undefined>, RegExp]>([
    ["no webhook secret", { WEBHOOK_SECRET: undefined }, /^WEBHOOK_SECRET is not set/],
    ["an empty one", { WEBHOOK_SECRET: "" }, /^WEBHOOK_SECRET is not set/],
    ["a short one", { WEBHOOK_SECRET: "0123456789abcde" }, /^WEBHOOK_SECRET is shorter than 16/],
    ["Probot's", { WEBHOOK_SECRET: "development" }, /^WEBHOOK_SECRET is Probot's "development"/],
    ["a key that is none", { PRIVATE_KEY: "hello" }, /^PRIVATE_KEY is neither PEM/],
    [
      "half a key",
      { PRIVATE_KEY: pem.slice(0, 400) },
      /^PRIVATE_KEY is no private key that can be read/,
    ],
    ["a key of another kind", { PRIVATE_KEY: elliptic }, /^PRIVATE_KEY is no RSA key/],
    ["a key twice", { PRIVATE_KEY_PATH: "/k" }, /^PRIVATE_KEY and PRIVATE_KEY_PATH are both set/],
    ["a setting and its file", { PORT: "1", PORT_FILE: "/p" }, /^PORT and PORT_FILE are both set/],
    [
      "two queues",
      { REDIS_URL: "redis://a", DATABASE_URL: "postgres://b" },
      /both set: the queue is in one/,
    ],
    [
      "a role without a queue",
      { SLUICE_ROLE: "receiver" },
      /the embedded queue is for one process alone/,
    ],
    ["half an Argo CD", { ARGOCD_URL__PROD: "https://a" }, /^ARGOCD_TOKEN__PROD is not set/],
    ["the other half", { ARGOCD_TOKEN: "t" }, /^ARGOCD_URL is not set/],
    [
      "an Argo CD without a name",
      { ARGOCD_URL__: "https://a", ARGOCD_TOKEN__: "t" },
      /names no Argo CD/,
    ],
    [
      "an unknown registry",
      { REGISTRY_URL__GHCR_I0: "https://a" },
      /did you mean "REGISTRY_URL__GHCR_IO"/,
    ],
    ["a registry without a name", { REGISTRY_AUTH: "a:b" }, /^REGISTRY_AUTH names no host/],
  ])("refuses %s", ([, more, expected]) => {
    expect(problems(more)).toEqual([expect.stringMatching(expected)]);
  });
});
